import { expect } from "chai";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { ROUTES } from "../../plugins/web-ui/routes";
import { describeInBrowser, launchChromium, signedInContext } from "../support/browser";
import { axeFaults, overflow, watchPages, type PageWatch } from "../support/pageWatch";
import { addressOf, nameOf, ROWS } from "../support/routeRows";
import { PERSONAS, startSeededLumen, type Persona, type SeededLumen } from "../support/seededLumen";

type Visitor = Persona | "anonymous";

interface Window {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly watch: PageWatch;
}

/** The pages that a browser shows, each with whom to look at it with: somebody with much to see, and a newcomer. */
const PAGES = ROUTES.flatMap((route) => {
  const row = ROWS[nameOf(route)];
  if (route.method !== "GET" || !row) return [];
  const viewers: readonly Visitor[] =
    route.audience === "public" ? ["anonymous"] : route.audience === "admin" ? ["admin"] : route.audience === "manager" || route.path.includes(":") ? ["manager"] : ["manager", "newcomer"];
  // Where somebody gets another answer than the rest, only a page is looked at.
  const shown = viewers.filter((who) => (row.statuses?.[who] === undefined ? row.answers === undefined || row.answers === "not found" : row.statuses[who] === 200));
  return shown.length > 0 ? [{ route, row, viewers: shown }] : [];
});

describeInBrowser("every page in a browser", function () {
  let seeded: SeededLumen;
  let browser: Browser;
  const windows = new Map<string, Promise<Window>>();

  before(async function () {
    this.timeout(180_000);
    seeded = await startSeededLumen();
    browser = await launchChromium();
  });
  after(async function () {
    this.timeout(30_000);
    await browser?.close();
    await seeded?.remove();
  });

  /** One window for each who looks, kept for all pages. */
  const windowOf = (who: Visitor, options: { readonly script?: false } = {}): Promise<Window> => {
    const name = `${who} ${options.script ?? true}`;
    const open = async (): Promise<Window> => {
      const { url } = seeded.lumen;
      const settings = { baseURL: url, reducedMotion: "reduce", javaScriptEnabled: options.script ?? true } as const;
      const context = who === "anonymous" ? await browser.newContext(settings) : await signedInContext(browser, seeded.lumen, PERSONAS[who], settings);
      const watcher = await watchPages(context, url);
      const page = await context.newPage();
      return { context, page, watch: watcher(page) };
    };
    const found = windows.get(name) ?? open();
    windows.set(name, found);
    return found;
  };

  for (const { route, row, viewers } of PAGES) {
    for (const who of viewers) {
      it(`${nameOf(route)} is accessible, quiet and fits a phone, for ${who}`, async function () {
        this.timeout(60_000);
        const { page, watch } = await windowOf(who);
        const address = addressOf(route, row, seeded.world);
        const faults: string[] = [];
        await page.setViewportSize({ width: 1280, height: 900 });
        await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
        await page.goto(address);
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
          faults.push(...(await axeFaults(page)).map((fault) => `${colorScheme}: ${fault}`));
        }
        await page.setViewportSize({ width: 390, height: 844 });
        faults.push(...(await axeFaults(page)).map((fault) => `phone: ${fault}`));
        const wider = await overflow(page);
        if (wider > 0) faults.push(`a phone has to scroll sideways, by ${wider} pixels`);
        // A page that says "not found" by its status is said so on the console as well.
        const told = (await watch.take()).filter((line) => row.answers !== "not found" || !/status of 4\d\d/.test(line));
        expect([...faults, ...told]).to.deep.equal([]);
      });
    }

    it(`${nameOf(route)} says what it has to say without script`, async function () {
      this.timeout(30_000);
      const { page } = await windowOf(viewers[0] ?? "manager", { script: false });
      await page.goto(addressOf(route, row, seeded.world));
      expect(await page.locator("h1").count()).to.equal(1);
      expect((await page.locator("main").innerText()).length).to.be.greaterThan(20);
      const hidden = await page.locator("main button:visible:not(form *):not([form])").allInnerTexts();
      expect(hidden, "buttons that do nothing without script").to.deep.equal([]);
    });
  }
});
