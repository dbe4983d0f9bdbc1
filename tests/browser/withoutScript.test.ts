import { expect } from "chai";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { callApi, chatBody } from "../support/apiCall";
import { describeInBrowser, launchChromium } from "../support/browser";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";

const CONFIG = `version: 2
admins: [root@example.edu]
defaults: {models: {ack_message: "Send no personal records."}}
users: {default: {max: 50, model_access: {whitelist: [dummy, careful]}}}
clients: {default: {max: 50, model_access: {whitelist: [dummy, careful]}}}
models:
  - {name: dummy, endpoints: [{url: "demo:"}]}
  - {name: careful, needs_ack: true, endpoints: [{url: "demo:"}]}
`;
const OWN = "violet stapler 7";
const OTHER = "a quiet harbour";

describeInBrowser("forms in a browser that runs no script", function () {
  this.timeout(60_000);
  let lumen: LumenProcess;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let secret: string;

  before(async () => {
    lumen = await startLumenProcess({ config: CONFIG });
    browser = await launchChromium();
    context = await newWindow();
    page = await context.newPage();
  });
  after(async () => {
    await browser?.close();
    await lumen?.remove();
  });

  const newWindow = () => browser.newContext({ baseURL: lumen.url, javaScriptEnabled: false });
  const toast = () => page.locator("#toasts").innerText();
  const heading = () => page.getByRole("heading", { level: 1 }).innerText();
  const call = async (model: string) => (await callApi(lumen.url, "/v1/chat/completions", { key: secret, body: chatBody(model) })).status;
  const signIn = async (at: Page, password: string) => {
    await at.getByLabel("E-mail address").fill("root@example.edu");
    await at.getByLabel("Password").fill(password);
    await at.getByRole("button", { name: "Sign in", exact: true }).click();
  };
  const choose = async (old: RegExp, from: string, to: string, button: string) => {
    await page.getByLabel(old).fill(from);
    await page.getByLabel("New password", { exact: true }).fill(to);
    await page.getByLabel("New password, once more").fill(to);
    await page.getByRole("button", { name: button }).click();
  };

  it("a local account signs in, with a wrong password first, and chooses one of its own", async () => {
    await lumen.cli("user", "create", "root@example.edu");
    const { password } = await lumen.json<{ password: string }>("user", "password", "root@example.edu");
    await page.goto("/sign-in?next=/account");
    await signIn(page, "not this one at all");
    expect(await page.getByRole("alert").innerText()).to.include("do not belong together");
    await signIn(page, password);
    expect(await heading()).to.equal("Choose a password of your own");
    await choose(/The password that you signed in with/, password, OWN, "Save and go on");
    expect(new URL(page.url()).pathname).to.equal("/account");
    expect(await toast()).to.include("Your password is changed.");
  });

  it("K1: a key is made, given a name and saved; then it works, and a discarded one does not", async () => {
    await page.goto("/profile");
    await page.getByRole("button", { name: "New API Key" }).click();
    const discarded = await page.getByLabel("Key", { exact: true }).inputValue();
    await page.getByRole("button", { name: "Discard" }).click();
    expect((await callApi(lumen.url, "/v1/chat/completions", { key: discarded, body: chatBody("dummy") })).status).to.equal(401);
    await page.goto("/profile");
    await page.getByRole("button", { name: "New API Key" }).click();
    secret = await page.getByLabel("Key", { exact: true }).inputValue();
    await page.getByLabel("Name", { exact: true }).fill("laptop");
    await page.getByRole("button", { name: "Save key" }).click();
    expect(await heading()).to.equal("laptop is ready");
    expect(await call("dummy")).to.equal(200);
    await page.getByRole("link", { name: "Done" }).click();
    expect(await page.locator("#keys").innerText()).to.include("laptop");
  });

  it("consent is given on a page of its own, and withdrawn there", async () => {
    expect(await call("careful")).to.equal(403);
    await page.goto("/profile");
    await page.getByRole("link", { name: "Needs consent: careful" }).click();
    expect(await page.locator("main").innerText()).to.include("Send no personal records.");
    await page.getByRole("button", { name: "Accept" }).click();
    expect(new URL(page.url()).pathname).to.equal("/profile");
    expect(await call("careful")).to.equal(200);
    await page.locator("#access").getByRole("link", { name: /: careful$/ }).click();
    await page.getByRole("button", { name: "Withdraw" }).click();
    expect(await heading()).to.equal("Withdraw the consent for careful?");
    expect(await call("careful"), "asked, and nothing done").to.equal(200);
    await page.getByRole("button", { name: "Withdraw" }).click();
    expect(await call("careful")).to.equal(403);
  });

  it("a client is made: a bad name comes back with its reason, a good one opens the client", async () => {
    await page.goto("/clients");
    await page.getByRole("link", { name: "New client" }).click();
    await page.getByLabel("Name").fill("Bad Name");
    await page.getByRole("button", { name: "Create" }).click();
    expect(await page.getByRole("alert").innerText()).to.include("is no client name");
    expect(await page.getByLabel("Name").inputValue()).to.equal("Bad Name");
    await page.getByLabel("Name").fill("my-service");
    await page.getByRole("button", { name: "Create" }).click();
    expect(await heading()).to.equal("my-service");
    await page.reload();
    expect(await heading(), "a reload sends nothing twice").to.equal("my-service");
    await page.getByRole("button", { name: "Deactivate" }).click();
    expect(await heading()).to.equal("Deactivate my-service?");
    await page.getByRole("link", { name: "Cancel" }).click();
    expect(await page.locator(".title-row").innerText()).to.include("Active");
    await page.getByRole("button", { name: "Deactivate" }).click();
    await page.getByRole("button", { name: "Deactivate" }).click();
    expect(await toast()).to.include("my-service is deactivated");
  });

  it("the account's settings: other devices are signed out, the password is changed, everything is signed out", async () => {
    const second = await newWindow();
    const other = await second.newPage();
    await other.goto("/sign-in?next=/account");
    await signIn(other, OWN);
    expect(new URL(other.url()).pathname).to.equal("/account");
    await page.goto("/account");
    await page.getByRole("button", { name: "Sign out other devices" }).click();
    expect(await toast()).to.include("All your other devices are signed out.");
    await other.reload();
    expect(new URL(other.url()).pathname).to.equal("/sign-in");

    await page.getByRole("link", { name: "Change the password" }).click();
    await choose(/Your password now/, OWN, OTHER, "Change the password");
    expect(await toast()).to.include("Your password is changed.");
    await signIn(other, OWN);
    expect(await other.getByRole("alert").innerText(), "the old one is over").to.include("do not belong together");
    await page.getByRole("button", { name: "Sign out everywhere" }).click();
    await page.getByRole("button", { name: "Sign out everywhere" }).click();
    expect(new URL(page.url()).pathname).to.equal("/sign-in");
    await page.goto("/account");
    expect(new URL(page.url()).pathname).to.equal("/sign-in");
    await second.close();
  });
});
