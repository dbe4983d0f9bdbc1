import { createRequire } from "node:module";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

/** One file that browsers get: its name in pages, and the files it is put together from. */
export interface AssetSource {
  readonly name: string;
  readonly files: readonly string[];
  /** Between two files of a bundle. */
  readonly separator?: string;
}

const fromPackages = createRequire(__filename);

/** Fonts: the Latin subsets; other scripts fall back to the system's. */
const VENDORED: Readonly<Record<string, string>> = {
  "htmx.js": "htmx.org/dist/htmx.min.js",
  "htmx-sse.js": "htmx-ext-sse/dist/sse.min.js",
  "inter.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
  "inter-ext.woff2": "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2",
  "mono.woff2": "@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2",
};

/**
 * Everything under `public/` and what comes from packages: `public/css/*.css` in the order of their names is one stylesheet,
 * `public/js/*.js` one script for all pages; every other file is served by itself, `public/js/pages/chat.js` as `chat.js`.
 */
export function assetSources(root: string): readonly AssetSource[] {
  const folder = path.join(root, "public");
  const entriesOf = (name: string) => (existsSync(path.join(folder, name)) ? readdirSync(path.join(folder, name), { withFileTypes: true }) : []);
  const filesIn = (name: string, ending: string) =>
    entriesOf(name)
      .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
      .map((entry) => path.join(folder, name, entry.name))
      .sort();
  const alone = (files: readonly string[]) => files.map((file): AssetSource => ({ name: path.basename(file), files: [file] }));
  return [
    ...Object.entries(VENDORED).map(([name, file]): AssetSource => ({ name, files: [fromPackages.resolve(file)] })),
    { name: "lumen.css", files: filesIn("css", ".css"), separator: "\n" },
    { name: "lumen.js", files: filesIn("js", ".js"), separator: "\n;\n" },
    ...alone(filesIn("js/head", ".js")),
    ...alone(filesIn("js/pages", ".js")),
    ...alone(filesIn("images", ".svg")),
    ...themeStyles(root),
  ];
}

/** `themes/<name>/theme.css` is `theme-<name>.css`, its logo `logo-<name>.svg`. */
function themeStyles(root: string): AssetSource[] {
  const folder = path.join(root, "themes");
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => [
      { name: `theme-${name}.css`, files: [path.join(folder, name, "theme.css")] },
      { name: `logo-${name}.svg`, files: [path.join(folder, name, "logo.svg")] },
    ])
    // A theme may do without a logo of its own.
    .filter(({ files: [file = ""] }) => existsSync(file));
}
