import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { projectRoot } from "../../core/environment";

/** The cells of the first table below a heading of a Markdown page: the head, then the rows. */
export function rowsOf(page: string, heading: string): string[][] {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  const table = /(?:^\|.*\|\n)+/m.exec(section)?.[0] ?? "";
  const rows = table.trimEnd().split("\n").map((line) => line.slice(1, -1).split("|").map((cell) => cell.trim()));
  return rows.filter((_, index) => index !== 1);
}

/** Runs an example as it is pasted, as an ES module. @returns what it printed; @throws with its complaint when it fails */
export function runExample(text: string, key: string): Promise<string> {
  const env = { ...process.env, LUMEN_KEY: key };
  return promisify(execFile)(process.execPath, ["--input-type=module", "--eval", text], { cwd: projectRoot(), env }).then(({ stdout }) => stdout);
}
