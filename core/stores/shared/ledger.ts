import type { CoinPool } from "../../domain/coinPool";
import type { Adjustment } from "../../domain/ledgerEntry";
import { adjustmentOf } from "../../domain/poolChange";
import { uuidv7 } from "../../ids";
import type { AdjustmentRequest, Lease, Ledger } from "../types";
import type { Engine } from "./engine";
import { extendHold, noteProgress, placeHold, releaseHold, viewHold } from "./holds";
import { adoptTerms, preparePool, viewPool } from "./pools";
import { bookExpired, settleCall } from "./settle";

/** How many rows are worked through before the event loop gets its turn. */
const ROWS_AT_ONCE = 1_000;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Changes a pool's balance by hand (docs/rules.md P7), or opens it to do so. */
export function adjustPool(engine: Engine, request: AdjustmentRequest): Adjustment {
  const { kind, amountNano, at } = request;
  if (kind !== "reset" && !(amountNano !== undefined && amountNano > 0n)) {
    throw new RangeError(`a ${kind} needs an amount above 0`);
  }
  const pool = preparePool(engine, request.pool, request.terms, at);
  const adjustment: Adjustment = {
    id: uuidv7(at), pool: request.pool, kind, at, by: request.by, reason: request.reason,
    amountNano: pool ? adjustmentOf(pool, kind, amountNano) : 0n,
  };
  // Without a balance (unlimited or blocked from the first day) there is nothing to change and nothing to book.
  if (pool) engine.commit({ t: "adjust", adjustment });
  return adjustment;
}

const FOR_EVER: Lease = { endsAt: Infinity };

export interface LedgerOptions {
  /** The least time between two lines of progress of one hold in the journal. */
  readonly progressEveryMs: number;
  readonly now: () => number;
}

/** The ledger over any engine (docs/rules.md P6 to P8, H1 to H6). Each decision is made and applied in one turn. */
export function createLedger(engine: Engine, options: LedgerOptions): Ledger {
  return {
    hold: async (request, now) => {
      engine.assertUsable();
      return placeHold(engine, request, now);
    },
    extend: async (id, moreNano, now) => {
      engine.assertUsable();
      return extendHold(engine, id, moreNano, now);
    },
    progress: (id, progress) => {
      const hold = engine.isUsable() ? engine.books.holds.get(id) : undefined;
      if (hold) noteProgress(engine, hold, progress, options.now(), options.progressEveryMs);
    },
    settle: async (settlement) => {
      engine.assertUsable();
      return settleCall(engine, settlement);
    },
    release: async (id) => {
      engine.assertUsable();
      releaseHold(engine, id);
      await engine.durable();
    },
    adjust: async (request) => {
      engine.assertUsable();
      const adjustment = adjustPool(engine, request);
      await engine.durable();
      return adjustment;
    },
    pool: async (id, now) => {
      engine.assertUsable();
      const pool = engine.books.pools.get(id);
      return pool && viewPool(pool, now);
    },
    pools: async (ids, now) => {
      engine.assertUsable();
      const found = new Map<string, CoinPool>();
      for (const id of ids) {
        const pool = engine.books.pools.get(id);
        if (pool) found.set(id, viewPool(pool, now));
      }
      return found;
    },
    applyTerms: async (changes, now) => {
      let done = 0;
      for (const { pool: id, terms } of changes) {
        engine.assertUsable();
        const pool = engine.books.pools.get(id);
        if (pool) adoptTerms(engine, pool, terms, now);
        if (++done % ROWS_AT_ONCE === 0) await turn();
      }
      await engine.durable();
    },
    expireHolds: async (placedBefore, now) => {
      engine.assertUsable();
      const late = [...engine.books.holds.values()].filter((hold) => hold.placedAt < placedBefore);
      for (const hold of late) bookExpired(engine, hold, now);
      await engine.durable();
      return late.length;
    },
    openHolds: async () => engine.books.holds.size,
    openHold: async (id) => {
      engine.assertUsable();
      const hold = engine.books.holds.get(id);
      return hold && viewHold(hold);
    },
    lease: () => FOR_EVER,
  };
}
