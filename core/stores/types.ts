import type { ApiKey } from "../domain/apiKey";
import type { ChatMessage } from "../domain/chatMessage";
import type { CoinPool, PoolTerms } from "../domain/coinPool";
import type { NanoCoins } from "../domain/coins";
import type { Consent } from "../domain/consent";
import type { Conversation } from "../domain/conversation";
import type { Adjustment, CallFacts, EntryFlag, LedgerEntry } from "../domain/ledgerEntry";
import type { Client, User } from "../domain/owner";
import type { Credential, Session, SignInLink } from "../domain/session";
import type { Usage } from "../domain/usage";

/** One page of a listing; `next` is the cursor of the page after it. */
export interface Page<T> {
  readonly rows: readonly T[];
  readonly next?: string;
}

/** A row as stored: `revision` counts its changes from 1. */
export type Versioned<T> = T & { readonly revision: number };

export interface ListQuery {
  /** One of the collection's indexes and the value looked for; none: all rows, by id. */
  readonly index?: string;
  readonly value?: string;
  readonly cursor?: string;
  readonly limit?: number;
}

/** Fired after a row was changed or removed, on every node. */
export interface RowChange<T> {
  readonly id: string;
  readonly row?: Versioned<T>;
}

/**
 * One collection of small records. A put resolves when it is durable; the next read on this node sees it.
 * @throws StoreConflict when a unique index is taken, or `expectedRevision` is not the row's
 */
export interface Records<T extends { readonly id: string }> {
  get(id: string): Promise<Versioned<T> | undefined>;
  /** The row whose unique index has this value. */
  find(index: string, value: string): Promise<Versioned<T> | undefined>;
  list(query?: ListQuery): Promise<Page<Versioned<T>>>;
  put(row: T, options?: { readonly expectedRevision?: number }): Promise<Versioned<T>>;
  delete(id: string): Promise<boolean>;
  /** @returns a function that ends the watch */
  watch(listener: (change: RowChange<T>) => void): () => void;
}

/** The indexes of each collection; a unique one refuses a second row with the value. */
export const INDEXES = {
  users: { email: "unique" },
  clients: { name: "unique" },
  keys: { ownerId: "many", secretId: "unique", formerId: "unique" },
  consents: { ownerId: "many" },
  sessions: { userId: "many" },
  credentials: {},
  signInLinks: { userId: "many" },
  conversations: { ownerId: "many" },
} as const;

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
  /**
   * `performance.now()` until which nobody else books what this process holds: after it nothing may go out to a caller any more (H6).
   * Infinity where the store belongs to one process.
   */
  leaseEndsAt(): number;
}

export interface UsageFilter {
  readonly ownerId?: string;
  /** One of these owners; an empty list is nobody. */
  readonly ownerIds?: readonly string[];
  readonly keyId?: string;
  readonly model?: string;
  readonly via?: "api" | "chat";
  readonly period?: UsagePeriod;
}

/** A stretch of UTC days (`2026-11-21`) or months (`2026-11`), ends included. Totals reach back 100 days and 25 months. */
export interface UsagePeriod {
  readonly unit: "day" | "month";
  readonly from: string;
  /** Undefined: up to now. */
  readonly to?: string;
}

export interface UsageTotals {
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costNano: NanoCoins;
  readonly uncollectedNano: NanoCoins;
  /** Epoch ms; 0 = never. */
  readonly lastUsedAt: number;
}

export type UsageGroup = "ownerId" | "keyId" | "model" | "via" | "day" | "month";

/** What was used, from rollups; single entries from the history. */
export interface UsageHistory {
  totals(filter: UsageFilter): Promise<UsageTotals>;
  /** Totals by owner, key id, model, `api`/`chat`, UTC day (`2026-11-21`) or month (`2026-11`); days and months come in order. */
  totalsBy(group: UsageGroup, filter: UsageFilter): Promise<ReadonlyMap<string, UsageTotals>>;
  /** Requests of one owner, or of all, by UTC day: 24 numbers, one an hour. Reaches back 100 days. */
  hours(filter: Pick<UsageFilter, "ownerId" | "period">): Promise<ReadonlyMap<string, readonly number[]>>;
  /** Newest first. */
  entries(query: UsageFilter & { readonly cursor?: string; readonly limit?: number }): Promise<Page<LedgerEntry>>;
  entry(id: string): Promise<LedgerEntry | undefined>;
  adjustments(query: { readonly pool: string; readonly cursor?: string; readonly limit?: number }): Promise<Page<Adjustment>>;
}

/** Who did what to whom. */
export interface AuditEvent {
  readonly id: string;
  readonly at: number;
  /** A user's id, `cli`, or `system`. */
  readonly actor: string;
  /** `client.create`, `key.revoke`, `coins.grant`, `consent.record` … */
  readonly action: string;
  readonly subject: string;
  readonly details?: Readonly<Record<string, string>>;
}

/** What is asked of the audit log; all of it must hold. */
export interface AuditFilter {
  readonly actor?: string;
  readonly subject?: string;
  /** The whole action, or with a dot at its end all of a kind: `key.` */
  readonly action?: string;
  /** Epoch ms, the moment itself included. */
  readonly since?: number;
  /** Epoch ms, the moment itself not included. */
  readonly until?: number;
}

export interface AuditLog {
  append(event: AuditEvent): Promise<void>;
  /** Newest first. */
  list(query?: AuditFilter & { readonly cursor?: string; readonly limit?: number }): Promise<Page<AuditEvent>>;
}

/** The proof of the books: Σ adjustments − Σ charges = balance, Σ open holds = held, for every pool. */
export interface BooksReport {
  readonly exact: boolean;
  readonly pools: number;
  readonly entries: number;
  readonly openHolds: number;
  readonly costNano: NanoCoins;
  readonly uncollectedNano: NanoCoins;
  /** One sentence for each difference found. */
  readonly differences: readonly string[];
}

/** What happened in a conversation. A message that is told again replaces what was said of it before. */
export interface ConversationEvent {
  readonly t: "message";
  readonly message: ChatMessage;
}

/** What was said in conversations, one log for each; their rows are `Store.conversations`. */
export interface Conversations {
  /** Resolves when it would survive a crash. What is appended at once is kept in the order of the calls. */
  append(id: string, events: readonly ConversationEvent[]): Promise<void>;
  /** In the order of the appends; empty where nothing was said, or all was erased. */
  read(id: string): Promise<readonly ConversationEvent[]>;
  /** Nothing of it can be read any more. */
  erase(id: string): Promise<void>;
}

/** Bytes that go with conversations. A file is at one place: an owner's id until it is sent, a conversation's id from then on. */
export interface ChatFiles {
  put(place: string, id: string, bytes: Uint8Array): Promise<void>;
  get(place: string, id: string): Promise<Buffer | undefined>;
  /** @returns false where there is no such file */
  move(id: string, from: string, to: string): Promise<boolean>;
  /** The ids of the files at a place. */
  list(place: string): Promise<readonly string[]>;
  /** One file, or all of a place. */
  erase(place: string, id?: string): Promise<void>;
}

export interface Store {
  readonly users: Records<User>;
  readonly clients: Records<Client>;
  readonly keys: Records<ApiKey>;
  readonly consents: Records<Consent>;
  readonly sessions: Records<Session>;
  readonly credentials: Records<Credential>;
  readonly signInLinks: Records<SignInLink>;
  readonly conversations: Records<Conversation>;
  readonly messages: Conversations;
  readonly files: ChatFiles;
  readonly ledger: Ledger;
  readonly usage: UsageHistory;
  readonly auditLog: AuditLog;
  /** Reads the whole history again and holds it against the balances. */
  verifyBooks(): Promise<BooksReport>;
  /** Undefined while all is well; else what broke. Holds and authentication are refused from then on. */
  failure(): Error | undefined;
  /** For operation: the durable bytes of the journal and its archive, and how many events wait for the disk. Reads nothing. */
  journalState(): { readonly bytes: number; readonly unsyncedEvents: number };
  checkpoint(): Promise<void>;
  /** Writes a consistent copy into an empty or missing folder. */
  backup(folder: string): Promise<void>;
  close(): Promise<void>;
}
