import { expect } from "chai";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { callApi, chatBody } from "../support/apiCall";
import { describeInBrowser, launchChromium, signedInContext } from "../support/browser";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";

const ZONE = "America/Chicago";

/** `Wed 14:00` there, now. */
function hourThere(): string {
  const parts = new Intl.DateTimeFormat("en-US", { timeZone: ZONE, weekday: "short", hour: "2-digit", hourCycle: "h23" }).formatToParts(new Date());
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? "";
  return `${part("weekday")} ${part("hour")}:00`;
}

describeInBrowser("the usage page in a browser", function () {
  this.timeout(60_000);
  let lumen: LumenProcess;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  /** The hours in which the calls may have ended: one, or two where the clock struck meanwhile. */
  const hours = new Set<string>();

  before(async () => {
    lumen = await startLumenProcess();
    browser = await launchChromium();
    context = await signedInContext(browser, lumen, "ana@example.edu", { timezoneId: ZONE });
    const { key } = await lumen.json<{ key: string }>("key", "create", "--user", "ana@example.edu", "--name", "laptop");
    hours.add(hourThere());
    for (let call = 0; call < 3; call += 1) {
      const { status } = await callApi(lumen.url, "/v1/chat/completions", { key, body: chatBody("dummy") });
      expect(status).to.equal(200);
    }
    hours.add(hourThere());
    page = await context.newPage();
  });
  after(async () => {
    await browser?.close();
    await lumen?.remove();
  });

  const chart = (name: string) => page.getByRole("group", { name });
  /** What is said of the value that was chosen. */
  const readout = async (of: ReturnType<typeof chart>) => (await of.locator("xpath=..").locator(".chart-readout").textContent()) ?? "";

  it("reads the values of a line by the arrow keys and under the pointer, from the last one back", async () => {
    await page.goto("/usage?period=week");
    const requests = chart("Requests").first();
    await requests.focus();
    await page.keyboard.press("End");
    expect(await readout(requests)).to.match(/: 3 requests$/);
    const last = await readout(requests);
    await page.keyboard.press("ArrowLeft");
    expect(await readout(requests)).to.match(/: 0 requests$/);
    await page.keyboard.press("ArrowRight");
    expect(await readout(requests)).to.equal(last);
    await page.keyboard.press("Home");
    await requests.locator(".chart-point").last().hover();
    expect(await readout(requests)).to.equal(last);
  });

  it("offers each picture as a table, opened by the keyboard, with the numbers of the ledger", async () => {
    const books = await lumen.json<{ requests: number; tokens: number }>("usage", "--user", "ana@example.edu");
    await page.goto("/usage?period=week");
    const pictures = await page.locator(".usage-report section.card").count();
    expect(await page.locator(".usage-report section.card details.chart-table").count(), "one for each picture").to.equal(pictures);
    await page.locator("summary", { hasText: "Use by model" }).focus();
    await page.keyboard.press("Enter");
    const row = page.getByRole("table", { name: "Use by model" }).getByRole("row", { name: /dummy/ });
    expect((await row.getByRole("cell").allInnerTexts()).slice(0, 2)).to.deep.equal([books.requests.toLocaleString("en-US"), books.tokens.toLocaleString("en-US")]);
  });

  it("counts hours in the reader's zone, on the first visit too, and says which", async () => {
    await context.clearCookies({ name: "lumen_zone" });
    await page.goto("/usage");
    const when = page.locator("#usage-when");
    await page.locator(`#usage-when[data-zone="${ZONE}"]`).waitFor();
    expect(await when.innerText()).to.include(`your time (${ZONE})`);
    const used = await when.locator("[data-value]:not(.heat-0)").evaluateAll((cells) => cells.map((cell) => cell.getAttribute("data-value") ?? ""));
    expect(used.map((label) => label.split(": ")[0])).to.satisfy((labels: string[]) => labels.length > 0 && labels.every((label) => hours.has(label)), `${used.join()} where ${[...hours].join()} was wanted`);
    const heat = chart("Requests by weekday and hour");
    await heat.focus();
    await page.keyboard.press("End");
    expect(await readout(heat)).to.match(/^Sun 23:00: /);
    await page.keyboard.press("ArrowUp");
    expect(await readout(heat), "a row is a day").to.match(/^Sat 23:00: /);
  });
});
