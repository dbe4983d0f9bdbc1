import type { Store } from "../../core/stores/types";
import { expect } from "chai";
import { coins, facts, holdOf, limited, settlementOf, T0, usage, user } from "./samples";

/** What a caller was told is done: it must be found after any crash. */
export interface Acknowledged {
  readonly settled: Map<string, bigint>;
  readonly users: Map<string, number>;
  readonly granted: { nano: bigint };
  /** Holds whose `durable` resolved and that nobody ended. */
  readonly held: Set<string>;
}

export const nothingYet = (): Acknowledged => ({ settled: new Map(), users: new Map(), granted: { nano: 0n }, held: new Set() });

/** Calls side by side that settle, stay open or are released, with grants and changed rows between; ends at the first failure. */
export async function acknowledgedRun(store: Store, told: Acknowledged, rounds: number, from = 1): Promise<void> {
  const terms = limited(1_000);
  const call = async (round: number, lane: number): Promise<void> => {
    const id = `call-${round}-${lane}`;
    const outcome = await store.ledger.hold(holdOf(id, coins(2), terms), T0);
    if (!outcome.ok) return;
    if (lane === 0) {
      store.ledger.progress(id, { usage: usage(5, 5), costNano: 5n });
      await outcome.durable;
      told.held.add(id);
    } else if (lane === 1) {
      await store.ledger.extend(id, coins(1), T0);
      await store.ledger.release(id);
    } else {
      const cost = BigInt(round * 10 + lane);
      await store.ledger.settle(settlementOf(id, cost, { facts: facts({ model: `m${lane}` }) }));
      told.settled.set(id, cost);
    }
  };
  const change = async (round: number): Promise<void> => {
    const { revision } = await store.users.put({ ...user(`u${round % 3}`), name: `name ${round}` });
    told.users.set(`u${round % 3}`, revision);
    const { amountNano } = await store.ledger.adjust({
      pool: "ada", kind: "grant", amountNano: coins(1), terms, by: "root", reason: "r", at: T0,
    });
    told.granted.nano += amountNano;
  };
  for (let round = from; round < from + rounds; round += 1) {
    const results = await Promise.allSettled([call(round, 0), call(round, 1), call(round, 2), call(round, 3), change(round)]);
    const broken = results.find((result) => result.status === "rejected");
    if (broken) throw broken.reason;
  }
}

/** Everything that was acknowledged is there, each hold was ended once, and the books are exact. */
export async function expectKept(store: Store, told: Acknowledged): Promise<void> {
  const report = await store.verifyBooks();
  expect(report.differences).to.deep.equal([]);
  expect(await store.ledger.openHolds()).to.equal(0);
  for (const [id, costNano] of told.settled) expect((await store.usage.entry(id))?.costNano, id).to.equal(costNano);
  for (const id of told.held) expect((await store.usage.entry(id))?.flags, id).to.deep.equal(["expired"]);
  for (const [id, revision] of told.users) expect((await store.users.get(id))?.revision ?? 0).to.be.at.least(revision);
  const pool = await store.ledger.pool("ada", T0);
  if (!pool) {
    expect(told.settled.size).to.equal(0);
    return;
  }
  expect(pool.heldNano).to.equal(0n);
  expect(pool.balanceNano + report.costNano >= coins(1_000) + told.granted.nano).to.equal(true);
  expect(report.entries).to.equal((await store.usage.totals({})).requests);
  expect(report.entries).to.be.at.least(told.settled.size + told.held.size);
}
