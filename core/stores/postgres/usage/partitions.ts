import { monthName, monthOfName } from "../../shared/rollups";
import type { Queryable } from "../database";

/** Names the lock under which partitions are made: any number, the same on every node. */
const PARTITIONS_LOCK = 7_041_776;

const monthOf = (at: number): number => monthOfName(new Date(at).toISOString());
const startOf = (month: number): number => Date.parse(monthName(month));

/** Epoch ms of the moments at which the month of `at` begins and the next one does, in UTC. */
export const monthBounds = (at: number): readonly [number, number] => [startOf(monthOf(at)), startOf(monthOf(at) + 1)];

/** The month of a moment and those after it. */
export const monthsFrom = (at: number, count: number): string[] => Array.from({ length: count }, (_, index) => monthName(monthOf(at) + index));

export const partitionOf = (month: string): string => `usage_${month.replace("-", "_")}`;

/** A table is made aside and attached, which holds up nobody who writes to the others. */
function createText(month: string): string {
  const [name, [from, to]] = [partitionOf(month), monthBounds(Date.parse(month))];
  return `IF to_regclass('${name}') IS NULL THEN
      CREATE TABLE ${name} (LIKE usage INCLUDING ALL);
      ALTER TABLE usage ATTACH PARTITION ${name} FOR VALUES FROM (${from}) TO (${to});
    END IF;`;
}

/**
 * Makes the partitions of `usage` for these UTC months (`2026-11`), all or none. Those that are there stay as they are; nodes that ask at
 * once wait for each other.
 */
export async function ensurePartitions(on: Queryable, months: readonly string[]): Promise<void> {
  if (months.length === 0) return;
  await on.rows(`DO $$ BEGIN PERFORM pg_advisory_xact_lock(${PARTITIONS_LOCK}); ${months.map(createText).join(" ")} END $$`);
}

/** Knows which partitions are there, so that a batch asks the server only about months that this node has not seen. */
export class UsagePartitions {
  readonly #seen = new Set<string>();
  /** The month that was asked for last: most calls are of one month. */
  #from = 0;
  #to = 0;

  constructor(private readonly on: Queryable) {}

  /** Before the calls that were made at these moments are booked. It commits by itself: not for use inside of a transaction that may be undone. */
  async ensureFor(moments: Iterable<number>): Promise<void> {
    const missing = new Set<string>();
    for (const at of moments) {
      if (at >= this.#from && at < this.#to) continue;
      const month = monthName(monthOf(at));
      if (!this.#seen.has(month)) missing.add(month);
      else [this.#from, this.#to] = monthBounds(at);
    }
    if (missing.size > 0) await this.ensure([...missing]);
  }

  async ensure(months: readonly string[]): Promise<void> {
    await ensurePartitions(this.on, months);
    for (const month of months) this.#seen.add(month);
  }
}
