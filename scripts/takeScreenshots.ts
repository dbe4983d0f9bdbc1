import { mkdir } from "node:fs/promises";
import path from "node:path";
import { Command } from "commander";
import type { Browser, Page } from "playwright-core";
import { projectRoot } from "../core/environment";
import { ROUTES } from "../plugins/web-ui/routes";
import { launchChromium, signedInContext } from "../tests/support/browser";
import { addressOf, nameOf, ROWS } from "../tests/support/routeRows";
import { PERSONAS, startSeededLumen, type SeededLumen } from "../tests/support/seededLumen";

const SIZES = { wide: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const;
const SCHEMES = ["light", "dark"] as const;

/** The pictures of the README: name, route, size, scheme. */
const README_PICTURES: readonly (readonly [string, string, keyof typeof SIZES, (typeof SCHEMES)[number]])[] = [
  ["chat", "GET /chat/:id", "wide", "light"],
  ["profile", "GET /profile", "wide", "dark"],
  ["usage", "GET /usage", "wide", "light"],
  ["clients", "GET /clients/:id", "wide", "light"],
];

interface Picture {
  readonly file: string;
  readonly address: string;
  readonly size: keyof typeof SIZES;
  readonly scheme: (typeof SCHEMES)[number];
  readonly who: "admin" | "manager";
  readonly whole: boolean;
}

function everyPicture(seeded: SeededLumen, folder: string): Picture[] {
  return ROUTES.flatMap((route) => {
    const row = ROWS[nameOf(route)];
    if (route.method !== "GET" || !row || row.answers !== undefined || route.audience === "public") return [];
    const name = route.path.replace(/^\//, "").replace(/[^a-z0-9]+/gi, "-");
    const who = route.audience === "admin" ? "admin" : "manager";
    return SCHEMES.flatMap((scheme) => (["wide", "phone"] as const).map((size): Picture =>
      ({ file: path.join(folder, `${name}-${size}-${scheme}.png`), address: addressOf(route, row, seeded.world), size, scheme, who, whole: true })));
  });
}

function readmePictures(seeded: SeededLumen, folder: string): Picture[] {
  return README_PICTURES.flatMap(([name, wanted, size, scheme]) => {
    const route = ROUTES.find((one) => nameOf(one) === wanted);
    const row = ROWS[wanted];
    if (!route || !row) return [];
    return [{ file: path.join(folder, `${name}.png`), address: addressOf(route, row, seeded.world), size, scheme, who: "manager", whole: false }];
  });
}

async function take(page: Page, { file, address, size, scheme, whole }: Picture): Promise<void> {
  await page.setViewportSize(SIZES[size]);
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
  await page.goto(address);
  await page.evaluate("document.fonts.ready");
  await page.screenshot({ path: file, fullPage: whole });
}

/** `npm run screenshots`: the four pictures of the README, or with `--all FOLDER` every page in both schemes, wide and on a phone. */
async function main(): Promise<void> {
  const { all } = new Command().option("--all <folder>", "every page, into this folder").parse().opts<{ all?: string }>();
  const folder = all === undefined ? path.join(projectRoot(), "docs/screenshots") : path.resolve(all);
  await mkdir(folder, { recursive: true });
  const seeded = await startSeededLumen(90);
  let browser: Browser | undefined;
  try {
    browser = await launchChromium();
    const pictures = all === undefined ? readmePictures(seeded, folder) : everyPicture(seeded, folder);
    for (const who of ["manager", "admin"] as const) {
      const mine = pictures.filter((picture) => picture.who === who);
      if (mine.length === 0) continue;
      const context = await signedInContext(browser, seeded.lumen, PERSONAS[who]);
      const page = await context.newPage();
      for (const picture of mine) await take(page, picture);
    }
    console.log(`${pictures.length} pictures are in ${folder}`);
  } finally {
    await browser?.close();
    await seeded.remove();
  }
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.stack : String(error));
    process.exitCode = 1;
  });
}
