import { scanObject } from "../adapters/wire/jsonScan";
import type { Operation } from "../domain/ledgerEntry";
import { CodedError } from "../errors/codedError";

type Body = Readonly<Record<string, unknown>>;

/** Fields by which something is decided here: what a backend reads must be what was decided by. */
const DECIDING = ["model", "stream", "stream_options", "max_tokens", "max_completion_tokens", "n", "best_of"] as const;

/**
 * Fields of responses that lean on what an earlier call has left at the provider. Behind one key for all owners that would be
 * the way into another's conversation.
 */
const STATEFUL = ["previous_response_id", "conversation", "background"] as const;

const OF_MESSAGES = ["model", "stream", "max_tokens", "messages", "container"] as const;

/** What is stored at the provider could be named below the last ones of each (W44). */
const DECIDING_OF: Readonly<Partial<Record<Operation, readonly string[]>>> = {
  chat: [...DECIDING, "messages"],
  responses: ["model", "stream", "max_output_tokens", ...STATEFUL, "input", "tools", "prompt"],
  messages: OF_MESSAGES,
  count_tokens: OF_MESSAGES,
};

/**
 * Refuses a body that a backend could read otherwise than it was read here (docs/wire.md W16), and one that asks for state
 * behind the gateway (W51).
 * @throws CodedError unsupported_parameter, naming the field
 */
export function refuseUndecided(operation: Operation | undefined, raw: Buffer, json: Body): void {
  const deciding = (operation && DECIDING_OF[operation]) ?? DECIDING;
  refuseTwins(json, deciding);
  refuseRepeats(raw, json, deciding);
  if (operation === "responses") refuseState(json);
}

/**
 * Backends that fold case would read `"Model"` as `"model"`: what is decided here by one must not be undone by its twin. Upper
 * case first, because Go also folds the long s into an s.
 */
function refuseTwins(json: Body, deciding: readonly string[]): void {
  for (const name of Object.keys(json)) {
    const folded = name.toUpperCase().toLowerCase();
    if (folded !== name && deciding.includes(folded)) {
      throw new CodedError("unsupported_parameter", { message: `Unknown parameter '${name}'. Did you mean '${folded}'?`, param: name });
    }
  }
}

/** A name that comes twice is read here by its last value; a backend that takes the first would serve what nobody decided. */
function refuseRepeats(raw: Buffer, json: Body, deciding: readonly string[]): void {
  if (!raw.includes("\\u") && deciding.every((name) => json[name] === undefined || isSaidOnce(raw, name))) return;
  const members = scanObject(raw)?.members ?? [];
  if (members.length === Object.keys(json).length) return;
  const seen = new Set<string>();
  for (const { name } of members) {
    if (seen.has(name) && deciding.includes(name)) {
      throw new CodedError("unsupported_parameter", { message: `The parameter '${name}' comes twice. Send it once.`, param: name });
    }
    seen.add(name);
  }
}

/** Cheap where it is true; where it is not, the name may as well be a part of a text or of something nested. */
function isSaidOnce(raw: Buffer, name: string): boolean {
  const quoted = `"${name}"`;
  return raw.indexOf(quoted, raw.indexOf(quoted) + 1, "latin1") < 0;
}

function refuseState(json: Body): void {
  for (const name of STATEFUL) {
    const value = json[name];
    if (value === undefined || value === null || value === false) continue;
    const instead = name === "background" ? "Leave it out, and wait for the answer or stream it." : "Leave it out, and send the earlier items again in 'input'.";
    throw new CodedError("unsupported_parameter", { message: `The parameter '${name}' is not supported: responses keep no state here. ${instead}`, param: name });
  }
}
