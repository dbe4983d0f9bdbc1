import type { NanoCoins } from "../../domain/coins";
import type { LedgerEntry } from "../../domain/ledgerEntry";
import type { UsageFilter, UsageTotals } from "../types";

export interface RollupRow {
  readonly ownerId: string;
  readonly keyId?: string;
  readonly model: string;
  readonly via: "api" | "chat";
  requests: number;
  inputTokens: number;
  outputTokens: number;
  costNano: NanoCoins;
  uncollectedNano: NanoCoins;
  lastUsedAt: number;
  seq: number;
}

export const DAY_MS = 86_400_000;
/** How many days stay in memory; the files of older days are kept. */
export const DAYS_KEPT = 100;

export const dayOf = (at: number): number => Math.floor(at / DAY_MS);
export const dayName = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** What no pool paid: the most that any of the call's pools fell short, since each was to pay the whole cost. */
export function uncollectedOf(entry: LedgerEntry): NanoCoins {
  let most = 0n;
  for (const charge of entry.charges) if (charge.uncollectedNano > most) most = charge.uncollectedNano;
  return most;
}

const rowKey = (of: { readonly keyId?: string; readonly model: string; readonly via: string }): string =>
  `${of.keyId ?? ""}\n${of.via}\n${of.model}`;

/** Totals by owner, key, model and way in. */
export class RollupTable {
  readonly #owners = new Map<string, Map<string, RollupRow>>();
  /** The last sequence number that changed a row. */
  changed = 0;
  size = 0;

  row(of: Pick<RollupRow, "ownerId" | "keyId" | "model" | "via">, key = rowKey(of)): RollupRow {
    let rows = this.#owners.get(of.ownerId);
    if (!rows) this.#owners.set(of.ownerId, (rows = new Map<string, RollupRow>()));
    const found = rows.get(key);
    if (found) return found;
    const row: RollupRow = {
      ownerId: of.ownerId, keyId: of.keyId, model: of.model, via: of.via,
      requests: 0, inputTokens: 0, outputTokens: 0, costNano: 0n, uncollectedNano: 0n, lastUsedAt: 0, seq: 0,
    };
    rows.set(key, row);
    this.size += 1;
    return row;
  }

  load(row: RollupRow): void {
    Object.assign(this.row(row), row);
    if (row.seq > this.changed) this.changed = row.seq;
  }

  *rows(ownerId?: string): Generator<RollupRow> {
    if (ownerId !== undefined) {
      yield* this.#owners.get(ownerId)?.values() ?? [];
      return;
    }
    for (const rows of this.#owners.values()) yield* rows.values();
  }
}

function add(row: RollupRow, entry: LedgerEntry, sign: 1 | -1): void {
  row.requests += sign;
  row.inputTokens += sign * entry.usage.inputTokens;
  row.outputTokens += sign * entry.usage.outputTokens;
  const uncollected = uncollectedOf(entry);
  row.costNano += sign === 1 ? entry.costNano : -entry.costNano;
  if (uncollected !== 0n) row.uncollectedNano += sign === 1 ? uncollected : -uncollected;
  if (entry.settledAt > row.lastUsedAt) row.lastUsedAt = entry.settledAt;
}

/** What pages and dashboards read, instead of the raw history: totals of all time and of each recent day. */
export class Rollups {
  readonly allTime = new RollupTable();
  readonly days = new Map<number, RollupTable>();
  #newest = -Infinity;

  /** Books an entry; a correction takes out what it replaces. Rows that already hold `seq` are left alone. */
  settle(entry: LedgerEntry, prior: LedgerEntry | undefined, seq: number): void {
    const key = rowKey(entry);
    this.#post(this.allTime, key, entry, prior && this.allTime, prior, seq);
    const priorDay = prior && this.day(dayOf(prior.settledAt));
    this.#post(this.day(dayOf(entry.settledAt)), key, entry, priorDay, prior, seq);
  }

  #post(
    table: RollupTable | undefined, key: string, entry: LedgerEntry,
    priorTable: RollupTable | undefined, prior: LedgerEntry | undefined, seq: number,
  ): void {
    // Both rows are looked at before either changes: they may be one.
    const row = table?.row(entry, key);
    const old = prior && priorTable?.row(prior);
    const addNew = row !== undefined && row.seq < seq;
    const takeOld = old !== undefined && old.seq < seq;
    if (takeOld && prior) {
      add(old, prior, -1);
      old.seq = seq;
      if (priorTable) priorTable.changed = seq;
    }
    if (addNew) {
      add(row, entry, 1);
      row.seq = seq;
      if (table) table.changed = seq;
    }
  }

  /** The table of a day, made if it is one of those kept. */
  day(day: number): RollupTable | undefined {
    const found = this.days.get(day);
    if (found || day <= this.#newest - DAYS_KEPT) return found;
    const table = new RollupTable();
    this.days.set(day, table);
    if (day > this.#newest) {
      this.#newest = day;
      for (const old of this.days.keys()) if (old <= day - DAYS_KEPT) this.days.delete(old);
    }
    return table;
  }
}

export interface MutableTotals {
  requests: number;
  inputTokens: number;
  outputTokens: number;
  costNano: NanoCoins;
  uncollectedNano: NanoCoins;
  lastUsedAt: number;
}

export const noTotals = (): MutableTotals => ({
  requests: 0, inputTokens: 0, outputTokens: 0, costNano: 0n, uncollectedNano: 0n, lastUsedAt: 0,
});

export function addTotals(sum: MutableTotals, row: UsageTotals): void {
  sum.requests += row.requests;
  sum.inputTokens += row.inputTokens;
  sum.outputTokens += row.outputTokens;
  sum.costNano += row.costNano;
  sum.uncollectedNano += row.uncollectedNano;
  if (row.lastUsedAt > sum.lastUsedAt) sum.lastUsedAt = row.lastUsedAt;
}

export function matches(
  filter: UsageFilter, of: { readonly ownerId: string; readonly keyId?: string; readonly model: string; readonly via: string },
): boolean {
  return (
    (filter.ownerId === undefined || of.ownerId === filter.ownerId) &&
    (filter.ownerIds === undefined || filter.ownerIds.includes(of.ownerId)) &&
    (filter.keyId === undefined || of.keyId === filter.keyId) &&
    (filter.model === undefined || of.model === filter.model) &&
    (filter.via === undefined || of.via === filter.via)
  );
}
