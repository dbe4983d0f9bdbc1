import { expect } from "chai";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { callApi, chatBody } from "../support/apiCall";
import { describeInBrowser, launchChromium, signedInContext } from "../support/browser";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";

const CONFIG = `version: 2
admins: [root@example.edu]
users:
  default: {max: 50, model_access: {whitelist: [dummy]}}
clients:
  default: {max: 100, refresh: 1, model_access: {whitelist: [dummy]}}
models:
  - name: dummy
    input_cost_per_million: 0.5
    output_cost_per_million: 1.0
    endpoints: [{url: "demo:"}]
`;

describeInBrowser("clients in a browser", function () {
  let lumen: LumenProcess;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const complaints: string[] = [];

  before(async function () {
    this.timeout(90_000);
    lumen = await startLumenProcess({ config: CONFIG });
    await lumen.cli("user", "create", "mia@example.edu", "--name", "Mia Wong");
    await lumen.cli("client", "create", "zebra");
    browser = await launchChromium();
    context = await signedInContext(browser, lumen, "root@example.edu");
    page = await context.newPage();
    page.on("console", (message) => (message.type() === "error" && /Content Security|Refused/.test(message.text()) ? complaints.push(message.text()) : undefined));
    page.on("pageerror", (error) => complaints.push(error.message));
  });
  after(async () => {
    await browser?.close();
    await lumen?.remove();
  });

  it("goes through a client's life: made, given a manager and a key, renamed, deactivated", async function () {
    this.timeout(90_000);
    await page.goto("/clients");
    await page.getByRole("link", { name: "New client" }).click();
    const making = page.getByRole("dialog", { name: "New client" });
    await making.getByLabel("Name").fill("Bad Name");
    await making.getByRole("button", { name: "Create" }).click();
    await making.getByText("is no client name").waitFor();
    expect(await making.getByLabel("Name").inputValue(), "it comes back filled in").to.equal("Bad Name");
    await making.getByLabel("Name").fill("my-service");
    await making.getByRole("button", { name: "Create" }).click();
    await page.getByRole("heading", { level: 1, name: "my-service" }).waitFor();

    await page.getByRole("link", { name: "Add manager" }).click();
    const adding = page.getByRole("dialog", { name: "Add a manager" });
    await adding.getByLabel("Name or e-mail address").pressSequentially("mia");
    await adding.getByRole("radio", { name: /Mia Wong/ }).check();
    await adding.getByRole("button", { name: "Add manager" }).click();
    await page.getByRole("row", { name: /Mia Wong/ }).waitFor();
    await page.getByText("Mia Wong manages my-service now.").waitFor();

    await page.getByRole("button", { name: "New API Key" }).click();
    const keys = page.getByRole("dialog");
    const key = await keys.getByLabel("Key", { exact: true }).inputValue();
    await keys.getByLabel("Name", { exact: true }).fill("production");
    await keys.getByRole("button", { name: "Save key" }).click();
    await keys.getByRole("button", { name: "Done" }).click();
    const call = async () => (await callApi(lumen.url, "/v1/chat/completions", { key, body: chatBody("dummy") })).status;
    expect(await call()).to.equal(200);

    await page.getByRole("link", { name: "Rename" }).click();
    await page.getByLabel("New name").fill("our-service");
    await page.getByRole("dialog", { name: "Rename my-service" }).getByRole("button", { name: "Rename" }).click();
    await page.getByRole("heading", { level: 1, name: "our-service" }).waitFor();

    await page.getByRole("button", { name: "Deactivate" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    expect(await call(), "asked, and not done").to.equal(200);
    await page.getByRole("button", { name: "Deactivate" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Deactivate" }).click();
    await page.getByText("This client is deactivated").waitFor();
    expect(await call()).to.equal(403);

    await page.getByRole("button", { name: "Remove Mia Wong" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await page.getByText("Nobody manages this client yet.").waitFor();
    expect(complaints).to.deep.equal([]);
  });

  it("sorts and searches the list in place, with the state in the address", async function () {
    this.timeout(60_000);
    await page.goto("/clients");
    const names = () => page.locator("#clients tbody td:first-child").allInnerTexts();
    await page.getByRole("link", { name: "Requests" }).click();
    await page.waitForURL(/clients-sort=-requests/);
    expect((await names())[0]).to.equal("our-service");
    await page.getByRole("link", { name: "Name" }).press("Enter");
    await page.waitForURL(/clients-sort=name/);
    await page.getByRole("searchbox").pressSequentially("zeb");
    await page.waitForURL(/clients-q=zeb/);
    expect(await names()).to.deep.equal(["zebra"]);
    await page.reload();
    expect(await names()).to.deep.equal(["zebra"]);
  });
});
