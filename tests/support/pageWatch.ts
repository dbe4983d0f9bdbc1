import { readFileSync } from "node:fs";
import type { BrowserContext, Page } from "playwright-core";

/** Everything that a page did and should not have done. */
export interface PageWatch {
  /** Tells it, and begins anew. */
  take(): Promise<readonly string[]>;
}

/** Runs in the page, before anything of its own. */
const LISTEN = `
  window.lumenViolations = [];
  document.addEventListener("securitypolicyviolation", (event) => {
    window.lumenViolations.push(event.effectiveDirective + " refused " + (event.blockedURI || "something") + " " + (event.sample || ""));
  });
`;

/** Listens to errors, to what the content policy refuses, and to requests that leave this host. */
export async function watchPages(context: BrowserContext, ownUrl: string): Promise<(page: Page) => PageWatch> {
  await context.addInitScript(LISTEN);
  const { host } = new URL(ownUrl);
  return (page) => {
    const seen: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") seen.push(`console: ${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => seen.push(`script: ${error.message}`));
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (!["data:", "blob:"].includes(url.protocol) && url.host !== host) seen.push(`asked ${url.href}`);
    });
    return {
      async take() {
        const violations = await page.evaluate<string[]>("window.lumenViolations ? window.lumenViolations.splice(0) : []");
        return [...seen.splice(0), ...violations.map((violation) => `policy: ${violation}`)];
      },
    };
  };
}

const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const RUN = `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"] })
  .then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes.slice(0, 3).map((node) => node.target.join(" ") + " " + ((node.any[0] || node.all[0] || node.none[0] || {}).message || "")).join("; ")))`;

/** What axe finds against WCAG 2.2 AA and good practice; put in by the debugger, past the page's content policy. */
export async function axeFaults(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  return page.evaluate(RUN);
}

/** How far the page is wider than its window, in CSS pixels; 0 where nothing has to be scrolled sideways. */
export async function overflow(page: Page): Promise<number> {
  return page.evaluate("document.scrollingElement.scrollWidth - document.documentElement.clientWidth");
}
