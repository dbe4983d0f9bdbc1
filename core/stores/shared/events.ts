import type { PoolTerms } from "../../domain/coinPool";
import type { HoldLine } from "../../domain/hold";
import type { Adjustment, CallFacts, LedgerEntry } from "../../domain/ledgerEntry";
import type { AuditEvent, HoldProgress, INDEXES } from "../types";

export type CollectionName = keyof typeof INDEXES;

/** A row of any collection, as the journal sees it. */
export interface AnyRow {
  readonly id: string;
  readonly revision: number;
}

/**
 * Every change of the books is one of these. Each says by itself what it does to every row it touches (a settlement names
 * what it frees and what it charges), so that a replay may skip the rows that a checkpoint already holds.
 */
export type BooksEvent =
  | HoldEvent
  | SettleEvent
  | { readonly t: "extend"; readonly id: string; readonly lines: readonly HoldLine[] }
  | { readonly t: "progress"; readonly id: string; readonly progress: HoldProgress }
  | { readonly t: "release"; readonly id: string; readonly held: readonly HoldLine[] }
  | PoolEvent
  | AdjustEvent
  | { readonly t: "put"; readonly collection: CollectionName; readonly row: AnyRow }
  | { readonly t: "delete"; readonly collection: CollectionName; readonly id: string }
  | { readonly t: "audit"; readonly event: AuditEvent }
  | { readonly t: "mark"; readonly what: "opened" | "closed"; readonly at: number };

export interface HoldEvent {
  readonly t: "hold";
  readonly id: string;
  readonly at: number;
  readonly lines: readonly HoldLine[];
  readonly facts: CallFacts;
  readonly progress?: HoldProgress;
}

/** A call that was booked; with `prior`, a correction that takes the place of an expired entry (docs/rules.md H6). */
export interface SettleEvent {
  readonly t: "settle";
  readonly entry: LedgerEntry;
  readonly held: readonly HoldLine[];
  readonly prior?: LedgerEntry;
  /** The sequence number under which `prior` was written. */
  readonly priorSeq?: number;
}

/** Changes the terms or the clock of a pool; moves no money. */
export interface PoolEvent {
  readonly t: "pool";
  readonly id: string;
  readonly terms: PoolTerms;
  readonly refillFrom: number;
}

export interface AdjustEvent {
  readonly t: "adjust";
  readonly adjustment: Adjustment;
  /** A refill moves the pool's clock as well. */
  readonly refillFrom?: number;
  /** With an `opening`: the first terms. One event, so that no crash leaves a pool without its first balance. */
  readonly terms?: PoolTerms;
}

/** An event with its place in the journal. */
export interface Recorded<E extends BooksEvent = BooksEvent> {
  readonly seq: number;
  readonly event: E;
}
