import { mkdir } from "node:fs/promises";
import path from "node:path";
import { Command } from "commander";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { projectRoot } from "../core/environment";
import { ROUTES } from "../plugins/web-ui/routes";
import { launchChromium, signedInContext } from "../tests/support/browser";
import { addressOf, nameOf, ROWS } from "../tests/support/routeRows";
import { PERSONAS, startSeededLumen, type Persona, type SeededLumen } from "../tests/support/seededLumen";
import { LONG_CLIENT, LONG_PERSON, statesOf, type State } from "./screenshots/states";

const SIZES = {
  wide: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
} as const satisfies Record<string, BrowserContextOptions>;
const SCHEMES = ["light", "dark"] as const;
const BOTH = Object.keys(SIZES) as (keyof typeof SIZES)[];

/** The pictures of the README: name, route, size, scheme. */
const README_PICTURES: readonly (readonly [string, string, keyof typeof SIZES, (typeof SCHEMES)[number]])[] = [
  ["chat", "GET /chat/:id", "wide", "light"],
  ["profile", "GET /profile", "wide", "dark"],
  ["usage", "GET /usage", "wide", "light"],
  ["clients", "GET /clients/:id", "wide", "light"],
];

interface Picture extends State {
  readonly size: keyof typeof SIZES;
  readonly scheme: (typeof SCHEMES)[number];
  readonly whole: boolean;
}

/** Every page that is signed in to, in both sizes and schemes. */
function everyPage({ world }: SeededLumen): Picture[] {
  return ROUTES.flatMap((route) => {
    const row = ROWS[nameOf(route)];
    if (route.method !== "GET" || !row || row.answers !== undefined || route.audience === "public") return [];
    const name = route.path.replace(/^\//, "").replace(/[^a-z0-9]+/gi, "-");
    const who = route.audience === "admin" ? "admin" : "manager";
    return SCHEMES.flatMap((scheme) => BOTH.map((size): Picture => ({ name: `${name}-${size}-${scheme}`, address: addressOf(route, row, world), size, scheme, who, whole: true })));
  });
}

/** Dialogs, menus, empty and refused states: wide in light, on a phone in dark. */
function everyState({ world }: SeededLumen): Picture[] {
  return statesOf(world).flatMap((state) => BOTH.map((size): Picture => {
    const scheme = size === "wide" ? "light" : "dark";
    // A dialog or a menu lies over what is seen; a page is taken whole.
    return { ...state, name: `${state.name}-${size}-${scheme}`, size, scheme, whole: state.prepare === undefined };
  }));
}

function readmePictures({ world }: SeededLumen): Picture[] {
  return README_PICTURES.flatMap(([name, wanted, size, scheme]) => {
    const route = ROUTES.find((one) => nameOf(one) === wanted);
    const row = ROWS[wanted];
    if (!route || !row) return [];
    return [{ name, address: addressOf(route, row, world), size, scheme, who: "manager", whole: false }];
  });
}

async function take(page: Page, { name, address, scheme, whole, prepare }: Picture, folder: string): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
  await page.goto(address);
  await page.evaluate("document.fonts.ready");
  await prepare?.(page);
  await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: whole });
}

async function takeAll(browser: Browser, { lumen }: SeededLumen, pictures: readonly Picture[], folder: string): Promise<void> {
  const people = [...new Set(pictures.map(({ who }) => who))];
  for (const who of people) for (const size of BOTH) {
    const mine = pictures.filter((picture) => picture.who === who && picture.size === size);
    if (mine.length === 0) continue;
    const context = who === "anonymous" ? await browser.newContext({ baseURL: lumen.url, ...SIZES[size] }) : await signedInContext(browser, lumen, emailOf(who), SIZES[size]);
    const page = await context.newPage();
    for (const picture of mine) await take(page, picture, folder).catch((error: unknown) => { throw new Error(`${picture.name} could not be taken`, { cause: error }); });
    await context.close();
  }
}

const emailOf = (who: Persona): string => PERSONAS[who];

/** `npm run screenshots`: the four pictures of the README, or with `--all FOLDER` every page and state; `--only WORD`: those whose names hold it. */
async function main(): Promise<void> {
  const options = new Command()
    .option("--all <folder>", "every page and state, into this folder").option("--only <word>", "those alone whose names hold this word", "")
    .parse().opts<{ all?: string; only: string }>();
  const { all, only } = options;
  const folder = all === undefined ? path.join(projectRoot(), "docs/screenshots") : path.resolve(all);
  await mkdir(folder, { recursive: true });
  const seeded = await startSeededLumen(90);
  let browser: Browser | undefined;
  try {
    if (all !== undefined) {
      await seeded.lumen.cli("client", "create", LONG_CLIENT);
      await seeded.lumen.cli("user", "create", LONG_PERSON);
      await seeded.lumen.cli("client", "manager", "add", LONG_CLIENT, LONG_PERSON);
    }
    browser = await launchChromium();
    const pictures = (all === undefined ? readmePictures(seeded) : [...everyPage(seeded), ...everyState(seeded)]).filter(({ name }) => name.includes(only));
    await takeAll(browser, seeded, pictures, folder);
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
