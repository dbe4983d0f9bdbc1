import { HOUR_MS } from "../../domain/coinPool";
import type { LedgerEntry } from "../../domain/ledgerEntry";
import type { Page, UsageFilter, UsageHistory } from "../types";
import type { Engine, HistorySearch } from "./engine";
import { addTotals, dayName, matches, noTotals, type MutableTotals, type RollupRow, type RollupTable } from "./rollups";

const DEFAULT_LIMIT = 50;
const UUID_V7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const LONGEST_CALL_MS = 48 * HOUR_MS;

/** One page of the history, newest first; the cursor is the sequence number of the last row. */
export async function historyPage<T>(
  engine: Engine, query: { readonly cursor?: string; readonly limit?: number }, search: Pick<HistorySearch<T>, "pick" | "text" | "between">,
): Promise<Page<T>> {
  const limit = Math.max(1, query.limit ?? DEFAULT_LIMIT);
  const before = query.cursor === undefined ? undefined : Number(query.cursor);
  if (before !== undefined && !Number.isSafeInteger(before)) throw new RangeError(`not a cursor: ${query.cursor ?? ""}`);
  const found = await engine.history.newest({ ...search, before, limit: limit + 1 });
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  return {
    rows: rows.map((row) => row.found),
    ...(found.length > limit && last ? { next: String(last.seq) } : {}),
  };
}

/**
 * When a call with this id can have been booked: an id that is a UUIDv7 carries the time at which it was made. A stranger's
 * guess then costs a look at one or two segments, not at years of history.
 */
function callTimes(id: string): readonly [number, number] | undefined {
  const time = UUID_V7.exec(id);
  if (!time) return undefined;
  const made = Number.parseInt(`${time[1] ?? ""}${time[2] ?? ""}`, 16);
  return [made - HOUR_MS, made + LONGEST_CALL_MS];
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

/** The rows that a filter can match, by looking at its owners alone. */
function* rowsOf(table: RollupTable, filter: UsageFilter): Generator<RollupRow> {
  const { ownerIds, ...rest } = filter;
  const owners = filter.ownerId === undefined ? (ownerIds && new Set(ownerIds)) : [filter.ownerId];
  // An owner's rows are found by their id: the list itself need not be gone through for each row.
  const others = filter.ownerId === undefined ? rest : filter;
  for (const owner of owners ?? [undefined]) {
    for (const row of table.rows(owner)) if (matches(others, row)) yield row;
  }
}

/** Totals from the rollups, single entries from the history (docs/rules.md C7). */
export function createUsageHistory(engine: Engine): UsageHistory {
  const { rollups } = engine.books;
  const sumOf = (filter: UsageFilter): MutableTotals => {
    const sum = noTotals();
    for (const row of rowsOf(rollups.allTime, filter)) addTotals(sum, row);
    return sum;
  };
  const isUsed = (filter: UsageFilter): boolean => {
    for (const row of rowsOf(rollups.allTime, filter)) if (row.requests > 0) return true;
    return false;
  };
  return {
    totals: async (filter) => {
      engine.assertUsable();
      return sumOf(filter);
    },
    totalsBy: async (group, filter) => {
      engine.assertUsable();
      const totals = new Map<string, MutableTotals>();
      const into = (name: string): MutableTotals => {
        const found = totals.get(name) ?? noTotals();
        totals.set(name, found);
        return found;
      };
      if (group === "day") {
        for (const [day, table] of [...rollups.days].sort(([a], [b]) => a - b)) {
          for (const row of rowsOf(table, filter)) if (row.requests > 0) addTotals(into(dayName(day)), row);
        }
        return totals;
      }
      for (const row of rowsOf(rollups.allTime, filter)) addTotals(into(row[group] ?? ""), row);
      return totals;
    },
    entries: async (query) => {
      engine.assertUsable();
      const { superseded } = engine.books;
      const only: UsageFilter = query;
      const text = only.keyId ?? only.ownerId ?? only.model;
      // The rollups know whether there is anything to look for.
      if (!isUsed(only)) return { rows: [] };
      return historyPage<LedgerEntry>(engine, query, {
        text: text === undefined ? undefined : JSON.stringify(text),
        pick: (event, seq) =>
          event.t === "settle" && matches(only, event.entry) && !superseded.has(seq) ? event.entry : undefined,
      });
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
