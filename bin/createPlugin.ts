import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { CliError } from "./cliError";

/** Template → file of the plugin. */
const FILES: readonly (readonly [string, (name: string) => string])[] = [
  ["index.ts.tmpl", () => "index.ts"],
  ["policy.ts.tmpl", () => "policy.ts"],
  ["schema.ts.tmpl", () => "schema.ts"],
  ["README.md.tmpl", () => "README.md"],
  ["test.ts.tmpl", (name) => `${name}.test.ts`],
];

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const LONGEST_NAME = 40;

export interface NewPlugin {
  readonly name: string;
  /** The project: templates come from it, and the plugin goes into its `plugins/`. */
  readonly root: string;
  /** Policies of the host have names of their own, which a plugin's must not shadow. */
  readonly taken: ReadonlySet<string>;
  /** Default: `plugins/` of the root. */
  readonly into?: string;
}

/**
 * Makes a plugin that builds, passes its tests, and does next to nothing.
 * @returns its files
 * @throws CliError where the name does not do, or is taken
 */
export async function createPlugin({ name, root, taken, into = path.join(root, "plugins") }: NewPlugin): Promise<readonly string[]> {
  if (!NAME.test(name) || name.length > LONGEST_NAME) {
    throw new CliError(`'${name}' is no plugin name: use words of lower-case letters and digits with '-' between, as in opening-hours`);
  }
  if (taken.has(name)) throw new CliError(`'${name}' is the name of a policy of the host: choose another`);
  const folder = path.join(into, name);
  if (existsSync(folder)) throw new CliError(`${folder} is there already`);
  await mkdir(folder, { recursive: true });
  const identifier = identifierOf(name);
  const made: string[] = [];
  for (const [template, fileOf] of FILES) {
    const text = await readFile(path.join(root, "bin/templates/plugin", template), "utf8");
    const file = path.join(folder, fileOf(name));
    await writeFile(file, text.replaceAll("__NAME__", name).replaceAll("__IDENTIFIER__", identifier), { flag: "wx" });
    made.push(file);
  }
  return made;
}

/** `opening-hours` → `openingHours`; a word of the language gets `Policy` behind it. */
function identifierOf(name: string): string {
  const words = name.split("-");
  const [first = name, ...rest] = words;
  const joined = first + rest.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("");
  return rest.length === 0 ? `${joined}Policy` : joined;
}
