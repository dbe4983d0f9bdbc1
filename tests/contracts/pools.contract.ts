import { expect } from "chai";
import type { Store } from "../../core/stores/types";
import type { PoolTerms } from "../../core/domain/coinPool";
import { BLOCKED, coins, holdOf, HOUR, limited, settlementOf, T0, UNLIMITED } from "./samples";
import type { StoreUnderTest } from "./store.contract";

export function poolsContract(under: StoreUnderTest): void {
  describe("pools", () => {
    let store: Store;
    let calls = 0;
    beforeEach(async () => {
      store = await under.open();
    });
    afterEach(() => under.close());

    const balance = async (now: number): Promise<bigint | undefined> => (await store.ledger.pool("ada", now))?.balanceNano;
    /** A call that costs this much at this time. */
    const spend = async (amount: bigint, terms: PoolTerms, at: number): Promise<boolean> => {
      const id = `call-${++calls}`;
      const outcome = await store.ledger.hold(holdOf(id, amount, terms), at);
      if (outcome.ok) await store.ledger.settle(settlementOf(id, amount, { settledAt: at }));
      return outcome.ok;
    };
    const kinds = async (): Promise<string[]> =>
      (await store.usage.adjustments({ pool: "ada" })).rows.map(({ kind, amountNano }) => `${kind} ${amountNano / coins(1)}`);

    it("P6: each full hour adds the rate, never beyond max, and a look writes nothing", async () => {
      await spend(coins(10), limited(10, 2), T0);
      expect(await balance(T0 + HOUR - 1)).to.equal(0n);
      expect(await balance(T0 + HOUR)).to.equal(coins(2));
      expect((await store.ledger.pools(["ada", "nobody"], T0 + HOUR)).get("ada")?.balanceNano).to.equal(coins(2));
      expect(await balance(T0 + 2.5 * HOUR)).to.equal(coins(4));
      expect(await balance(T0 + 99 * HOUR)).to.equal(coins(10));
      expect(await kinds()).to.deep.equal(["opening 10"]);
    });

    it("P6: a refill is booked at the next call, once, and survives a restart", async () => {
      await spend(coins(10), limited(10, 2), T0);
      expect(await spend(coins(4), limited(10, 2), T0 + 2.5 * HOUR)).to.equal(true);
      if (under.reopen) store = await under.reopen();
      expect(await balance(T0 + 2.5 * HOUR)).to.equal(0n);
      expect(await balance(T0 + 3 * HOUR)).to.equal(coins(2));
      expect(await kinds()).to.deep.equal(["refill 4", "opening 10"]);
    });

    it("P6: hours that found a full pool are gone, also when the coins are spent after them", async () => {
      await spend(0n, limited(10, 2), T0);
      await spend(coins(6), limited(10, 2), T0 + 5 * HOUR);
      if (under.reopen) store = await under.reopen();
      expect(await balance(T0 + 5.5 * HOUR)).to.equal(coins(4));
      await store.ledger.hold(holdOf("long", coins(1), limited(10, 2)), T0 + 9.5 * HOUR);
      expect(await balance(T0 + 9.5 * HOUR)).to.equal(coins(10));
      await store.ledger.settle(settlementOf("long", coins(1), { settledAt: T0 + 12.5 * HOUR }));
      expect(await balance(T0 + 12.5 * HOUR)).to.equal(coins(9));
    });

    it("P6: a change of rate closes the hours before it at the old rate", async () => {
      await spend(coins(100), limited(100, 1), T0);
      await store.ledger.applyTerms([{ pool: "ada", terms: limited(100, 10) }, { pool: "nobody", terms: UNLIMITED }], T0 + 3.5 * HOUR);
      expect(await balance(T0 + 3.5 * HOUR)).to.equal(coins(3));
      expect(await balance(T0 + 4 * HOUR)).to.equal(coins(13));
      expect(await store.ledger.pool("nobody", T0)).to.equal(undefined);
      expect(await store.ledger.pools(["nobody"], T0)).to.deep.equal(new Map());
      await spend(0n, limited(100, 5), T0 + 5 * HOUR);
      expect(await balance(T0 + 6 * HOUR)).to.equal(coins(28));
    });

    it("P6: a balance above max is left alone", async () => {
      await spend(0n, limited(100), T0);
      await store.ledger.applyTerms([{ pool: "ada", terms: limited(10, 5) }], T0);
      expect(await balance(T0 + 9 * HOUR)).to.equal(coins(100));
    });

    it("P7: a first pool begins at starting; changed terms keep the balance", async () => {
      await spend(coins(1), limited(50, 0, 20), T0);
      expect(await balance(T0)).to.equal(coins(19));
      await spend(coins(1), limited(500, 0, 300), T0);
      expect(await balance(T0)).to.equal(coins(18));
    });

    it("P7: going unlimited keeps the balance aside, and coming back finds it", async () => {
      await spend(coins(3), limited(10), T0);
      await spend(coins(1_000), UNLIMITED, T0);
      expect(await balance(T0)).to.equal(coins(7));
      await spend(coins(1), limited(40), T0);
      expect(await balance(T0)).to.equal(coins(6));
    });

    it("P7: after unlimited without a kept balance a pool begins at starting", async () => {
      await spend(coins(1_000), UNLIMITED, T0);
      expect(await balance(T0)).to.equal(undefined);
      await spend(coins(1), limited(40, 0, 15), T0);
      expect(await balance(T0)).to.equal(coins(14));
    });

    it("P1: a blocked pool refuses every call, whatever its balance", async () => {
      await spend(0n, limited(10), T0);
      const outcome = await store.ledger.hold(holdOf("b", 0n, BLOCKED, { zeroIsFree: true }), T0);
      expect(outcome).to.deep.include({ ok: false, pool: "ada", balanceNano: coins(10) });
    });

    it("P7: an admin grants, takes no more than is free, and resets; each with its entry", async () => {
      const terms = limited(10);
      const adjust = (kind: "grant" | "take" | "reset", amountNano?: bigint) =>
        store.ledger.adjust({ pool: "ada", kind, amountNano, terms, by: "root", reason: "because", at: T0 });
      expect((await adjust("grant", coins(5))).amountNano).to.equal(coins(5));
      await store.ledger.hold(holdOf("h", coins(4), terms), T0);
      expect((await adjust("take", coins(100))).amountNano).to.equal(-coins(11));
      expect((await adjust("reset")).amountNano).to.equal(coins(6));
      expect(await kinds()).to.deep.equal(["reset 6", "take -11", "grant 5", "opening 10"]);
      const [newest] = (await store.usage.adjustments({ pool: "ada", limit: 1 })).rows;
      expect(newest).to.deep.include({ by: "root", reason: "because", at: T0, pool: "ada" });
    });

    it("P7: adjustments come in pages, of one pool alone", async () => {
      const grant = (pool: string, amountNano: bigint) =>
        store.ledger.adjust({ pool, kind: "grant", amountNano, terms: limited(10), by: "root", reason: "r", at: T0 });
      for (const amount of [1, 2, 3]) await Promise.all([grant("ada", coins(amount)), grant("bob", coins(9))]);
      const first = await store.usage.adjustments({ pool: "ada", limit: 3 });
      const second = await store.usage.adjustments({ pool: "ada", limit: 3, cursor: first.next });
      expect([...first.rows, ...second.rows].map(({ amountNano }) => amountNano / coins(1))).to.deep.equal([3n, 2n, 1n, 10n]);
      expect(second.next).to.equal(undefined);
    });

    it("P8: at 0 calls are refused, free ones too, unless zero is free; the next refill is named", async () => {
      await spend(coins(10), limited(10, 1), T0);
      expect(await store.ledger.hold(holdOf("z", 0n, limited(10, 1)), T0)).to.deep.equal({
        ok: false, pool: "ada", availableNano: 0n, balanceNano: 0n, nextRefillAt: T0 + HOUR,
      });
      expect((await store.ledger.hold(holdOf("z", 0n, limited(10, 1), { zeroIsFree: true }), T0)).ok).to.equal(true);
      expect((await store.ledger.hold(holdOf("y", 0n, limited(10, 1)), T0 + HOUR)).ok).to.equal(true);
    });
  });
}
