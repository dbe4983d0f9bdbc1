import type { PoolTerms } from "../../../domain/coinPool";
import type { CallFacts, LedgerEntry } from "../../../domain/ledgerEntry";
import { createBooks, type Books, type HeldLine } from "../../shared/books";
import { encode, revive } from "../../shared/codec";
import type { SettleEvent } from "../../shared/events";
import { RollupDifferences } from "../../shared/rollups";
import type { HoldProgress } from "../../types";
import type { Queryable } from "../database";
import type { CallRef, Operation } from "./operation";

/** The rows that a batch has locked, as the shared rules know them. */
export interface LoadedBooks {
  readonly books: Books;
  /** Entries of calls that were booked before, by the sequence number under which `books.recent` knows them. */
  readonly entries: ReadonlyMap<number, SettleEvent>;
  readonly holdIds: ReadonlySet<string>;
  /** What the batch adds to the totals. */
  readonly rollups: RollupDifferences;
}

interface HoldRecord { readonly id: string; readonly placed_at: number; readonly facts: string; readonly lines: string; readonly progress: string | null }
interface UsageRecord { readonly id: string; readonly expired: boolean; readonly entry: string }
interface PoolRecord { readonly id: string; readonly opened: boolean; readonly balance: bigint; readonly held: bigint; readonly terms: string; readonly refill_from: number }

const TERMS_KEPT = 10_000;
/** The same terms stand in very many pools. */
const termsByText = new Map<string, PoolTerms>();
const textsOfTerms = new WeakMap<PoolTerms, string>();

export function readTerms(text: string): PoolTerms {
  const known = termsByText.get(text);
  if (known) return known;
  const terms = read<PoolTerms>(text);
  if (termsByText.size >= TERMS_KEPT) termsByText.clear();
  termsByText.set(text, terms);
  textsOfTerms.set(terms, text);
  return terms;
}

export function termsText(terms: PoolTerms): string {
  let text = textsOfTerms.get(terms);
  if (text === undefined) textsOfTerms.set(terms, (text = encode(terms)));
  return text;
}

/** What the codec wrote. */
export function read<T>(text: string): T {
  const value = JSON.parse(text) as T;
  revive(value);
  return value;
}

const HOLDS = { name: "lock-holds", text: "SELECT id, placed_at, facts, lines, progress FROM holds WHERE id = ANY($1) ORDER BY id FOR UPDATE" };
const ENTRIES = {
  name: "lock-entries",
  text: "SELECT u.id, u.expired, u.entry FROM unnest($1::text[], $2::bigint[]) AS c (id, made_at) JOIN usage u ON u.id = c.id AND u.made_at = c.made_at ORDER BY u.id FOR UPDATE OF u",
};
const POOLS = { name: "lock-pools", text: "SELECT id, opened, balance, held, terms, refill_from FROM pools WHERE id = ANY($1) ORDER BY id FOR UPDATE" };

/**
 * Locks and loads what a batch looks at: its holds, then the entries of its calls that have no hold, then its pools; each in the order of
 * their ids, so that two batches never wait for each other in a circle.
 */
export async function loadBooks(on: Queryable, operations: readonly Operation[]): Promise<LoadedBooks> {
  const rollups = new RollupDifferences();
  const books = createBooks(Infinity, rollups);
  const entries = new Map<number, SettleEvent>();
  const calls = new Map<string, CallRef>();
  const pools = new Set<string>();
  for (const operation of operations) {
    for (const call of operation.calls) calls.set(call.id, call);
    for (const { pool } of operation.pools) pools.add(pool);
  }
  if (calls.size > 0) {
    for (const row of await on.rows<HoldRecord>({ ...HOLDS, values: [[...calls.keys()]] })) {
      const lines = read<HeldLine[]>(row.lines);
      for (const { pool } of lines) pools.add(pool);
      const progress = row.progress === null ? undefined : read<HoldProgress>(row.progress);
      books.holds.set(row.id, { id: row.id, lines, placedAt: row.placed_at, facts: read<CallFacts>(row.facts), progress, progressAt: 0, seq: 0 });
    }
    const without = [...calls.values()].filter(({ id }) => !books.holds.has(id));
    if (without.length > 0) {
      for (const row of await on.rows<UsageRecord>({ ...ENTRIES, values: [without.map(({ id }) => id), without.map(({ madeAt }) => madeAt)] })) {
        const entry = read<LedgerEntry>(row.entry);
        if (row.expired) for (const { pool } of entry.charges) pools.add(pool);
        books.seq += 1;
        books.recent.set(row.id, books.seq, row.expired);
        entries.set(books.seq, { t: "settle", entry, held: [] });
      }
    }
  }
  if (pools.size > 0) {
    for (const row of await on.rows<PoolRecord>({ ...POOLS, values: [[...pools]] })) {
      if (row.opened) books.pools.set(row.id, { id: row.id, balanceNano: row.balance, heldNano: row.held, terms: readTerms(row.terms), refillFrom: row.refill_from, seq: 0 });
    }
  }
  return { books, entries, holdIds: new Set(books.holds.keys()), rollups };
}
