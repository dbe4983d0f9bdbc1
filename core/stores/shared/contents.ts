import type { CoinPool } from "../../domain/coinPool";
import type { HoldLine } from "../../domain/hold";
import type { Adjustment, CallFacts, LedgerEntry } from "../../domain/ledgerEntry";
import type { AuditEvent, ConversationEvent, HoldProgress } from "../types";
import type { AnyRow, CollectionName } from "./events";

/** A text as every engine can hold it: U+0000 and halves of surrogate pairs, which PostgreSQL takes in no text, are replaced. */
export function storable(text: string): string {
  return text.replace(/[\0\p{Surrogate}]/gu, "\uFFFD");
}

/** A call that is not booked yet: only in the copy of a store that calls go through meanwhile. */
export interface ContentsHold {
  readonly t: "hold";
  readonly id: string;
  readonly at: number;
  readonly lines: readonly HoldLine[];
  readonly facts: CallFacts;
  readonly progress?: HoldProgress;
}

/** What was booked of a call; with `prior`, a correction of an entry that came before (docs/rules.md H6). */
export interface ContentsEntry {
  readonly t: "settle";
  readonly entry: LedgerEntry;
  readonly prior?: LedgerEntry;
}

/** Whatever happened to the books, in the order in which it was booked; between the three kinds, in that of time. */
export type ContentsEvent =
  | { readonly t: "adjust"; readonly adjustment: Adjustment }
  | ContentsEntry
  | { readonly t: "audit"; readonly event: AuditEvent };

/**
 * One piece of all that a store holds, the same whichever engine holds it. They come in this order: pools as they stand, what
 * happened, open holds, records, what was said (of one conversation in its order, without a gap), files. What can be counted
 * from them (totals, balances of a journal) is counted again where they go.
 */
export type ContentsItem =
  | { readonly t: "pool"; readonly pool: Omit<CoinPool, "heldNano"> }
  | ContentsEvent
  | ContentsHold
  | { readonly t: "put"; readonly collection: CollectionName; readonly row: AnyRow }
  | { readonly t: "message"; readonly conversationId: string; readonly event: ConversationEvent }
  | { readonly t: "file"; readonly place: string; readonly id: string; readonly bytes: Buffer };

/** A store that is read as a whole, at one moment. */
export interface StoreContents {
  /** All of it, in pieces that fit into memory. */
  read(): AsyncIterable<readonly ContentsItem[]>;
  close(): Promise<void>;
}

/** A store that is being filled. Until `complete` it says of itself that it is unfinished, and no gateway starts on it. */
export interface ContentsTarget {
  take(items: readonly ContentsItem[]): Promise<void>;
  /** Makes durable what was taken. @returns it, as it can be read there now */
  written(): Promise<StoreContents>;
  /** From here on a gateway may start on it. */
  complete(): Promise<void>;
  /** Leaves it unfinished: the next attempt begins anew. To be called in any case; after `complete` it frees what is open. */
  close(): Promise<void>;
}
