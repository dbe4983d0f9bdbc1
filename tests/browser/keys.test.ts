import { expect } from "chai";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { describeInBrowser, launchChromium, signedInContext } from "../support/browser";
import { callApi, chatBody } from "../support/apiCall";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";

const run = promisify(execFile);

describeInBrowser("API keys in a browser", () => {
  let lumen: LumenProcess;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const complaints: string[] = [];

  before(async function () {
    this.timeout(60_000);
    lumen = await startLumenProcess();
    browser = await launchChromium();
    context = await signedInContext(browser, lumen, "ana@example.edu", { permissions: ["clipboard-read", "clipboard-write"] });
    page = await context.newPage();
    page.on("console", (message) => void (message.type() === "error" && complaints.push(message.text())));
    page.on("pageerror", (error) => complaints.push(error.message));
  });
  after(async () => {
    await browser?.close();
    await lumen?.remove();
  });

  const works = async (key: string) => (await callApi(lumen.url, "/v1/chat/completions", { key, body: chatBody("dummy") })).status;
  const copied = () => page.evaluate<string>("navigator.clipboard.readText()");

  it("K1, K3: a key's whole life by the keyboard alone: made, copied, saved, used by its curl line, revoked", async function () {
    this.timeout(60_000);
    await page.goto("/profile");
    await page.getByRole("button", { name: "New API Key" }).focus();
    await page.keyboard.press("Enter");
    await page.locator("#key-name:focus").waitFor();
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Copied" }).waitFor();
    const secret = await copied();
    expect(secret).to.match(/^sk_\w{61}$/).and.to.equal(await page.locator("#key-secret").inputValue());
    await page.keyboard.press("Tab");
    await page.keyboard.type("laptop");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "laptop is ready" }).waitFor();
    await page.locator("dialog button:focus").waitFor();
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Copied" }).waitFor();
    const { stdout } = await run("sh", ["-c", `${(await copied()).replace("curl ", "curl -s ")}`]);
    expect(stdout).to.include('"object":"chat.completion"');
    await page.keyboard.press("Escape");
    await page.locator("dialog[open]").waitFor({ state: "detached" });
    expect(await page.locator("#keys-table").textContent()).to.include("laptop");
    await page.getByRole("button", { name: "Revoke laptop" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Revoke laptop?" }).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.locator("dialog[open]").waitFor({ state: "detached" });
    expect(await works(secret)).to.equal(401);
    expect(await page.locator("#keys-table").textContent()).not.to.include("laptop");
    await page.getByLabel("Show deleted keys").focus();
    await page.keyboard.press("Space");
    await page.locator("#keys tr.struck", { hasText: "laptop" }).waitFor();
    expect(page.url()).to.include("keys-deleted=1");
  });

  it("K1: Esc discards a key that was not saved, and gives the focus back", async function () {
    this.timeout(60_000);
    await page.goto("/profile");
    await page.getByRole("button", { name: "New API Key" }).focus();
    await page.keyboard.press("Enter");
    await page.locator("#key-name:focus").waitFor();
    const secret = await page.locator("#key-secret").inputValue();
    await page.keyboard.press("Escape");
    await page.getByText("The key was discarded.").waitFor();
    await page.locator("dialog[open]").waitFor({ state: "detached" });
    expect(await works(secret)).to.equal(401);
    expect(await page.evaluate("document.activeElement?.textContent ?? ''")).to.include("New API Key");
  });

  it("breaks no rule of the content security policy and logs no error", () => {
    expect(complaints).to.deep.equal([]);
  });
});
