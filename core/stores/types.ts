import type { ApiKey } from "../domain/apiKey";
import type { ChatMessage } from "../domain/chatMessage";
import type { NanoCoins } from "../domain/coins";
import type { Consent } from "../domain/consent";
import type { Conversation } from "../domain/conversation";
import type { Adjustment, LedgerEntry } from "../domain/ledgerEntry";
import type { Client, User } from "../domain/owner";
import type { Credential, Session, SignInLink } from "../domain/session";
import type { Ledger } from "./ledgerTypes";
import type { RateLimits, RunningAnswers } from "./peerTypes";

export type * from "./ledgerTypes";
export type * from "./peerTypes";

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
  /** Limits that count over all processes on this store; none where there is one alone, which counts by itself. */
  readonly rateLimits?: RateLimits;
  /** Answers of the chat on all processes; none where there is one alone. */
  readonly runningAnswers?: RunningAnswers;
  /** Reads the whole history again and holds it against the balances. */
  verifyBooks(): Promise<BooksReport>;
  /** Undefined while all is well; else what broke. Holds and authentication are refused, for good where the engine owns the data, until it is undefined again where a server does. */
  failure(): Error | undefined;
  /** For operation: the durable bytes of the journal and its archive, and how many events wait for the disk. Reads nothing. */
  journalState(): { readonly bytes: number; readonly unsyncedEvents: number };
  checkpoint(): Promise<void>;
  /** Writes a consistent copy into an empty or missing folder. */
  backup(folder: string): Promise<void>;
  close(): Promise<void>;
}
