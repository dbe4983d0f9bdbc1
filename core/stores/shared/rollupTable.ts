import type { NanoCoins } from "../../domain/coins";
import type { LedgerEntry } from "../../domain/ledgerEntry";
import type { UsageTotals } from "../types";
import type { HourTable } from "./hourTable";

export interface MutableTotals {
  requests: number;
  inputTokens: number;
  outputTokens: number;
  costNano: NanoCoins;
  uncollectedNano: NanoCoins;
  lastUsedAt: number;
}

export interface RollupRow extends MutableTotals {
  readonly ownerId: string;
  readonly keyId?: string;
  readonly model: string;
  readonly via: "api" | "chat";
  /** The sequence number that changed it last. */
  seq: number;
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

/** What no pool paid: the most that any of the call's pools fell short, since each was to pay the whole cost. */
export function uncollectedOf(entry: LedgerEntry): NanoCoins {
  let most = 0n;
  for (const charge of entry.charges) if (charge.uncollectedNano > most) most = charge.uncollectedNano;
  return most;
}

export const rowKey = (of: { readonly keyId?: string; readonly model: string; readonly via: string }): string =>
  `${of.keyId ?? ""}\n${of.via}\n${of.model}`;

function add(sum: MutableTotals, entry: LedgerEntry, sign: 1 | -1): void {
  sum.requests += sign;
  sum.inputTokens += sign * entry.usage.inputTokens;
  sum.outputTokens += sign * entry.usage.outputTokens;
  const uncollected = uncollectedOf(entry);
  sum.costNano += sign === 1 ? entry.costNano : -entry.costNano;
  if (uncollected !== 0n) sum.uncollectedNano += sign === 1 ? uncollected : -uncollected;
  if (entry.settledAt > sum.lastUsedAt) sum.lastUsedAt = entry.settledAt;
}

/** Totals by owner, key, model and way in; beside them the sums of all owners by model and way in, so that nobody walks through all rows for them. */
export class RollupTable {
  readonly #owners = new Map<string, Map<string, RollupRow>>();
  readonly #everyone = new Map<string, RollupRow>();
  /** The last sequence number that changed a row. */
  changed = 0;
  size = 0;

  /** @param hours requests by the hour, for a table of one day */
  constructor(readonly hours?: HourTable) {}

  row(of: Pick<RollupRow, "ownerId" | "keyId" | "model" | "via">, key = rowKey(of)): RollupRow {
    let rows = this.#owners.get(of.ownerId);
    if (!rows) this.#owners.set(of.ownerId, (rows = new Map<string, RollupRow>()));
    const found = rows.get(key);
    if (found) return found;
    const row: RollupRow = { ownerId: of.ownerId, keyId: of.keyId, model: of.model, via: of.via, ...noTotals(), seq: 0 };
    rows.set(key, row);
    this.size += 1;
    return row;
  }

  /** Adds an entry to a row of this table, or takes it out again. */
  book(row: RollupRow, entry: LedgerEntry, sign: 1 | -1, seq: number): void {
    add(row, entry, sign);
    add(this.#sumOf(row), entry, sign);
    row.seq = seq;
    this.changed = seq;
  }

  /** Adds a row of a checkpoint, or the row of another table whose sum this one is. */
  load(other: RollupRow, seq = other.seq): void {
    const row = this.row(other);
    addTotals(row, other);
    addTotals(this.#sumOf(row), other);
    row.seq = seq;
    if (seq > this.changed) this.changed = seq;
  }

  *rows(ownerId?: string): Generator<RollupRow> {
    if (ownerId !== undefined) {
      yield* this.#owners.get(ownerId)?.values() ?? [];
      return;
    }
    for (const rows of this.#owners.values()) yield* rows.values();
  }

  /** The sums of all owners: rows without owner and key. */
  everyone(): Iterable<RollupRow> {
    return this.#everyone.values();
  }

  #sumOf({ model, via }: RollupRow): RollupRow {
    const key = `${via}\n${model}`;
    const found = this.#everyone.get(key);
    if (found) return found;
    const row: RollupRow = { ownerId: "", model, via, ...noTotals(), seq: 0 };
    this.#everyone.set(key, row);
    return row;
  }
}
