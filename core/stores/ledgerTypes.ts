import type { CoinPool, PoolTerms } from "../domain/coinPool";
import type { NanoCoins } from "../domain/coins";
import type { Adjustment, CallFacts, EntryFlag, LedgerEntry } from "../domain/ledgerEntry";
import type { Usage } from "../domain/usage";

/** One pool that a hold draws on, with the terms that the configuration gives it now. A pool is opened at its first use. */
export interface HoldLineRequest {
  readonly pool: string;
  readonly wantNano: NanoCoins;
  readonly terms: PoolTerms;
}

export interface HoldRequest {
  /** The request id: asking twice with one id is one hold. */
  readonly id: string;
  readonly facts: CallFacts;
  /** All of them or none. Empty where nothing limits the call (H5): it is still booked after a crash (H6). */
  readonly lines: readonly HoldLineRequest[];
  /** P8: a hold of 0 coins is admitted on an empty pool. */
  readonly zeroIsFree?: boolean;
  /** Booked if nothing better was recorded when the hold expires (H6). */
  readonly progress?: HoldProgress;
}

export type HoldOutcome =
  | {
      readonly ok: true;
      /** Resolves when the hold would survive a crash. Await it before the first byte of a stream goes out. */
      readonly durable: Promise<void>;
    }
  | {
      readonly ok: false;
      /** The pool that could not pay. */
      readonly pool: string;
      readonly availableNano: NanoCoins;
      readonly balanceNano: NanoCoins;
      /** Epoch ms of the next refill that adds something. */
      readonly nextRefillAt?: number;
    };

/** How far a running call has come. */
export interface HoldProgress {
  readonly usage: Usage;
  readonly costNano: NanoCoins;
  readonly endpoint?: string;
}

export interface Settlement {
  /** The request id, which is the hold's. */
  readonly id: string;
  readonly facts: CallFacts;
  readonly usage: Usage;
  readonly costNano: NanoCoins;
  readonly endpoint?: string;
  readonly settledAt: number;
  readonly firstTokenMs?: number;
  readonly status: number;
  readonly flags: readonly EntryFlag[];
}

export interface AdjustmentRequest {
  readonly pool: string;
  /** `grant` and `take` carry an amount above 0; `reset` brings the balance to `starting`. */
  readonly kind: "grant" | "take" | "reset";
  readonly amountNano?: NanoCoins;
  readonly terms: PoolTerms;
  readonly by: string;
  readonly reason: string;
  readonly at: number;
}

/** A call that is not booked yet, with what is set aside for it. */
export interface OpenHold {
  readonly id: string;
  readonly facts: CallFacts;
  readonly placedAt: number;
  /** Of the pool that has most set aside for it; 0 where nothing limits the call (H5). */
  readonly heldNano: NanoCoins;
  readonly progress?: HoldProgress;
}

/** A process may answer for what it holds until its lease ends: after that others book it (H6). */
export interface Lease {
  /** `performance.now()`, moved on with each renewal; that clock goes on while a process is paused. Infinity where the store belongs to one process. */
  readonly endsAt: number;
}

/** Coin pools, holds and settlements (docs/rules.md P, H). Every method refuses with StoreUnavailable once the engine failed. */
export interface Ledger {
  hold(request: HoldRequest, now: number): Promise<HoldOutcome>;
  /** Adds to each line of a hold, all or none (H4). */
  extend(id: string, moreNano: NanoCoins, now: number): Promise<HoldOutcome>;
  /** Best effort: what a crash would book. Never waits. */
  progress(id: string, progress: HoldProgress): void;
  /** Ends the hold exactly once, however often called; resolves, with the entry in force, when durable (H3, H6). */
  settle(settlement: Settlement): Promise<LedgerEntry>;
  /** Ends the hold at nothing, leaving no entry. A hold that is not there is none to release. */
  release(id: string): Promise<void>;
  /** @returns what was done: a take stops at what is available; undefined for a pool without a balance */
  adjust(request: AdjustmentRequest): Promise<Adjustment>;
  /** The pool as it stands at `now`, refills included; opens nothing. Undefined: never opened. */
  pool(id: string, now: number): Promise<CoinPool | undefined>;
  /** The same for many at once; those never opened are not in the map. */
  pools(ids: readonly string[], now: number): Promise<ReadonlyMap<string, CoinPool>>;
  /** Puts new terms in force on pools already open, closing the hours before at the old rate (P6, P7). */
  applyTerms(changes: readonly { readonly pool: string; readonly terms: PoolTerms }[], now: number): Promise<void>;
  /** Books every hold placed before `placedBefore` at its last progress, flagged `expired` (H6). @returns how many */
  expireHolds(placedBefore: number, now: number): Promise<number>;
  openHolds(): Promise<number>;
  openHold(id: string): Promise<OpenHold | undefined>;
  /** The lease under which holds are placed now. One that was lost is never the one again; the next has another. */
  lease(): Lease;
}
