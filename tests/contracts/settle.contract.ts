import { expect } from "chai";
import type { Store } from "../../core/stores/types";
import { coins, facts, holdOf, HOUR, limited, settlementOf, T0, usage } from "./samples";
import type { StoreUnderTest } from "./store.contract";

export function settleContract(under: StoreUnderTest): void {
  describe("settlements", () => {
    let store: Store;
    beforeEach(async () => {
      store = await under.open();
    });
    afterEach(() => under.close());

    const pool = async () => {
      const found = await store.ledger.pool("ada", T0);
      return { balance: found?.balanceNano, held: found?.heldNano };
    };
    const place = (id: string, nano: bigint, max = 10) => store.ledger.hold(holdOf(id, nano, limited(max)), T0);

    it("H3: a settlement charges its cost and returns the rest of the hold", async () => {
      await place("a", coins(4));
      const entry = await store.ledger.settle(settlementOf("a", coins(1) + 1n));
      expect(entry).to.deep.equal({
        id: "a", ...facts(), endpoint: "e1", usage: usage(1_000, 300), costNano: coins(1) + 1n,
        charges: [{ pool: "ada", chargedNano: coins(1) + 1n, uncollectedNano: 0n }],
        settledAt: T0 + 1_500, durationMs: 1_500, firstTokenMs: 200, status: 200, flags: [],
      });
      expect(await pool()).to.deep.equal({ balance: coins(9) - 1n, held: 0n });
      expect(await store.usage.entry("a")).to.deep.equal(entry);
    });

    it("H3: settling twice, one after the other or at once, is settling once", async () => {
      await place("a", coins(4));
      const first = store.ledger.settle(settlementOf("a", coins(2)));
      const again = await Promise.all([first, store.ledger.settle(settlementOf("a", coins(3))), store.ledger.settle(settlementOf("a", coins(4)))]);
      expect(new Set(again.map(({ costNano }) => costNano))).to.deep.equal(new Set([coins(2)]));
      expect((await store.ledger.settle(settlementOf("a", coins(5)))).costNano).to.equal(coins(2));
      if (under.reopen) store = await under.reopen();
      expect((await store.ledger.settle(settlementOf("a", coins(5)))).costNano).to.equal(coins(2));
      expect(await pool()).to.deep.equal({ balance: coins(8), held: 0n });
      expect((await store.usage.totals({})).requests).to.equal(1);
    });

    it("H3: what costs more than its hold takes the rest from what is available, never below 0, never from other holds", async () => {
      await place("a", coins(2));
      await place("b", coins(3));
      const entry = await store.ledger.settle(settlementOf("a", coins(9)));
      expect(entry.charges).to.deep.equal([{ pool: "ada", chargedNano: coins(7), uncollectedNano: coins(2) }]);
      expect(entry.costNano).to.equal(coins(9));
      expect(await pool()).to.deep.equal({ balance: coins(3), held: coins(3) });
      expect((await store.usage.totals({})).uncollectedNano).to.equal(coins(2));
      expect(await store.verifyBooks()).to.deep.include({ exact: true, uncollectedNano: coins(2) });
    });

    it("H3: a settlement of a call that was never held is recorded and charges nobody", async () => {
      const entry = await store.ledger.settle(settlementOf("stray", coins(2)));
      expect(entry).to.deep.include({ costNano: coins(2), charges: [] });
      expect((await store.ledger.settle(settlementOf("stray", coins(5)))).costNano).to.equal(coins(2));
      expect(await store.verifyBooks()).to.deep.include({ exact: true, entries: 1 });
    });

    it("H6: expired holds are booked at their last progress, once, and the rest returns", async () => {
      await place("a", coins(4));
      await place("b", coins(4));
      store.ledger.progress("a", { usage: usage(10, 20), costNano: coins(1), endpoint: "e9" });
      store.ledger.progress("gone", { usage: usage(10, 20), costNano: coins(1) });
      await store.ledger.hold(holdOf("young", coins(1), limited(10)), T0 + HOUR);
      expect(await store.ledger.expireHolds(T0 + 1, T0 + HOUR)).to.equal(2);
      expect(await store.ledger.expireHolds(T0 + 1, T0 + HOUR)).to.equal(0);
      expect(await store.usage.entry("a")).to.deep.include({
        costNano: coins(1), usage: usage(10, 20), flags: ["expired"], status: 499, endpoint: "e9", settledAt: T0 + HOUR,
      });
      expect(await store.usage.entry("b")).to.deep.include({ costNano: 0n, usage: usage(0, 0), flags: ["expired"] });
      expect(await pool()).to.deep.equal({ balance: coins(9), held: coins(1) });
    });

    it("H6: progress given with the hold is what an expiry books if nothing better came", async () => {
      await store.ledger.hold(holdOf("a", coins(4), limited(10), { progress: { usage: usage(7, 0), costNano: 7n } }), T0);
      await store.ledger.expireHolds(T0 + 1, T0);
      expect(await store.usage.entry("a")).to.deep.include({ costNano: 7n, usage: usage(7, 0) });
    });

    const lateCases = [
      { title: "that costs more takes the difference", cost: coins(3), charged: coins(3), uncollected: 0n },
      { title: "that costs less gives the difference back", cost: 5n, charged: 5n, uncollected: 0n },
      { title: "that costs more than there is leaves the rest uncollected", cost: coins(12), charged: coins(10), uncollected: coins(2) },
    ];
    for (const { title, cost, charged, uncollected } of lateCases) {
      it(`H6: a late settlement ${title}, and is marked late`, async () => {
        await place("a", coins(4));
        store.ledger.progress("a", { usage: usage(10, 20), costNano: coins(2) });
        await store.ledger.expireHolds(T0 + 1, T0);
        const [late] = await Promise.all([
          store.ledger.settle(settlementOf("a", cost, { flags: ["aborted"] })), store.ledger.settle(settlementOf("a", cost + 1n)),
        ]);
        expect(late).to.deep.include({ costNano: cost, usage: usage(1_000, 300), flags: ["aborted", "late"], status: 200 });
        expect(late.charges).to.deep.equal([{ pool: "ada", chargedNano: charged, uncollectedNano: uncollected }]);
        expect(await store.ledger.settle(settlementOf("a", 1n))).to.deep.equal(late);
        if (under.reopen) store = await under.reopen();
        expect(await store.usage.entry("a")).to.deep.equal(late);
        expect((await store.usage.entries({})).rows).to.deep.equal([late]);
        expect(await pool()).to.deep.equal({ balance: coins(10) - charged, held: 0n });
        expect(await store.usage.totals({ ownerId: "ada" })).to.deep.include({
          requests: 1, inputTokens: 1_000, outputTokens: 300, costNano: cost, uncollectedNano: uncollected,
        });
        expect(await store.verifyBooks()).to.deep.include({ exact: true, entries: 1, costNano: cost, uncollectedNano: uncollected });
      });
    }
  });
}
