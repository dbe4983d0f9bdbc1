import { expect } from "chai";
import type { Browser, Page } from "playwright-core";
import { describeInBrowser, launchChromium } from "../support/browser";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { signInAtProvider, startOidcProvider, type OidcProvider } from "../support/oidcProvider";

const CONFIG = `version: 2
app: {institution: {name: Example University}}
admins: [root@example.edu]
groups: {staff: {max: 200, refresh: 5, rules: [{field: affiliation, contains: staff@example.edu}]}}
users: {default: {max: 50, refresh: 1}}
models: [{name: dummy, request_cost: 1, endpoints: [{url: "demo:"}]}]
`;

describeInBrowser("signing in with a browser", function () {
  let provider: OidcProvider;
  let lumen: LumenProcess;
  let browser: Browser;
  before(async function () {
    this.timeout(60_000);
    provider = await startOidcProvider();
    lumen = await startLumenProcess({ config: CONFIG + provider.config });
    browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
    await lumen?.remove();
    await provider?.close();
  });

  /** A fresh window at the sign-in page. */
  const inWindow = async (work: (page: Page) => Promise<void>, next = "/account") => {
    const context = await browser.newContext({ baseURL: lumen.url });
    try {
      const page = await context.newPage();
      await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
      await work(page);
    } finally {
      await context.close();
    }
  };
  const toProvider = (page: Page) => page.getByRole("link", { name: "Continue with Example University" }).click();
  const heading = (page: Page) => page.getByRole("heading", { level: 1 }).textContent();

  it("says that the provider is away, and works when it is back", async function () {
    this.timeout(60_000);
    await inWindow(async (page) => {
      await toProvider(page);
      expect(await heading(page)).to.equal("The sign-in service does not answer");
      await provider.serve(`${lumen.url}/callback`);
      provider.setClaims("ana", { email: "Ana@Example.edu", email_verified: true, name: "Ana Ruiz", affiliation: "member@example.edu;staff@example.edu" });
      await page.getByRole("link", { name: "Try again" }).click();
      await signInAtProvider(page, "ana");
      await page.waitForURL(`${lumen.url}/account`);
      expect(await page.locator("main").textContent()).to.include("Ana Ruiz").and.to.include("ana@example.edu");
      expect(await page.locator("#coin-pill").textContent(), "G1, G2: the group that the claims match").to.include("of 200");
    });
    const users = await lumen.json<{ email: string; name: string }[]>("user", "list");
    expect(users.find(({ email }) => email === "ana@example.edu")?.name, "G3").to.equal("Ana Ruiz");
  });

  it("keeps the claims of the last sign-in", async function () {
    this.timeout(60_000);
    provider.setClaims("ana", { email: "ana@example.edu", name: "Ana Ruiz-Paz" });
    await inWindow(async (page) => {
      await toProvider(page);
      await signInAtProvider(page, "ana");
      await page.waitForURL(`${lumen.url}/account`);
      expect(await page.locator("main").textContent()).to.include("Ana Ruiz-Paz");
      expect(await page.locator("#coin-pill").textContent()).to.include("of 50");
    });
  });

  const refused: [string, Record<string, unknown>, string][] = [
    ["an address that is not verified", { email: "bo@example.edu", email_verified: false }, "Your e-mail address is not verified"],
    ["no address", { name: "Bo" }, "Your e-mail address is missing"],
    ["a deactivated account", { email: "cy@example.edu" }, "This account is deactivated"],
  ];
  for (const [what, claims, title] of refused) {
    it(`refuses ${what}`, async function () {
      this.timeout(60_000);
      await lumen.cli("user", "create", "cy@example.edu");
      await lumen.cli("user", "deactivate", "cy@example.edu");
      provider.setClaims("refused", claims);
      await inWindow(async (page) => {
        await toProvider(page);
        await signInAtProvider(page, "refused");
        await page.waitForURL(/\/callback\?/);
        expect(await heading(page)).to.equal(title);
        await page.goto("/account");
        expect(page.url(), "nobody is signed in").to.include("/sign-in?next=");
      });
    });
  }

  it("refuses a wrong state, an address that was used already, and one that another browser began; next stays here", async function () {
    this.timeout(90_000);
    provider.setClaims("di", { email: "di@example.edu" });
    let used = "";
    await inWindow(async (page) => {
      page.on("request", (request) => {
        if (request.url().startsWith(`${lumen.url}/callback?`)) used = request.url();
      });
      await toProvider(page);
      await signInAtProvider(page, "di");
      await page.waitForURL((url) => url.origin === lumen.url && !url.pathname.startsWith("/callback"));
      expect(new URL(page.url()).origin, "not to evil.example").to.equal(lumen.url);
      const cookies = await page.context().cookies();
      expect(cookies.find(({ name }) => name === "lumen_session")?.httpOnly).to.equal(true);
      expect(cookies.find(({ name }) => name === "lumen_pending"), "used up").to.equal(undefined);
      await page.goto(used);
      expect(await heading(page)).to.equal("This sign-in is over");
    }, "//evil.example");
    await inWindow(async (page) => {
      await page.goto(used);
      expect(await heading(page)).to.equal("This sign-in is over");
    });
    await inWindow(async (page) => {
      await toProvider(page);
      await page.locator("input[name=login]").waitFor();
      await page.goto(`/callback?code=anything&state=another&iss=${encodeURIComponent(provider.issuer)}`);
      expect(await heading(page)).to.equal("This sign-in is over");
    });
  });

  it("takes a local account's password, says what was wrong, and asks for an own one", async function () {
    this.timeout(60_000);
    await lumen.cli("user", "create", "eli@example.edu");
    const { password } = await lumen.json<{ password: string }>("user", "password", "eli@example.edu");
    await inWindow(async (page) => {
      await page.getByLabel("E-mail address").fill("eli@example.edu");
      await page.getByLabel("Password").fill("wrong wrong wrong");
      await page.keyboard.press("Enter");
      expect(await page.getByRole("alert").textContent()).to.include("do not belong together");
      expect(await page.getByLabel("E-mail address").inputValue()).to.equal("eli@example.edu");
      await page.getByLabel("Password").fill(password);
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      expect(await heading(page)).to.equal("Choose a password of your own");
      await page.getByLabel("The password that you signed in with").fill(password);
      await page.getByLabel("New password", { exact: true }).fill("violet stapler 7");
      await page.getByLabel("New password, once more").fill("violet stapler 7");
      await page.getByRole("button", { name: "Save and go on" }).click();
      await page.waitForURL(`${lumen.url}/account`);
      await page.locator(".account-menu summary").click();
      await page.locator(".menu-panel").getByRole("link", { name: "Account" }).click();
      await page.getByRole("button", { name: "Sign out everywhere" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Sign out everywhere" }).click();
      await page.waitForURL(`${lumen.url}/sign-in`);
      expect(await page.locator("#toasts").textContent()).to.include("signed out everywhere");
    });
  });
});
