import { openPool } from "../../../domain/poolChange";
import type { PoolTerms } from "../../../domain/coinPool";
import type { Database } from "../database";
import { termsText } from "./loadBooks";
import type { Operation } from "./operation";

/**
 * Makes what a batch locks: the rows of pools at their first use, and the partitions of usage. Pools are never removed, so each is looked at
 * once; and it is done before the batch and committed by itself, because a row made among locked ones could let two batches wait for each other.
 */
export function preparePools(database: Database, partitions: (moments: readonly number[]) => Promise<void>): (operations: readonly Operation[]) => Promise<void> {
  const known = new Set<string>();
  return async (operations) => {
    const fresh = new Map<string, PoolTerms>();
    for (const { pools } of operations) {
      for (const { pool, terms } of pools) if (terms && !known.has(pool) && openPool(pool, terms, 0)) fresh.set(pool, terms);
    }
    await partitions(operations.flatMap(({ calls }) => calls.flatMap(({ madeAt }) => (madeAt > 0 ? [madeAt] : []))));
    if (fresh.size === 0) return;
    const ids = [...fresh.keys()].sort();
    await database.rows({
      text: `INSERT INTO pools (id, opened, balance, held, terms, refill_from)
        SELECT id, false, 0, 0, terms::json, 0 FROM unnest($1::text[], $2::text[]) AS n (id, terms) ORDER BY id COLLATE "C" ON CONFLICT DO NOTHING`,
      values: [ids, ids.map((id) => termsText(fresh.get(id) ?? { kind: "blocked" }))],
    });
    for (const id of ids) known.add(id);
  };
}
