import { expect } from "chai";
import type { Browser, Page } from "playwright-core";
import { describeInBrowser, launchChromium, signedInContext } from "../support/browser";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";

describeInBrowser("the pages by the keyboard alone", function () {
  this.timeout(60_000);
  let lumen: LumenProcess;
  let browser: Browser;
  let page: Page;

  before(async () => {
    lumen = await startLumenProcess();
    browser = await launchChromium();
    page = await (await signedInContext(browser, lumen, "ana@example.edu")).newPage();
  });
  after(async () => {
    await browser?.close();
    await lumen?.remove();
  });

  /** What has the focus, in words. */
  const focused = () =>
    page.evaluate(() => {
      const at = document.activeElement;
      return (at?.getAttribute("aria-label") ?? at?.textContent ?? "").replace(/\s+/g, " ").trim();
    });
  const isInDialog = () => page.evaluate(() => document.activeElement?.closest("dialog") !== null);

  it("the first Tab shows the skip link, and it leads past the header", async () => {
    await page.goto("/models");
    const skip = page.getByRole("link", { name: "Skip to content" });
    expect((await skip.boundingBox())?.y, "out of sight until it is wanted").to.be.lessThan(0);
    await page.keyboard.press("Tab");
    expect(await focused()).to.equal("Skip to content");
    await page.waitForFunction(() => (document.activeElement?.getBoundingClientRect().top ?? -1) >= 0);
    await page.keyboard.press("Enter");
    expect(new URL(page.url()).hash).to.equal("#main");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.closest("main")?.id), "not in the header").to.equal("main");
  });

  it("the account menu opens with Enter, is walked with Tab, and closes with Escape, which gives the focus back", async () => {
    await page.goto("/models");
    const menu = page.locator(".account-menu");
    await menu.locator("summary").focus();
    await page.keyboard.press("Enter");
    await menu.locator(".menu-panel").waitFor({ state: "visible" });
    const walked: string[] = [];
    for (let step = 0; step < 5; step += 1) {
      await page.keyboard.press("Tab");
      walked.push(await focused());
    }
    expect(walked).to.deep.equal(["Profile", "Account", "Connect", "Help", "Sign out"]);
    await page.keyboard.press("Escape");
    await menu.locator(".menu-panel").waitFor({ state: "hidden" });
    expect(await page.evaluate(() => document.activeElement?.matches(".account-menu > summary"))).to.equal(true);
  });

  it("a table is sorted with Enter, says so, and its heading keeps the focus, once and again", async () => {
    await page.goto("/profile");
    const heading = page.locator("#access th", { hasText: "Requests" });
    await heading.getByRole("link").focus();
    for (const order of ["descending", "ascending"]) {
      await page.keyboard.press("Enter");
      await page.locator(`#access th[aria-sort=${order}]`, { hasText: "Requests" }).waitFor();
      await page.locator("#access th a:focus", { hasText: "Requests" }).waitFor();
    }
  });

  it("a box above a table keeps the focus when it was switched", async () => {
    await page.goto("/profile");
    await page.getByLabel("Show disabled").focus();
    await page.keyboard.press("Space");
    await page.waitForURL(/access-disabled=1/);
    await page.locator("#access input[name=access-disabled]:focus:checked").waitFor();
  });

  it("a dialog keeps the focus inside, and gives it back to what opened it", async () => {
    await page.goto("/profile");
    await page.getByRole("button", { name: "New API Key" }).focus();
    await page.keyboard.press("Enter");
    await page.locator("#key-name:focus").waitFor();
    await page.keyboard.type("laptop");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "laptop is ready" }).waitFor();
    await page.keyboard.press("Escape");
    await page.locator("dialog[open]").waitFor({ state: "detached" });

    const rename = page.getByRole("button", { name: "Rename laptop" });
    await rename.focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Rename" });
    await dialog.waitFor();
    // Past the last element the browser's own bar has its turn, where the page has no focus; never the page behind.
    for (let step = 0; step < 12; step += 1) {
      await page.keyboard.press(step < 6 ? "Tab" : "Shift+Tab");
      expect((await isInDialog()) || (await page.evaluate(() => document.activeElement === document.body)), await focused()).to.equal(true);
    }
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    expect(await focused()).to.equal("Rename laptop");
  });
});
