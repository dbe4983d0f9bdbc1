import { refillDue, sameTerms, type CoinPool, type PoolTerms } from "../../../domain/coinPool";
import type { CallFacts } from "../../../domain/ledgerEntry";
import type { HeldLine } from "../../shared/books";
import { viewHold } from "../../shared/holds";
import type { HoldProgress, OpenHold } from "../../types";
import type { Queryable } from "../database";
import { read, readTerms } from "./loadBooks";

interface PoolRecord { readonly id: string; readonly balance: bigint; readonly held: bigint; readonly terms: string; readonly refill_from: number }

/** Pools as they stand at `now`, refills included; those never opened are not in the map. */
export async function readPools(on: Queryable, ids: readonly string[], now: number): Promise<Map<string, CoinPool>> {
  const found = new Map<string, CoinPool>();
  if (ids.length === 0) return found;
  const rows = await on.rows<PoolRecord>({ name: "read-pools", text: "SELECT id, balance, held, terms, refill_from FROM pools WHERE id = ANY($1) AND opened", values: [ids] });
  for (const row of rows) {
    const pool: CoinPool = { id: row.id, balanceNano: row.balance, heldNano: row.held, terms: readTerms(row.terms), refillFrom: row.refill_from };
    const { amountNano, refillFrom } = refillDue(pool, now);
    found.set(row.id, { ...pool, balanceNano: pool.balanceNano + amountNano, refillFrom });
  }
  return found;
}

/** Of these, the changes of open pools that are not in force yet. */
export async function changedTerms<T extends { readonly pool: string; readonly terms: PoolTerms }>(on: Queryable, changes: readonly T[]): Promise<T[]> {
  const rows = await on.rows<{ id: string; terms: string }>({ name: "read-terms", text: "SELECT id, terms FROM pools WHERE id = ANY($1) AND opened", values: [changes.map(({ pool }) => pool)] });
  const inForce = new Map(rows.map(({ id, terms }) => [id, readTerms(terms)]));
  return changes.filter(({ pool, terms }) => {
    const before = inForce.get(pool);
    return before !== undefined && !sameTerms(before, terms);
  });
}

const MOST_HELD = 500;

export function heldBefore(on: Queryable, placedBefore: number): Promise<{ readonly id: string; readonly startedAt: number }[]> {
  return on.rows<{ id: string; startedAt: number }>({
    text: `SELECT id, (facts ->> 'startedAt')::bigint AS "startedAt" FROM holds WHERE placed_at < $1 ORDER BY id LIMIT $2`, values: [placedBefore, MOST_HELD],
  });
}

export async function countHolds(on: Queryable): Promise<number> {
  const [row] = await on.rows<{ count: number }>({ name: "count-holds", text: "SELECT count(*) FROM holds" });
  return row?.count ?? 0;
}

export async function readHold(on: Queryable, id: string): Promise<OpenHold | undefined> {
  const [row] = await on.rows<{ placed_at: number; facts: string; lines: string; progress: string | null }>({
    name: "read-hold", text: "SELECT placed_at, facts, lines, progress FROM holds WHERE id = $1", values: [id],
  });
  return row && viewHold({
    id, placedAt: row.placed_at, facts: read<CallFacts>(row.facts), lines: read<HeldLine[]>(row.lines), progressAt: 0, seq: 0,
    ...(row.progress === null ? {} : { progress: read<HoldProgress>(row.progress) }),
  });
}
