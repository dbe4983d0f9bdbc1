import type { LedgerEntry } from "../../domain/ledgerEntry";
import type { UsageFilter } from "../types";
import { HourTable } from "./hourTable";
import { rowKey, RollupTable } from "./rollupTable";

export const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** How many days stay in memory; the files of older days are kept. */
export const DAYS_KEPT = 100;
/** How many months stay in memory. */
export const MONTHS_KEPT = 25;

export const dayOf = (at: number): number => Math.floor(at / DAY_MS);
export const dayName = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** Months are counted from the year 0. */
export const monthOfName = (name: string): number => Number(name.slice(0, 4)) * 12 + Number(name.slice(5, 7)) - 1;
export const monthName = (month: number): string => `${String(Math.floor(month / 12)).padStart(4, "0")}-${String((month % 12) + 1).padStart(2, "0")}`;

/** What pages and dashboards read, instead of the raw history: totals of all time, of each recent month and of each recent day. */
export class Rollups {
  readonly allTime = new RollupTable();
  readonly months = new Map<number, RollupTable>();
  readonly days = new Map<number, RollupTable>();
  #newestMonth = -Infinity;
  #newestDay = -Infinity;
  /** The month of the day that was asked for last: most calls are of one day. */
  #lastDay: { readonly day: number; readonly month: number } | undefined;

  /** @param leastHour what no counter of an hour goes below */
  constructor(private readonly leastHour = 0) {}

  /** Books an entry; a correction takes out what it replaces. Rows that already hold `seq` are left alone. */
  settle(entry: LedgerEntry, prior: LedgerEntry | undefined, seq: number): void {
    const key = rowKey(entry);
    const day = dayOf(entry.settledAt);
    const priorDay = prior && dayOf(prior.settledAt);
    this.#post(this.allTime, key, entry, prior && this.allTime, prior, seq);
    this.#post(this.month(this.#monthOf(day)), key, entry, priorDay === undefined ? undefined : this.month(this.#monthOf(priorDay)), prior, seq);
    const before = priorDay === undefined ? undefined : this.day(priorDay);
    const table = this.day(day);
    this.#post(table, key, entry, before, prior, seq);
    this.#postHours(table, entry, before, prior, seq);
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
    if (takeOld && prior) priorTable?.book(old, prior, -1, seq);
    if (addNew) table?.book(row, entry, 1, seq);
  }

  #postHours(
    table: RollupTable | undefined, entry: LedgerEntry, priorTable: RollupTable | undefined, prior: LedgerEntry | undefined, seq: number,
  ): void {
    const addNew = table?.hours?.isBehind(entry.ownerId, seq) ?? false;
    const takeOld = prior !== undefined && (priorTable?.hours?.isBehind(prior.ownerId, seq) ?? false);
    if (takeOld) priorTable?.hours?.add(prior.ownerId, hourOf(prior.settledAt), -1, seq);
    if (addNew) table?.hours?.add(entry.ownerId, hourOf(entry.settledAt), 1, seq);
    if (takeOld && priorTable) priorTable.changed = seq;
    if (addNew && table) table.changed = seq;
  }

  /** The table of a day, made if it is one of those kept. */
  day(day: number): RollupTable | undefined {
    const found = this.days.get(day);
    if (found || day <= this.#newestDay - DAYS_KEPT) return found;
    const table = new RollupTable(new HourTable(this.leastHour));
    this.days.set(day, table);
    if (day > this.#newestDay) {
      this.#newestDay = day;
      for (const old of this.days.keys()) if (old <= day - DAYS_KEPT) this.days.delete(old);
    }
    return table;
  }

  /** The table of a month, made if it is one of those kept. */
  month(month: number): RollupTable | undefined {
    const found = this.months.get(month);
    if (found || month <= this.#newestMonth - MONTHS_KEPT) return found;
    const table = new RollupTable();
    this.months.set(month, table);
    if (month > this.#newestMonth) {
      this.#newestMonth = month;
      for (const old of this.months.keys()) if (old <= month - MONTHS_KEPT) this.months.delete(old);
    }
    return table;
  }

  #monthOf(day: number): number {
    if (this.#lastDay?.day !== day) this.#lastDay = { day, month: monthOfName(dayName(day)) };
    return this.#lastDay.month;
  }
}

/** What a batch changes about totals that are kept elsewhere: a correction may leave less than nothing here. */
export class RollupDifferences extends Rollups {
  readonly areDifferences = true;

  constructor() {
    super(-Infinity);
  }
}

const hourOf = (at: number): number => Math.floor((at - dayOf(at) * DAY_MS) / HOUR_MS);

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
