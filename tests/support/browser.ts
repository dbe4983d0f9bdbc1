import { existsSync } from "node:fs";
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions } from "playwright-core";
import type { LumenProcess } from "./lumenProcess";
import { signInPath } from "./pageVisitor";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/usr/bin/google-chrome-stable", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"];

/** `LUMEN_CHROMIUM`, or a Chromium where systems keep it; undefined: there is none. */
export function findChromium(): string | undefined {
  const named = process.env["LUMEN_CHROMIUM"];
  return named || PLACES.find((place) => existsSync(place));
}

export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error("no Chromium was found");
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}

/** Use in place of `describe` for what needs a browser: without one it is skipped, saying so. */
export function describeInBrowser(title: string, tests: (this: Mocha.Suite) => void): void {
  if (findChromium() !== undefined) describe(title, tests);
  else describe.skip(`${title} (skipped: no Chromium found; install chromium or set LUMEN_CHROMIUM)`, tests);
}

/** A browser window of its own in which this person is signed in. Close it after use. */
export async function signedInContext(browser: Browser, lumen: LumenProcess, email: string, options: BrowserContextOptions = {}): Promise<BrowserContext> {
  const context = await browser.newContext({ baseURL: lumen.url, ...options });
  const page = await context.newPage();
  const { path } = await signInPath(lumen, email);
  await page.goto(path);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
  await page.close();
  return context;
}
