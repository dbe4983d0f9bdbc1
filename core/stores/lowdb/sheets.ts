import type { Books, HoldRow, PoolRow } from "../shared/books";
import type { Collection } from "../shared/collection";
import type { AnyRow, Recorded } from "../shared/events";
import type { AuditEvent } from "../types";
import type { HourRow } from "../shared/hourTable";
import { DAYS_KEPT, dayName, DAY_MS, monthName, monthOfName, MONTHS_KEPT } from "../shared/rollups";
import type { RollupRow, RollupTable } from "../shared/rollupTable";
import { reviveRow } from "../shared/codec";

/** One part of the books that is checkpointed into a file of its own. */
export interface Sheet {
  /** The file under the data folder, without `.json`. */
  readonly name: string;
  readonly amounts: boolean;
  /** The last sequence number that changed it. */
  changed(): number;
  /** Bounded, however many rows come while it is written; a row is read at the moment it is asked for. */
  rows(): Iterable<unknown>;
  load(row: unknown): void;
}

function* first<T>(rows: Iterable<T>, count: number): Generator<T> {
  if (count === 0) return;
  for (const row of rows) {
    yield row;
    if (--count === 0) return;
  }
}

function collectionSheet(collection: Collection): Sheet {
  return {
    name: collection.name,
    amounts: false,
    changed: () => collection.changed,
    rows: () => first(collection.stored(), collection.size),
    load: (stored) => {
      const { row, seq } = stored as { row: AnyRow; seq: number };
      reviveRow(collection.name, row);
      collection.put(Object.freeze(row), seq);
    },
  };
}

function tableSheet(name: string, table: () => RollupTable | undefined): Sheet {
  return {
    name,
    amounts: true,
    changed: () => table()?.changed ?? 0,
    rows: function* () {
      const rollups = table();
      if (!rollups) return;
      yield* first(rollups.rows(), rollups.size);
      if (rollups.hours) yield* first(rollups.hours.rows(), rollups.hours.size);
    },
    load: (row) => {
      const { hours } = row as Partial<HourRow>;
      if (hours) table()?.hours?.load(row as HourRow);
      else table()?.load(row as RollupRow);
    },
  };
}

export const ROLLUPS = "rollups";

export function daySheet(books: Books, day: number): Sheet {
  return tableSheet(`${ROLLUPS}/${dayName(day)}`, () => books.rollups.day(day));
}

export function monthSheet(books: Books, month: number): Sheet {
  return tableSheet(`${ROLLUPS}/${monthName(month)}`, () => books.rollups.month(month));
}

/** The files of days, and of months, under rollups/. */
export const DAY_FILE = /^\d{4}-\d\d-\d\d\.json$/;
export const MONTH_FILE = /^\d{4}-\d\d\.json$/;

/** The month of a file; undefined where it is not one of those kept in memory. */
export function monthOfFile(name: string, names: readonly string[]): number | undefined {
  const month = monthOfName(name);
  return month > Math.max(...names.map(monthOfName)) - MONTHS_KEPT ? month : undefined;
}

/** The day of a file under rollups/; undefined where it is not one of those kept in memory. */
export function dayOfFile(name: string, names: readonly string[]): number | undefined {
  const day = Date.parse(`${name.slice(0, -".json".length)}T00:00:00Z`) / DAY_MS;
  const newest = Math.max(...names.map((other) => Date.parse(`${other.slice(0, 10)}T00:00:00Z`) / DAY_MS).filter((at) => !Number.isNaN(at)));
  return Number.isInteger(day) && day > newest - DAYS_KEPT ? day : undefined;
}

/** The sheets that every data folder has. */
export function fixedSheets(books: Books): Sheet[] {
  const always = () => books.seq;
  return [
    ...Object.values(books.collections).map(collectionSheet),
    {
      name: "pools", amounts: true, changed: always,
      rows: () => first(books.pools.values(), books.pools.size),
      load: (row) => {
        const pool = row as PoolRow;
        books.pools.set(pool.id, pool);
      },
    },
    {
      name: "holds", amounts: true, changed: always,
      rows: () => first(books.holds.values(), books.holds.size),
      load: (row) => {
        const hold = row as HoldRow;
        books.holds.set(hold.id, { ...hold, progress: hold.progress, progressAt: 0 });
      },
    },
    {
      name: "settled", amounts: false, changed: always,
      rows: () => books.recent.rows(),
      load: (row) => {
        const { id, seq } = row as { id: string; seq: number };
        books.recent.load(id, seq);
      },
    },
    {
      name: "corrected", amounts: false, changed: always,
      rows: () => first(books.superseded, books.superseded.size),
      load: (row) => books.superseded.add(row as number),
    },
    {
      name: "audit", amounts: false,
      changed: () => books.audit.at(-1)?.seq ?? 0,
      // A copy of the references: the list is trimmed at its head.
      rows: () => [...books.audit],
      load: (row) => books.audit.push(row as Recorded<{ readonly t: "audit"; readonly event: AuditEvent }>),
    },
    tableSheet(`${ROLLUPS}/all`, () => books.rollups.allTime),
  ];
}

export function allSheets(books: Books): Sheet[] {
  const { months, days } = books.rollups;
  return [...fixedSheets(books), ...[...months.keys()].map((month) => monthSheet(books, month)), ...[...days.keys()].map((day) => daySheet(books, day))];
}
