import type { NanoCoins } from "./coins";
import type { Charge } from "./hold";
import type { Price } from "./price";
import type { Usage } from "./usage";

/** What the path of a call is for; decides how usage is read and priced. */
export type Operation = "chat" | "completions" | "responses" | "messages" | "count_tokens" | "embeddings" | "moderations" | "rerank" | MediaOperation;

/** Calls about sound or pictures: paid by length, number or characters, or by tokens (docs/rules.md M3). */
export type MediaOperation = "transcriptions" | "translations" | "speech" | "images";

/** Operations whose answer is written by the model: it is limited, held for, and may be a stream (docs/rules.md H1). */
const WRITTEN: ReadonlySet<Operation> = new Set<Operation>(["chat", "completions", "responses", "messages"]);

/** False where a call has input alone. */
export function hasOutput(operation: Operation): boolean {
  return WRITTEN.has(operation);
}

/**
 * `estimated`: no usage from the upstream (C2). `aborted`: the caller left (C3). `failed`: the upstream broke after some
 * tokens (C5). `clamped`: absurd usage was cut (C1). `stopped`: the coins ended (H4). `expired`: booked because the process
 * ended or the lease ran out (H6). `late`: corrected after that (H6).
 */
export type EntryFlag = "estimated" | "aborted" | "failed" | "clamped" | "stopped" | "expired" | "late";

/** Who and what a call is about: known before it starts, kept with its hold so that a crash can book it (H6). */
export interface CallFacts {
  readonly ownerId: string;
  readonly keyId?: string;
  readonly via: "api" | "chat";
  readonly operation: Operation;
  readonly model: string;
  /** The price at the start of the call (M4). */
  readonly price: Price;
  readonly startedAt: number;
}

/** One settlement per call (docs/rules.md C7). No prompt, no answer. */
export interface LedgerEntry extends CallFacts {
  /** The request id. */
  readonly id: string;
  readonly endpoint?: string;
  readonly usage: Usage;
  readonly costNano: NanoCoins;
  /** Empty for an unlimited pool without a capped key (H5). */
  readonly charges: readonly Charge[];
  readonly settledAt: number;
  readonly durationMs: number;
  readonly firstTokenMs?: number;
  readonly status: number;
  readonly flags: readonly EntryFlag[];
}

/** Money that moves without a call. */
export interface Adjustment {
  readonly id: string;
  readonly pool: string;
  /** `opening`: the first balance. `correct`: brings late truth in. */
  readonly kind: "opening" | "refill" | "grant" | "take" | "reset" | "correct";
  /** Signed: what the balance changed by. */
  readonly amountNano: NanoCoins;
  readonly at: number;
  /** Who did it: an owner's id, or `system`. */
  readonly by: string;
  readonly reason: string;
}
