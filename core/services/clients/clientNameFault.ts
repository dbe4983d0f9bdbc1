import { isClientName } from "../../domain/owner";

const LONGEST_SHOWN = 80;

/** P5: why this cannot be a client's name, as a sentence; undefined: it can. */
export function clientNameFault(name: string): string | undefined {
  if (name === "") return "A client needs a name.";
  if (name === "default") return "'default' is taken: clients.default in config.yaml speaks for all clients.";
  if (isClientName(name)) return undefined;
  const shown = name.length > LONGEST_SHOWN ? `${name.slice(0, LONGEST_SHOWN)}…` : name;
  return `'${shown}' is no client name: use lower-case letters, digits, '.', '_' and '-', at most 64, beginning with a letter or digit.`;
}
