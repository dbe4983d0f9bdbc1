import { formatCoins } from "../domain/coins";
import type { ConfigSnapshot } from "../domain/configSnapshot";
import type { CallFacts, EntryFlag, LedgerEntry } from "../domain/ledgerEntry";
import { priceFacts, type PriceFacts } from "../domain/priceFacts";
import type { Usage } from "../domain/usage";
import { isUuidV7 } from "../ids";
import type { OpenHold, Store } from "../stores/types";

/** One call as its owner may see it (docs/rules.md C7, docs/wire.md W80). Amounts are exact decimal texts, times ISO 8601. */
export interface Receipt {
  /** The `x-request-id` of the answer. */
  readonly id: string;
  readonly object: "request";
  readonly status: "running" | "completed" | "aborted" | "failed";
  readonly model: string;
  readonly operation: string;
  readonly via: "api" | "chat";
  /** The id of the API key; null where the web chat called. */
  readonly key: string | null;
  readonly endpoint: EndpointFacts | null;
  readonly price: PriceFacts;
  /** While the call runs: what was last noted; null before anything was. */
  readonly usage: UsageFacts | null;
  /** What a running call has cost so far is known only at its end. */
  readonly cost: string | null;
  /** What is set aside; "0" once the call is booked. */
  readonly held: string;
  /** The part of the cost that the pool could not pay (H3). */
  readonly uncollected: string;
  /** What the caller was answered; 499 where it had left. */
  readonly http_status: number | null;
  readonly flags: readonly EntryFlag[];
  readonly started_at: string;
  readonly settled_at: string | null;
  readonly duration_ms: number | null;
  readonly first_token_ms: number | null;
}

/** The model's name there, as `x-lumen-upstream-model` has it; null once the configuration has no such endpoint. Never its address. */
export interface EndpointFacts {
  readonly id: string;
  readonly model: string | null;
}

export interface UsageFacts {
  readonly input_tokens: number;
  readonly cached_input_tokens: number;
  readonly cache_write_tokens: number;
  readonly output_tokens: number;
  readonly audio_ms: number;
  readonly images: number;
  readonly characters: number;
}

export interface ReceiptDeps {
  readonly store: { readonly ledger: Pick<Store["ledger"], "openHold">; readonly usage: Pick<Store["usage"], "entry"> };
}

/**
 * The receipt of a call by its request id.
 * @param ownerId whose call it has to be; undefined: anybody's, for administrators
 * @returns undefined for a call of somebody else as for one that never was
 */
export async function describeReceipt(
  { store }: ReceiptDeps, snapshot: ConfigSnapshot, id: string, ownerId?: string,
): Promise<Receipt | undefined> {
  // Everything else would be looked for in the whole history.
  if (!isUuidV7(id)) return undefined;
  const isTheirs = (facts: CallFacts) => ownerId === undefined || facts.ownerId === ownerId;
  const hold = await store.ledger.openHold(id);
  if (hold) return isTheirs(hold.facts) ? receiptOfRunning(hold, snapshot) : undefined;
  const entry = await store.usage.entry(id);
  return entry && isTheirs(entry) ? receiptOfBooked(entry, snapshot) : undefined;
}

function receiptOfRunning({ id, facts, heldNano, progress }: OpenHold, snapshot: ConfigSnapshot): Receipt {
  return {
    ...factsOf(id, "running", facts, progress?.endpoint, snapshot),
    usage: progress ? usageFacts(progress.usage) : null, cost: null, held: formatCoins(heldNano), uncollected: "0",
    http_status: null, flags: [], started_at: timeText(facts.startedAt), settled_at: null, duration_ms: null, first_token_ms: null,
  };
}

function receiptOfBooked(entry: LedgerEntry, snapshot: ConfigSnapshot): Receipt {
  const { id, usage, costNano, charges, status, flags, startedAt, settledAt, durationMs, firstTokenMs } = entry;
  // Of several pools (the owner's, the key's cap) each is charged the same call.
  const uncollected = charges.reduce((most, { uncollectedNano }) => (uncollectedNano > most ? uncollectedNano : most), 0n);
  return {
    ...factsOf(id, statusOf(entry), entry, entry.endpoint, snapshot),
    usage: usageFacts(usage), cost: formatCoins(costNano), held: "0", uncollected: formatCoins(uncollected),
    http_status: status, flags, started_at: timeText(startedAt), settled_at: timeText(settledAt),
    duration_ms: durationMs, first_token_ms: firstTokenMs ?? null,
  };
}

function factsOf(id: string, status: Receipt["status"], facts: CallFacts, endpoint: string | undefined, snapshot: ConfigSnapshot) {
  const { model, operation, via, keyId, price } = facts;
  const known = snapshot.models.get(model)?.endpoints.find((one) => one.id === endpoint);
  return {
    id, object: "request" as const, status, model, operation, via, key: keyId ?? null,
    endpoint: endpoint === undefined ? null : { id: endpoint, model: known?.model ?? null },
    price: priceFacts(price),
  };
}

function statusOf({ flags, status }: LedgerEntry): Receipt["status"] {
  if (flags.includes("aborted")) return "aborted";
  return status >= 400 || flags.includes("failed") || flags.includes("expired") ? "failed" : "completed";
}

function usageFacts(usage: Usage): UsageFacts {
  return {
    input_tokens: usage.inputTokens, cached_input_tokens: usage.cachedInputTokens, cache_write_tokens: usage.cacheWriteTokens,
    output_tokens: usage.outputTokens, audio_ms: usage.audioMs, images: usage.images, characters: usage.characters,
  };
}

const timeText = (epochMs: number) => new Date(epochMs).toISOString();
