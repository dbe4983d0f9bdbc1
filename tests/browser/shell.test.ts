import { expect } from "chai";
import { readFile, writeFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { describeInBrowser, launchChromium, signedInContext } from "../support/browser";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { testConfig } from "../support/testConfig";

const HOSTILE = `Maintenance on <strong>Sunday</strong><script>document.title = "taken"</script><img src=x onerror="document.title='taken'">`;

describeInBrowser("what is around every page", () => {
  let lumen: LumenProcess;
  let browser: Browser;
  let page: Page;
  before(async () => {
    const app = { announcement: HOSTILE, email_themes: { "@prairie.example": "prairie" }, github_url: "https://github.com/example/lumen", support_email: "help@example.edu", institution: { name: "Example University", url: "https://example.edu" } };
    lumen = await startLumenProcess({ config: testConfig({ more: { admins: ["root@example.edu"], app } }) });
    browser = await launchChromium();
    page = await (await signedInContext(browser, lumen, "root@example.edu")).newPage();
  });
  after(async () => {
    await browser?.close();
    await lumen?.remove();
  });

  /** Saves the file, and waits until it is in force. */
  const change = async (from: string | RegExp, to: string) => {
    const text = await readFile(lumen.configFile, "utf8");
    const before = await revisionShown();
    await writeFile(lumen.configFile, text.replace(from, to));
    while ((await revisionShown()) === before) await page.waitForLoadState();
  };
  const revisionShown = async () => {
    const html = await page.evaluate(async () => (await fetch("/admin/configuration")).text());
    return /<dt>Revision<\/dt><dd><code>([0-9a-f]+)</.exec(html)?.[1] ?? "";
  };
  const colour = (of: Page) => of.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--brand").trim());

  it("shows the announcement without what could run, lets it be dismissed, and brings it back when its text changes", async () => {
    await page.goto("/admin/users");
    const banner = page.getByRole("complementary", { name: "Announcement" });
    expect(await banner.locator("p").innerHTML()).to.equal("Maintenance on <strong>Sunday</strong>");
    await banner.getByRole("button", { name: "Dismiss the announcement" }).click();
    await page.reload();
    expect(await banner.isVisible()).to.equal(false);
    await change("Maintenance on", "Repairs on");
    await page.reload();
    expect(await banner.innerText()).to.contain("Repairs on Sunday");
    expect(await page.title()).to.not.equal("taken");
  });

  it("has the footer's links", async () => {
    await page.goto("/admin/users");
    const links = await page.locator(".site-footer a").evaluateAll((all) => all.map((link) => [link.textContent, link.getAttribute("href")]));
    expect(links).to.deep.equal([
      ["Example University", "https://example.edu"], ["Lumen", "/"], ["Help", "/help"], ["GitHub Repository", "https://github.com/example/lumen"],
      ["Request Feature", "https://github.com/example/lumen/issues/new"], ["help@example.edu", "mailto:help@example.edu"],
    ]);
  });

  it("R1: wears another theme on the next page once the file says so, its logo too, without a restart", async () => {
    await page.goto("/admin/users");
    const before = await colour(page);
    expect(await page.locator(".brand .mark").getAttribute("src")).to.contain("logo-default.svg");
    await change(/announcement:/, "theme: prairie\n  announcement:");
    await page.goto("/admin/users");
    expect(await colour(page)).to.not.equal(before);
    const logo = page.locator(".brand .mark");
    expect(await logo.getAttribute("src")).to.contain("logo-prairie.svg");
    expect(await logo.evaluate((image) => (image as HTMLImageElement).naturalWidth)).to.be.greaterThan(0);
    await change("theme: prairie\n", "theme: default\n");
  });

  it("wears the theme of a person's e-mail domain", async () => {
    const context = await signedInContext(browser, lumen, "ana@prairie.example");
    const own = await context.newPage();
    await own.goto("/profile");
    expect(await own.locator(".brand .mark").getAttribute("src")).to.contain("logo-prairie.svg");
    await context.close();
  });
});
