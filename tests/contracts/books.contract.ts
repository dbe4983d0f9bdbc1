import { expect } from "chai";
import { formatCoins } from "../../core/domain/coins";
import type { Store } from "../../core/stores/types";
import { coins, facts, holdOf, HOUR, limited, settlementOf, T0, usage } from "./samples";
import type { StoreUnderTest } from "./store.contract";

/** A generator that gives the same numbers every time (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A mixed run: holds that are settled, released, extended, left open or expired, with grants and refills between. */
export async function mixedRun(store: Store, random: () => number, steps: number): Promise<void> {
  const open: string[] = [];
  const pick = (n: number) => Math.floor(random() * n);
  for (let step = 0; step < steps; step += 1) {
    const now = T0 + step * (HOUR / 50);
    const owner = `owner${pick(5)}`;
    const terms = limited(20, pick(3) === 0 ? 2 : 1, 5);
    switch (pick(8)) {
      case 0: case 1: case 2: {
        const id = `call${step}`;
        const lines = [{ pool: owner, wantNano: BigInt(pick(3_000_000_000)), terms }];
        if (pick(2) === 0) lines.push({ pool: `key:${owner}`, wantNano: 1_000_000n, terms: limited(3) });
        const outcome = await store.ledger.hold({ id, facts: facts({ ownerId: owner, model: `m${pick(3)}` }), lines }, now);
        if (outcome.ok) open.push(id);
        break;
      }
      case 3: case 4: {
        const id = open.splice(pick(open.length), 1)[0];
        if (id === undefined) break;
        const cost = BigInt(pick(4_000_000_000));
        await store.ledger.settle(settlementOf(id, cost, { facts: facts({ ownerId: owner }), settledAt: now }));
        break;
      }
      case 5: {
        const id = open[pick(open.length)];
        if (id === undefined) break;
        await store.ledger.extend(id, 1_000_000n, now);
        store.ledger.progress(id, { usage: usage(pick(100), 1), costNano: BigInt(pick(1_000_000_000)) });
        break;
      }
      case 6:
        if (pick(3) === 0) await store.ledger.expireHolds(now - HOUR / 5, now);
        else if (open.length > 0) await store.ledger.release(open.splice(pick(open.length), 1)[0] ?? "");
        break;
      default:
        await store.ledger.adjust({
          pool: owner, kind: pick(2) === 0 ? "grant" : "take", amountNano: BigInt(1 + pick(1_000_000_000)), terms, by: "root", reason: "r", at: now,
        });
    }
  }
}

export function booksContract(under: StoreUnderTest): void {
  describe("the books", () => {
    let store: Store;
    beforeEach(async () => {
      store = await under.open();
    });
    afterEach(() => under.close());

    it(`M2: ${under.manyCalls.toLocaleString("en")} settlements of 50 nano cost exactly ${formatCoins(BigInt(under.manyCalls) * 50n)} coins`, async () => {
      const [many, batch] = [under.manyCalls, 2_000];
      const terms = limited(1);
      const shared = facts();
      for (let start = 0; start < many; start += batch) {
        const calls: Promise<unknown>[] = [];
        for (let i = start; i < start + batch; i += 1) {
          const id = `c${i}`;
          void store.ledger.hold({ id, facts: shared, lines: [{ pool: "ada", wantNano: 50n, terms }] }, T0);
          calls.push(store.ledger.settle(settlementOf(id, 50n, { facts: shared })));
        }
        await Promise.all(calls);
      }
      expect(await store.ledger.pool("ada", T0)).to.deep.include({ balanceNano: coins(1) - BigInt(many) * 50n, heldNano: 0n });
      expect(await store.usage.totals({ ownerId: "ada" })).to.deep.include({ requests: many, costNano: BigInt(many) * 50n });
    }).timeout(120_000);

    it("H2: at the end of a mixed run adjustments less charges are the balance, and open holds are what is held", async () => {
      await mixedRun(store, seeded(7), 1_500);
      const report = await store.verifyBooks();
      expect(report.differences).to.deep.equal([]);
      expect(report).to.deep.include({ exact: true, pools: 10, openHolds: await store.ledger.openHolds() });
      expect(report.entries).to.equal((await store.usage.totals({})).requests);
      expect(report.costNano).to.equal((await store.usage.totals({})).costNano);
    });

    it("H2: the books are proven while calls go on", async () => {
      await store.ledger.hold(holdOf("a", coins(1), limited(10)), T0);
      const proof = store.verifyBooks();
      await store.ledger.settle(settlementOf("a", coins(1)));
      // Of one moment: before the settlement or after it.
      const { exact, openHolds, entries } = await proof;
      expect({ exact, calls: openHolds + entries }).to.deep.equal({ exact: true, calls: 1 });
      expect(await store.verifyBooks()).to.deep.include({ exact: true, openHolds: 0, entries: 1 });
    });
  });
}
