import type { ConfigSnapshot } from "../domain/configSnapshot";
import type { Fault } from "./fault";
import { faultLines } from "./faultLines";
import { loadText, type Env } from "./loadConfig";
import { changedRestartKeys } from "./restartKeys";

/** A text read as the server would read its file, without putting it in force. */
export interface Candidate {
  readonly snapshot?: ConfigSnapshot;
  readonly faults: readonly Fault[];
  /** The text of each line with a fault, secrets hidden. */
  readonly lines: ReadonlyMap<number, string>;
  /** Keys that differ from what the process started with, and take a restart (docs/rules.md R3). */
  readonly restartKeys: readonly string[];
  /** Puts a variable's name back where its value stands: what the environment holds is not to be read out by a candidate. */
  readonly mask: (text: string) => string;
}

export interface CandidateOptions {
  readonly env: Env;
  readonly themesFolder?: string;
  /** What this process started with. */
  readonly started?: ConfigSnapshot;
}

const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)/g;
/** Shorter values are put back only where they are the whole text: a part of another word would be no secret. */
const SHORT = 4;

export async function parseCandidate(text: string, file: string, { env, themesFolder, started }: CandidateOptions): Promise<Candidate> {
  const { snapshot, faults } = await loadText(text, file, env, { themesFolder });
  return {
    ...(snapshot ? { snapshot } : {}),
    faults,
    lines: faultLines(text, faults),
    restartKeys: snapshot && started ? changedRestartKeys(started, snapshot) : [],
    mask: maskFor(text, env),
  };
}

function maskFor(source: string, env: Env): (text: string) => string {
  const names = new Set([...source.matchAll(VARIABLE)].map(([, name = ""]) => name));
  const values = [...names].flatMap((name) => (env[name] ? [{ name, value: env[name] }] : [])).sort((a, b) => b.value.length - a.value.length);
  return (text) => values.reduce((masked, { name, value }) => {
    if (masked === value) return `\${${name}}`;
    // Addresses are compared, and so kept, in lower case.
    const folded = value.toLowerCase();
    return value.length < SHORT ? masked : masked.replaceAll(value, `\${${name}}`).replaceAll(folded, `\${${name}}`);
  }, text);
}
