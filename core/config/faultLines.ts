import type { Fault } from "./fault";

const SECRET = /((?:api_?key|secret(?:_key)?|client_secret|token|password|authorization|x-api-key)["']?\s*:\s*)(?!\s*$)("[^"]*"?|'[^']*'?|[^,}#]+)/gi;
const LONGEST = 300;

/** The text of each line that a fault is on, by its number, as an administrator may read it: what looks like a secret is hidden. */
export function faultLines(source: string, faults: readonly Fault[]): ReadonlyMap<number, string> {
  const lines = source.split(/\r\n|\r|\n/);
  return new Map(faults.map(({ at }) => [at.line, hideSecrets((lines[at.line - 1] ?? "").slice(0, LONGEST))]));
}

/** `api_key: sk-123` is `api_key: (hidden)`; a `${VARIABLE}` stays, for it says no more than its name. */
function hideSecrets(line: string): string {
  return line.replace(SECRET, (whole, key: string, value: string) => (/^["']?\$\{[A-Za-z_][A-Za-z0-9_]*\}["']?\s*$/.test(value) ? whole : `${key}(hidden)`));
}
