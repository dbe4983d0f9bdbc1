import { HOUR_MS } from "../../domain/coinPool";
import type { LedgerEntry } from "../../domain/ledgerEntry";
import { timeOfUuidV7 } from "../../ids";
import type { Page, UsageFilter, UsageGroup, UsageHistory, UsagePeriod } from "../types";
import type { Books } from "./books";
import type { Engine, HistorySearch } from "./engine";
import { pageFrom, pageOf, type PageQuery } from "./historyPages";
import { dayName, matches, monthName } from "./rollups";
import { addTotals, noTotals, type MutableTotals, type RollupRow, type RollupTable } from "./rollupTable";
import { momentsOf } from "./usagePeriods";

const LONGEST_CALL_MS = 48 * HOUR_MS;

/** One page of the history, newest first; the cursor is the sequence number of the last row. */
export async function historyPage<T>(
  engine: Engine, query: PageQuery, search: Pick<HistorySearch<T>, "pick" | "text" | "between">,
): Promise<Page<T>> {
  const { before, limit } = pageOf(query);
  return pageFrom(await engine.history.newest({ ...search, before, limit: limit + 1 }), limit);
}

/**
 * When a call with this id can have been booked: an id that is a UUIDv7 carries the time at which it was made. A stranger's
 * guess then costs a look at one or two segments, not at years of history.
 */
function callTimes(id: string): readonly [number, number] | undefined {
  const made = timeOfUuidV7(id);
  return made === undefined ? undefined : [made - HOUR_MS, made + LONGEST_CALL_MS];
}

async function entryOf(engine: Engine, id: string): Promise<LedgerEntry | undefined> {
  const known = engine.books.recent.get(id);
  if (known) {
    await engine.durable();
    const event = await engine.history.at(known.seq);
    return event?.t === "settle" ? event.entry : undefined;
  }
  const [found] = await engine.history.newest({
    limit: 1,
    between: callTimes(id),
    text: JSON.stringify(id),
    pick: (event) => (event.t === "settle" && event.entry.id === id ? event.entry : undefined),
  });
  return found?.found;
}

/** The tables that a question is about, in the order of time, with the names of their stretches. */
function tablesOf({ rollups }: Books, unit: "day" | "month" | undefined, period: UsagePeriod | undefined): (readonly [string, RollupTable])[] {
  if (unit === undefined) return [["", rollups.allTime]];
  const named = unit === "day"
    ? [...rollups.days].map(([day, table]) => [dayName(day), table] as const)
    : [...rollups.months].map(([month, table]) => [monthName(month), table] as const);
  return named.filter(([name]) => !period || isWithin(name, period)).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A day lies within months that hold it, and a month within days if one of them is its own. */
function isWithin(name: string, { from, to = "9999" }: UsagePeriod): boolean {
  return name >= from.slice(0, name.length) && name.slice(0, to.length) <= to.slice(0, name.length);
}

/** The rows that can match, by looking at the owners alone; the sums of all owners where nobody asks for an owner or a key. */
function* rowsOf(table: RollupTable, filter: UsageFilter, group?: UsageGroup): Generator<RollupRow> {
  const { ownerId, ownerIds, keyId, ...rest } = filter;
  const owners = ownerId === undefined ? ownerIds && new Set(ownerIds) : [ownerId];
  if (!owners && keyId === undefined && group !== "ownerId" && group !== "keyId") {
    for (const row of table.everyone()) if (matches(rest, row)) yield row;
    return;
  }
  // An owner's rows are found by their id: the list itself need not be gone through for each row.
  const others = ownerId === undefined ? { ...rest, keyId } : filter;
  for (const owner of owners ?? [undefined]) {
    for (const row of table.rows(owner)) if (matches(others, row)) yield row;
  }
}

function sumOf(books: Books, filter: UsageFilter): MutableTotals {
  const sum = noTotals();
  for (const [, table] of tablesOf(books, filter.period?.unit, filter.period)) {
    for (const row of rowsOf(table, filter)) addTotals(sum, row);
  }
  return sum;
}

function sumsBy(books: Books, group: UsageGroup, filter: UsageFilter): Map<string, MutableTotals> {
  const totals = new Map<string, MutableTotals>();
  const unit = group === "day" || group === "month" ? group : filter.period?.unit;
  for (const [stretch, table] of tablesOf(books, unit, filter.period)) {
    for (const row of rowsOf(table, filter, group)) {
      if (unit !== undefined && row.requests === 0) continue;
      const name = group === "day" || group === "month" ? stretch : (row[group] ?? "");
      let sum = totals.get(name);
      if (!sum) totals.set(name, (sum = noTotals()));
      addTotals(sum, row);
    }
  }
  return totals;
}

function isUsed(books: Books, filter: UsageFilter): boolean {
  for (const row of rowsOf(books.rollups.allTime, filter)) if (row.requests > 0) return true;
  return false;
}

function entriesOf(engine: Engine, query: UsageFilter & PageQuery): Promise<Page<LedgerEntry>> {
  const { superseded } = engine.books;
  const only: UsageFilter = query;
  const text = only.keyId ?? only.ownerId ?? only.model;
  const between = only.period && momentsOf(only.period);
  const isIn = ({ settledAt }: LedgerEntry) => !between || (settledAt >= between[0] && settledAt <= between[1]);
  return historyPage<LedgerEntry>(engine, query, {
    // Its end is left to `pick`: what was booked late or by a clock that was set back stands in later segments.
    between: between && [between[0], Infinity],
    text: text === undefined ? undefined : JSON.stringify(text),
    pick: (event, seq) =>
      event.t === "settle" && matches(only, event.entry) && isIn(event.entry) && !superseded.has(seq) ? event.entry : undefined,
  });
}

/** Totals from the rollups, single entries from the history (docs/rules.md C7). */
export function createUsageHistory(engine: Engine): UsageHistory {
  const { books } = engine;
  return {
    totals: async (filter) => {
      engine.assertUsable();
      return sumOf(books, filter);
    },
    totalsBy: async (group, filter) => {
      engine.assertUsable();
      return sumsBy(books, group, filter);
    },
    hours: async ({ ownerId, period }) => {
      engine.assertUsable();
      const hours = new Map<string, readonly number[]>();
      for (const [day, table] of tablesOf(books, "day", period)) {
        const counts = table.hours?.of(ownerId);
        if (counts?.some((count) => count > 0)) hours.set(day, counts);
      }
      return hours;
    },
    entries: async (query) => {
      engine.assertUsable();
      // The rollups know whether there is anything to look for.
      return isUsed(books, query) ? entriesOf(engine, query) : { rows: [] };
    },
    entry: async (id) => {
      engine.assertUsable();
      return entryOf(engine, id);
    },
    adjustments: async (query) => {
      engine.assertUsable();
      return historyPage(engine, query, {
        text: JSON.stringify(query.pool),
        pick: (event) => (event.t === "adjust" && event.adjustment.pool === query.pool ? event.adjustment : undefined),
      });
    },
  };
}
