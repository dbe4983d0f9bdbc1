import { expect } from "chai";
import type { Browser, Page } from "playwright-core";
import { describeInBrowser, launchChromium, signedInContext } from "../support/browser";
import { keepLongConversation } from "../support/longConversation";
import { prepareLumen, type LumenProcess } from "../support/lumenProcess";
import { testConfig } from "../support/testConfig";

const ANNA = "anna@example.edu";

describeInBrowser("a conversation of 2,000 messages in a browser", () => {
  let lumen: LumenProcess;
  let browser: Browser;
  let page: Page;

  before(async function () {
    this.timeout(120_000);
    lumen = await prepareLumen({ config: testConfig({ urls: ["http://127.0.0.1:9/v1"] }) });
    await lumen.cli("user", "create", ANNA);
    await keepLongConversation(lumen, ANNA);
    await lumen.start();
    browser = await launchChromium();
    page = await (await signedInContext(browser, lumen, ANNA, { viewport: { width: 1280, height: 860 } })).newPage();
    page.setDefaultTimeout(30_000);
  });
  after(async () => {
    await browser?.close();
    await lumen?.remove();
  });

  /** The longest task, in ms, from the first script of a page until it has drawn its end and stood still. */
  const longestTask = async (): Promise<number> => {
    await page.goto("/chat/long");
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    const tasks = await page.evaluate(() => new Promise<{ startTime: number; duration: number }[]>((resolve) => {
      new PerformanceObserver((list) => resolve(list.getEntries().map(({ startTime, duration }) => ({ startTime, duration })))).observe({ type: "longtask", buffered: true });
      requestAnimationFrame(() => requestAnimationFrame(() => resolve([])));
    }));
    const loaded = await page.evaluate(() => (performance.getEntriesByType("navigation")[0] as PerformanceNavigationTiming).loadEventEnd);
    return Math.max(0, ...tasks.filter(({ startTime }) => startTime > loaded).map(({ duration }) => Math.round(duration)));
  };

  it("opens at its end without a long task of 200 ms after it has loaded", async function () {
    this.timeout(120_000);
    // Others may use this machine: the smallest of three runs tells what the page itself takes.
    const longest: number[] = [];
    while (longest.length < 3 && !longest.some((ms) => ms < 200)) longest.push(await longestTask());
    expect(Math.min(...longest), longest.join(", ")).to.be.lessThan(200);
    expect(await page.locator(".chat-message").count()).to.equal(120);
    expect(await page.locator("#message-m1999").isVisible()).to.equal(true);
  });

  it("shows earlier messages above, and what is read stays where it is", async () => {
    await page.locator("#chat-scroll").evaluate((scroll) => { scroll.scrollTop = 0; });
    const place = () => page.locator("#message-m1880").evaluate((message) => Math.round(message.getBoundingClientRect().top));
    const before = await place();
    await page.getByRole("link", { name: "Show earlier messages" }).click();
    await page.locator("#message-m1760").waitFor({ state: "attached" });
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    expect(await page.locator(".chat-message").count()).to.equal(240);
    // The button above it has gone, and no more than that.
    expect(Math.abs((await place()) - before)).to.be.lessThan(100);
    expect(new URL(page.url()).search).to.equal("");
  });
});
