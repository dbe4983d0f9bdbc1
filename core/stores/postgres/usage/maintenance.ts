import type { Clock } from "../../../clock";
import { dayName, dayOf, DAYS_KEPT, monthName, monthOfName, MONTHS_KEPT } from "../../shared/rollups";
import type { Queryable } from "../database";
import { monthsFrom, type UsagePartitions } from "./partitions";
import { stretchesOf } from "./stretches";

const EVERY_MS = 3_600_000;
/** This month and the next two: a month begins while no node may be able to make its partition. */
const MONTHS_AHEAD = 3;
/** So few rows are locked only for a moment. */
const PIECE = 2_000;

/** The oldest day and month of which totals are kept, and those after them. */
export interface KeptSince {
  readonly day: string;
  readonly month: string;
  readonly afterDay: string;
  readonly afterMonth: string;
}

/** Counted back from the last day on which anything was booked, as the embedded engine does; from now where a clock ran ahead. */
export async function keptSince(on: Queryable, now: number): Promise<KeptSince> {
  const [newest] = await on.rows<{ day: string | null }>({ text: "SELECT max(stretch) AS day FROM usage_sums WHERE stretch BETWEEN $1 AND $2", values: stretchesOf("day") });
  const last = dayOf(Math.min(now, newest?.day ? Date.parse(newest.day) : now));
  const [day, month] = [last - DAYS_KEPT + 1, monthOfName(dayName(last)) - MONTHS_KEPT + 1];
  return { day: dayName(day), month: monthName(month), afterDay: dayName(day + 1), afterMonth: monthName(month + 1) };
}

async function prune(on: Queryable, table: string, column: string, first: string, before: string): Promise<void> {
  const text =
    `WITH gone AS (DELETE FROM ${table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${table} WHERE ${column} >= $1 AND ${column} < $2 LIMIT ${PIECE} FOR UPDATE SKIP LOCKED)) RETURNING 1) ` +
    "SELECT count(*) AS rows FROM gone";
  for (;;) {
    const [gone] = await on.rows<{ rows: number }>({ text, values: [first, before] });
    if ((gone?.rows ?? 0) < PIECE) return;
  }
}

/** Removes the totals of days and months that are not kept, in small pieces. Entries are kept. */
export async function pruneRollups(on: Queryable, now: number): Promise<void> {
  const { day, month } = await keptSince(on, now);
  const [days] = stretchesOf("day");
  const [months] = stretchesOf("month");
  const [oldestMonth] = stretchesOf("month", { from: month });
  for (const table of ["usage_totals", "usage_sums"]) {
    await prune(on, table, "stretch", days, day);
    await prune(on, table, "stretch", months, oldestMonth);
  }
  for (const table of ["usage_hours", "usage_hour_sums"]) await prune(on, table, "day", days, day);
}

export interface MaintenanceOptions {
  readonly now: Clock;
  /** What could not be done is tried again within the hour. */
  readonly onWarning: (error: unknown) => void;
}

/**
 * Makes the partitions of the coming months, and removes what is not kept: the first before it resolves, all of it each hour. Every node does,
 * so that none of them has to be there.
 * @returns a function that ends it, and waits for what runs
 */
export async function startMaintenance(on: Queryable, partitions: UsagePartitions, { now, onWarning }: MaintenanceOptions): Promise<() => Promise<void>> {
  const prepare = () => partitions.ensure(monthsFrom(now(), MONTHS_AHEAD));
  await prepare();
  let running = pruneRollups(on, now()).catch(onWarning);
  const timer = setInterval(() => {
    running = running.then(prepare).then(() => pruneRollups(on, now())).catch(onWarning);
  }, EVERY_MS).unref();
  return () => {
    clearInterval(timer);
    return running;
  };
}
