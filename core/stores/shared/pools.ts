import { HOUR_MS, refillDue, sameTerms, type CoinPool, type PoolTerms } from "../../domain/coinPool";
import { openPool, withTerms } from "../../domain/poolChange";
import type { HoldLine } from "../../domain/hold";
import { uuidv7 } from "../../ids";
import type { HoldOutcome } from "../types";
import { availableIn, type PoolRow } from "./books";
import type { Engine } from "./engine";

/** Adds the full hours since the pool was last looked at (docs/rules.md P6). */
export function refill(engine: Engine, pool: PoolRow, now: number): void {
  if (now - pool.refillFrom < HOUR_MS) return;
  const { amountNano, refillFrom } = refillDue(pool, now);
  if (refillFrom === pool.refillFrom) return;
  if (amountNano > 0n) {
    const adjustment = {
      id: uuidv7(now), pool: pool.id, kind: "refill", amountNano, at: now, by: "system", reason: "hourly refill",
    } as const;
    engine.commit({ t: "adjust", adjustment, refillFrom });
  } else {
    // A full pool gains nothing by the hour, and must not gain it later either: its clock moves all the same.
    engine.commit({ t: "pool", id: pool.id, terms: pool.terms, refillFrom });
  }
}

/** Brings a pool up to now under the terms of now: hours before a change are closed at the old rate (P6, P7). */
export function adoptTerms(engine: Engine, pool: PoolRow, terms: PoolTerms, now: number): void {
  refill(engine, pool, now);
  if (pool.terms === terms || sameTerms(pool.terms, terms)) return;
  const { pool: changed } = withTerms(pool, terms, now);
  engine.commit({ t: "pool", id: pool.id, terms, refillFrom: changed.refillFrom });
}

/**
 * The pool as it stands now under these terms, opened at its first use (P7).
 * @returns undefined where there is no balance yet and the terms keep none
 */
export function preparePool(engine: Engine, id: string, terms: PoolTerms, now: number): PoolRow | undefined {
  const found = engine.books.pools.get(id);
  if (found) {
    adoptTerms(engine, found, terms, now);
    return found;
  }
  const opened = openPool(id, terms, now);
  if (!opened) return undefined;
  const adjustment = {
    id: uuidv7(now), pool: id, kind: "opening", amountNano: opened.balanceNano, at: now, by: "system", reason: "first use",
  } as const;
  engine.commit({ t: "adjust", adjustment, terms, refillFrom: opened.refillFrom });
  return engine.books.pools.get(id);
}

/** A look at a pool without touching it. */
export function viewPool(pool: PoolRow, now: number): CoinPool {
  const { amountNano, refillFrom } = refillDue(pool, now);
  return {
    id: pool.id, balanceNano: pool.balanceNano + amountNano, heldNano: pool.heldNano, terms: pool.terms, refillFrom,
  };
}

/** The answer of a pool that cannot pay. */
export function refusal(id: string, pool: PoolRow | undefined): HoldOutcome & { readonly ok: false } {
  if (!pool) return { ok: false, pool: id, availableNano: 0n, balanceNano: 0n };
  const { terms } = pool;
  const refills = terms.kind === "limited" && terms.refreshNanoPerHour > 0n && pool.balanceNano < terms.maxNano;
  return {
    ok: false, pool: id, availableNano: availableIn(pool), balanceNano: pool.balanceNano,
    ...(refills ? { nextRefillAt: pool.refillFrom + HOUR_MS } : {}),
  };
}

/** Two lines on one pool are one. */
export function mergeLines(lines: readonly HoldLine[]): readonly HoldLine[] {
  if (lines.length < 2) return lines;
  const merged = new Map<string, bigint>();
  for (const { pool, amountNano } of lines) merged.set(pool, (merged.get(pool) ?? 0n) + amountNano);
  return merged.size === lines.length ? lines : [...merged].map(([pool, amountNano]) => ({ pool, amountNano }));
}
