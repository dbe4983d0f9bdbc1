import { expect } from "chai";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { describeInBrowser, launchChromium, signedInContext } from "../support/browser";
import { startFakeUpstream, type FakeUpstream } from "../support/fakeUpstream";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { testConfig } from "../support/testConfig";
import { chatUpstream } from "./chatUpstream";

const ANNA = "anna@example.edu";
const PICTURE = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

/** One page with these words. */
function pdfOf(words: string): Buffer {
  const stream = `BT /F1 24 Tf 72 700 Td (${words}) Tj ET`;
  const objects = [
    "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
    `<</Length ${stream.length}>>stream\n${stream}\nendstream`, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
  ];
  let text = "%PDF-1.4\n";
  const places = objects.map((object, at) => {
    const place = text.length;
    text += `${at + 1} 0 obj${object}endobj\n`;
    return `${String(place).padStart(10, "0")} 00000 n \n`;
  });
  const table = text.length;
  return Buffer.from(`${text}xref\n0 6\n0000000000 65535 f \n${places.join("")}trailer<</Size 6/Root 1 0 R>>\nstartxref\n${table}\n%%EOF`);
}

describeInBrowser("the chat in a browser", () => {
  let lumen: LumenProcess;
  let upstream: FakeUpstream;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let closedStreams = 0;
  const complaints: string[] = [];

  const textbox = () => page.getByRole("textbox", { name: "Message", exact: true });
  const complete = () => page.waitForFunction(() => document.querySelector(".chat-assistant") !== null && document.querySelector("[data-running]") === null, undefined, { timeout: 60_000 });
  const running = () => page.locator("[data-running]").waitFor({ state: "attached" });
  const ask = async (text: string) => {
    const before = await page.locator(".chat-message").count();
    await textbox().fill(text);
    await textbox().press("Enter");
    await page.waitForFunction((count) => document.querySelectorAll(".chat-message").length > count, before);
  };
  const newChat = async () => {
    await page.goto("/chat");
    await textbox().waitFor();
  };

  before(async function () {
    this.timeout(90_000);
    upstream = await startFakeUpstream(chatUpstream(() => { closedStreams += 1; }));
    const model = { input_cost_per_million: "0.5", output_cost_per_million: "1.0", capabilities: ["chat"], endpoints: [{ url: upstream.url }] };
    lumen = await startLumenProcess({
      config: testConfig({
        urls: [upstream.url],
        model: { capabilities: ["chat"], input_modalities: ["text", "image"], description: "The one that answers." },
        models: [{ ...model, name: "careful", needs_ack: true, ack_message: "Do not send personal data of patients." }],
        more: { users: { default: { max: "1000", refresh: 0, model_access: { default: "whitelist" } } } },
      }),
    });
    browser = await launchChromium();
    context = await signedInContext(browser, lumen, ANNA, { viewport: { width: 1280, height: 860 } });
    page = await context.newPage();
    page.setDefaultTimeout(30_000);
    page.on("console", (message) => (message.type() === "error" && /Content Security|Refused/.test(message.text()) ? complaints.push(message.text()) : undefined));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("dialog", (dialog) => complaints.push(`a dialog said ${dialog.message()}`));
    page.on("request", (request) => {
      if (!request.url().startsWith(lumen.url) && !request.url().startsWith("blob:")) complaints.push(`asked for ${request.url()}`);
    });
  });
  after(async () => {
    await browser?.close();
    await lumen?.remove();
    await upstream?.close();
  });
  afterEach(() => {
    expect(complaints.splice(0)).to.deep.equal([]);
  });

  it("starts a conversation: the answer streams, with code, formulas, what it cost, and its place in the list", async () => {
    await newChat();
    await ask("hello there");
    await page.waitForURL(/\/chat\/[\w-]+$/);
    await complete();
    const answer = page.locator(".chat-assistant").last();
    expect(await answer.locator(".chat-text strong").textContent()).to.equal("Bold");
    expect(await answer.locator(".code-block .code-language").textContent()).to.equal("JavaScript");
    expect(await answer.locator("math").count()).to.equal(1);
    expect(await answer.locator(".chat-facts").textContent()).to.match(/m[\s\S]*tokens[\s\S]*coins/);
    expect(await page.locator('.chat-link[aria-current="page"]').count()).to.equal(1);
    expect(await page.evaluate(() => document.activeElement?.matches("[data-composer-text]"))).to.equal(true);
  });

  it("shows the same after a reload", async () => {
    const before = await page.locator(".chat-assistant .chat-text").last().innerText();
    await page.reload();
    expect((await page.locator(".chat-assistant .chat-text").last().innerText()).replace(/\s+/g, " ")).to.equal(before.replace(/\s+/g, " "));
  });

  it("stops the answer, and the model server sees the connection close", async () => {
    const before = closedStreams;
    await ask("wait, then I stop you");
    await page.getByText("First words.").last().waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await complete();
    expect(await page.locator(".chat-stopped").last().textContent()).to.equal("Stopped");
    for (let tries = 0; tries < 200 && closedStreams === before; tries += 1) await page.evaluate(() => new Promise(requestAnimationFrame));
    expect(closedStreams).to.equal(before + 1);
  });

  it("finds a running answer again after a reload, and Esc stops it", async () => {
    await ask("wait for my reload");
    await page.getByText("First words.").last().waitFor();
    await page.reload();
    await running();
    await page.getByText("First words.").last().waitFor();
    await textbox().press("Escape");
    await complete();
    expect(await page.getByRole("button", { name: "Send", exact: true }).isVisible()).to.equal(true);
  });

  it("writes an answer anew and keeps the one before", async () => {
    await newChat();
    await ask("hello again");
    await complete();
    await page.getByRole("button", { name: "Regenerate" }).last().click();
    await page.locator(".chat-assistant .chat-branch").waitFor();
    await complete();
    expect(await page.locator(".chat-assistant .chat-branch").innerText()).to.contain("2/2");
    await page.getByRole("button", { name: "Previous version" }).click();
    await page.getByText("1/2").waitFor();
  });

  it("edits a message: the old branch stays reachable", async () => {
    await page.locator(".chat-user").first().hover();
    await page.locator(".chat-user summary", { hasText: "Edit" }).first().click();
    await page.getByRole("textbox", { name: "Your message" }).first().fill("hello in other words");
    await page.getByRole("textbox", { name: "Your message" }).first().press("Enter");
    await page.locator(".chat-words", { hasText: "hello in other words" }).waitFor();
    await complete();
    await page.locator(".chat-user").getByRole("button", { name: "Previous version" }).click();
    await page.locator(".chat-words", { hasText: "hello again" }).waitFor();
  });

  it("takes files: a text by the button and a picture by a drop, and removes one", async () => {
    await newChat();
    await page.locator("[data-file-input]").setInputFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("the secret word is xylophone") });
    await page.locator('input[name="upload"]').first().waitFor({ state: "attached" });
    const bytes = PICTURE.toString("base64");
    const transfer = await page.evaluateHandle((data) => {
      const made = new DataTransfer();
      made.items.add(new File([Uint8Array.from(atob(data), (char) => char.charCodeAt(0))], "dot.png", { type: "image/png" }));
      return made;
    }, bytes);
    await page.dispatchEvent(".composer-box", "drop", { dataTransfer: transfer });
    await page.waitForFunction(() => document.querySelectorAll('input[name="upload"]').length === 2);
    await page.getByRole("button", { name: "Remove dot.png" }).click();
    await ask("what is the word in my notes?");
    await complete();
    expect(await page.locator(".chat-user .file-name").textContent()).to.equal("notes.txt");
    expect(Buffer.concat(upstream.requests.map(({ body }) => body)).toString()).to.contain("xylophone");
  });

  it("takes a PDF by the button and a pasted picture, and sends the words of one and the bytes of the other", async () => {
    await newChat();
    await page.locator("[data-file-input]").setInputFiles({ name: "paper.pdf", mimeType: "application/pdf", buffer: pdfOf("The quokka is small") });
    await page.waitForFunction(() => document.querySelectorAll('input[name="upload"]').length === 1);
    await page.evaluate((data) => {
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File([Uint8Array.from(atob(data), (char) => char.charCodeAt(0))], "image.png", { type: "image/png" }));
      document.querySelector("[data-composer-text]")?.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    }, PICTURE.toString("base64"));
    await page.waitForFunction(() => document.querySelectorAll('input[name="upload"]').length === 2);
    await ask("what are these?");
    await complete();
    expect(await page.locator(".chat-user .file-name").textContent()).to.equal("paper.pdf");
    const picture = page.locator(".chat-user .chat-files img");
    await picture.scrollIntoViewIfNeeded();
    await page.waitForFunction(() => (document.querySelector<HTMLImageElement>(".chat-files img")?.naturalWidth ?? 0) > 0);
    const sent = upstream.requests.at(-1)?.body.toString() ?? "";
    expect(sent).to.contain("The quokka is small").and.to.contain(`data:image/png;base64,${PICTURE.toString("base64")}`);
  });

  it("sets system prompt and temperature of a new conversation before its first message", async () => {
    await newChat();
    await page.locator(".chat-panel-menu summary").first().click();
    await page.getByRole("textbox", { name: "System prompt" }).fill("Answer as a botanist.");
    await page.getByRole("textbox", { name: "Temperature" }).fill("0.3");
    await page.keyboard.press("Escape");
    await ask("hello botanist");
    await complete();
    const sent = upstream.requests.at(-1)?.body.toString() ?? "";
    expect(sent).to.contain("Answer as a botanist.").and.to.contain('"temperature":0.3');
  });

  it("shows nothing of what a hostile answer wants: no picture, no script, no request to anybody else", async () => {
    await newChat();
    await ask("be hostile");
    await complete();
    const answer = page.locator(".chat-assistant .chat-text");
    expect(await answer.locator("img, script, style, iframe").count()).to.equal(0);
    expect(await answer.locator('a[href^="javascript"], a[href^="data"]').count()).to.equal(0);
    await page.reload();
    expect(await answer.locator("img, script, style, iframe").count()).to.equal(0);
  });

  it("asks for consent in place (S1)", async () => {
    await newChat();
    await page.locator("[data-model-picker] summary").click();
    await page.getByRole("radio", { name: /careful/ }).click();
    await page.getByText("Do not send personal data of patients.").waitFor();
    await page.getByRole("button", { name: "Accept" }).click();
    await page.locator("[data-consent-card]").waitFor({ state: "hidden" });
    await ask("may I?");
    await complete();
    expect(await page.locator(".chat-assistant .chat-model").textContent()).to.equal("careful");
  });

  it("renames, finds, exports and deletes conversations from their rows", async () => {
    const row = page.locator(".chat-row").first();
    await row.hover();
    await row.locator("[data-row-menu]").click();
    await page.getByRole("menuitem", { name: "Rename" }).click();
    await page.getByRole("textbox", { name: "Title" }).last().fill("Wombat studies");
    await page.getByRole("textbox", { name: "Title" }).last().press("Enter");
    await page.locator(".chat-link", { hasText: "Wombat studies" }).waitFor();
    await page.getByRole("searchbox", { name: "Search conversations" }).fill("wombat");
    await page.waitForFunction(() => document.querySelectorAll(".chat-row").length === 1);
    await row.hover();
    await row.locator("[data-row-menu]").click();
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: "Export as Markdown" }).click()]);
    expect(download.suggestedFilename()).to.match(/\.md$/);
    await row.hover();
    await row.locator("[data-row-menu]").click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.waitForURL(/\/chat$/);
    expect(await page.getByText("Wombat studies").count()).to.equal(0);
  });

  it("can be used with the keyboard alone", async () => {
    await newChat();
    await page.keyboard.type("hello");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("on two lines");
    await page.keyboard.press("Enter");
    await page.locator(".chat-words").waitFor();
    await complete();
    expect(await page.locator(".chat-words").textContent()).to.equal("hello\non two lines");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.locator("[data-model-picker][open]").waitFor();
    await page.keyboard.press("Escape");
    await page.locator("[data-model-picker]:not([open])").waitFor();
  });

  it("streams an answer of 20,000 tokens without a long task of 200 ms", async function () {
    this.timeout(240_000);
    // Others may use this machine: the smallest of three runs tells what the page itself takes.
    const longest: number[] = [];
    while (longest.length < 3 && !longest.some((ms) => ms < 200)) longest.push(await longestTask());
    expect(Math.min(...longest), `longest tasks of ${longest.join(", ")} ms`).to.be.lessThan(200);
  });
  const longestTask = async (): Promise<number> => {
    await newChat();
    await page.evaluate(() => {
      const seen: number[] = [];
      Object.assign(window, { longTasks: seen });
      new PerformanceObserver((list) => seen.push(...list.getEntries().map(({ duration }) => Math.round(duration)))).observe({ type: "longtask" });
    });
    await ask("a long one");
    await complete();
    const tasks = await page.evaluate(() => (window as unknown as { longTasks: number[] }).longTasks);
    return Math.max(0, ...tasks);
  };

  it("fits a phone: nothing wider than the screen, the conversations in a drawer", async () => {
    const phone = await signedInContext(browser, lumen, ANNA, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    const small = await phone.newPage();
    await small.goto("/chat");
    expect(await small.evaluate(() => document.documentElement.scrollWidth)).to.equal(390);
    expect(await small.getByRole("link", { name: "New chat" }).isVisible()).to.equal(false);
    await small.getByRole("button", { name: "Conversations", exact: true }).click();
    await small.locator(".chat-link").first().click();
    await small.locator(".chat-message").first().waitFor();
    expect(await small.evaluate(() => document.documentElement.scrollWidth)).to.equal(390);
    const box = await small.locator(".composer-box").boundingBox();
    expect((box?.y ?? 0) + (box?.height ?? 0)).to.be.lessThan(845);
    await phone.close();
  });
});
