import { readdir, readFile } from "node:fs/promises";
import type { ConfigSnapshot } from "../domain/configSnapshot";
import type { Fault } from "./fault";
import { parseConfig } from "./parseConfig";

export type Env = Readonly<Record<string, string | undefined>>;

export interface LoadOptions {
  /** The folder of themes: names of themes are checked against its folders. */
  readonly themesFolder?: string | undefined;
}

export interface LoadedConfig {
  readonly snapshot?: ConfigSnapshot;
  readonly faults: readonly Fault[];
  /** The text of the file, its variables not put in; empty where it could not be read. */
  readonly source: string;
}

/** Reads, checks and builds config.yaml; tells all faults at once, and throws none (docs/rules.md R1, R2). */
export async function loadConfig(file: string, env: Env, options: LoadOptions = {}): Promise<LoadedConfig> {
  let source: string;
  try {
    source = await readFile(file, "utf8");
  } catch (error) {
    return { faults: [unreadable(file, messageOf(error))], source: "" };
  }
  return loadText(source, file, env, options);
}

/** The same for a text that has been read already. */
export async function loadText(source: string, file: string, env: Env, { themesFolder }: LoadOptions = {}): Promise<LoadedConfig> {
  try {
    const themes = themesFolder === undefined ? undefined : await themesIn(themesFolder);
    return { ...parseConfig(source, { file, env, themes }), source };
  } catch (error) {
    // Nesting beyond the parser's stack, for one: as broken as any other file.
    return { faults: [unreadable(file, messageOf(error))], source };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function unreadable(file: string, problem: string): Fault {
  return { severity: "error", at: { file, line: 1, column: 1 }, message: `The file cannot be read: ${problem}` };
}

/** `default` is always there. */
async function themesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => !entry.isFile() && !entry.name.startsWith(".")).map(({ name }) => name);
  return [...new Set(["default", ...names])].sort();
}
