import { expect } from "chai";
import { StoreConflict } from "../../core/errors/storeErrors";
import type { Store } from "../../core/stores/types";
import { failureOf } from "./records.contract";
import { coins, facts, holdOf, limited, settlementOf, T0, UNLIMITED, usage } from "./samples";
import type { StoreUnderTest } from "./store.contract";

export function holdsContract(under: StoreUnderTest): void {
  describe("holds", () => {
    let store: Store;
    beforeEach(async () => {
      store = await under.open();
    });
    afterEach(() => under.close());

    const pool = async (id = "ada") => {
      const found = await store.ledger.pool(id, T0);
      return { balance: found?.balanceNano, held: found?.heldNano };
    };

    it("C7: tells of an open hold what is set aside and how far its call has come, and nothing once it has ended", async () => {
      const progress = { usage: usage(0, 7), costNano: 7n, endpoint: "e1" };
      await store.ledger.hold(holdOf("call", coins(3), limited(10)), T0);
      expect(await store.ledger.openHold("call")).to.deep.include({ id: "call", facts: facts(), placedAt: T0, heldNano: coins(3) }).and.not.to.have.property("progress");
      store.ledger.progress("call", progress);
      expect(await store.ledger.openHold("call")).to.deep.include({ progress });
      await store.ledger.settle(settlementOf("call", 1n));
      expect(await store.ledger.openHold("call")).to.equal(undefined);
    });

    it("H2: of 500 holds at once on coins for 37, exactly 37 pass", async () => {
      const terms = limited(37);
      const outcomes = await Promise.all(
        Array.from({ length: 500 }, (_, i) => store.ledger.hold(holdOf(`c${i}`, coins(1), terms), T0)),
      );
      expect(outcomes.filter(({ ok }) => ok)).to.have.length(37);
      expect(await pool()).to.deep.equal({ balance: coins(37), held: coins(37) });
      expect(await store.ledger.openHolds()).to.equal(37);
      const held = [...outcomes.keys()].filter((i) => outcomes[i]?.ok);
      await Promise.all(held.map((i) => store.ledger.settle(settlementOf(`c${i}`, coins(1)))));
      expect(await pool()).to.deep.equal({ balance: 0n, held: 0n });
      expect((await store.verifyBooks()).differences).to.deep.equal([]);
    });

    it("H2: one id is one hold, however often it is asked for", async () => {
      const outcomes = await Promise.all([1, 2, 3].map(() => store.ledger.hold(holdOf("a", coins(3), limited(10)), T0)));
      for (const outcome of outcomes) {
        expect(outcome.ok).to.equal(true);
        if (outcome.ok) await outcome.durable;
      }
      expect(await pool()).to.deep.equal({ balance: coins(10), held: coins(3) });
    });

    it("H3: a call that was booked is not held for again", async () => {
      await store.ledger.hold(holdOf("a", coins(3), limited(10)), T0);
      await store.ledger.settle(settlementOf("a", coins(3)));
      expect(await failureOf(store.ledger.hold(holdOf("a", coins(3), limited(10)), T0))).to.be.instanceOf(StoreConflict);
      expect(await pool()).to.deep.equal({ balance: coins(7), held: 0n });
    });

    it("H2: a hold takes from all of its pools or from none", async () => {
      const lines = (cap: number) => [
        { pool: "ada", wantNano: coins(5), terms: limited(10) },
        { pool: "key:key1", wantNano: coins(5), terms: limited(cap) },
      ];
      const refused = await store.ledger.hold({ id: "a", facts: facts(), lines: lines(4) }, T0);
      expect(refused).to.deep.include({ ok: false, pool: "key:key1", availableNano: coins(4) });
      expect(await pool()).to.deep.equal({ balance: coins(10), held: 0n });
      await store.ledger.adjust({ pool: "key:key1", kind: "grant", amountNano: coins(1), terms: limited(4), by: "r", reason: "r", at: T0 });
      expect((await store.ledger.hold({ id: "a", facts: facts(), lines: lines(4) }, T0)).ok).to.equal(true);
      expect(await pool("key:key1")).to.deep.equal({ balance: coins(5), held: coins(5) });
    });

    it("H2: two lines on one pool count together", async () => {
      const line = { pool: "ada", wantNano: coins(6), terms: limited(10) };
      expect((await store.ledger.hold({ id: "a", facts: facts(), lines: [line, line] }, T0)).ok).to.equal(false);
      const small = { ...line, wantNano: coins(5) };
      expect((await store.ledger.hold({ id: "b", facts: facts(), lines: [small, small] }, T0)).ok).to.equal(true);
      const entry = await store.ledger.settle(settlementOf("b", coins(2)));
      expect(entry.charges).to.deep.equal([{ pool: "ada", chargedNano: coins(2), uncollectedNano: 0n }]);
      expect(await pool()).to.deep.equal({ balance: coins(8), held: 0n });
    });

    it("H3: a released hold returns everything and leaves no entry; releasing twice changes nothing", async () => {
      await store.ledger.hold(holdOf("a", coins(3), limited(10)), T0);
      await store.ledger.release("a");
      await store.ledger.release("a");
      await store.ledger.release("never");
      expect(await pool()).to.deep.equal({ balance: coins(10), held: 0n });
      expect(await store.usage.entry("a")).to.equal(undefined);
    });

    it("H4: extending adds to each line, all or none", async () => {
      const lines = [
        { pool: "ada", wantNano: coins(1), terms: limited(10) },
        { pool: "key:key1", wantNano: coins(1), terms: limited(3) },
      ];
      await store.ledger.hold({ id: "a", facts: facts(), lines }, T0);
      expect((await store.ledger.extend("a", coins(2), T0)).ok).to.equal(true);
      expect(await store.ledger.extend("a", 1n, T0)).to.deep.include({ ok: false, pool: "key:key1", availableNano: 0n });
      expect(await pool()).to.deep.equal({ balance: coins(10), held: coins(3) });
      await store.ledger.settle(settlementOf("a", coins(3)));
      expect(await pool()).to.deep.equal({ balance: coins(7), held: 0n });
      expect(await pool("key:key1")).to.deep.equal({ balance: 0n, held: 0n });
    });

    it("H4: a hold that ended cannot be extended; one without lines always can", async () => {
      expect((await store.ledger.extend("gone", coins(1), T0)).ok).to.equal(false);
      await store.ledger.hold(holdOf("free", coins(1), UNLIMITED), T0);
      expect((await store.ledger.extend("free", coins(1), T0)).ok).to.equal(true);
    });

    it("H5: an unlimited pool takes no hold, but a key's cap does", async () => {
      const lines = [
        { pool: "ada", wantNano: coins(5), terms: UNLIMITED },
        { pool: "key:key1", wantNano: coins(5), terms: limited(6) },
      ];
      expect((await store.ledger.hold({ id: "a", facts: facts(), lines }, T0)).ok).to.equal(true);
      expect((await store.ledger.hold({ id: "b", facts: facts(), lines }, T0)).ok).to.equal(false);
      expect(await pool()).to.deep.equal({ balance: undefined, held: undefined });
      const entry = await store.ledger.settle(settlementOf("a", coins(4)));
      expect(entry.charges.map(({ pool: id, chargedNano }) => [id, chargedNano])).to.deep.equal([["key:key1", coins(4)]]);
    });

    it("H5: usage of an unlimited pool is recorded, with its cost and no charges", async () => {
      await store.ledger.hold(holdOf("a", coins(5), UNLIMITED), T0);
      const entry = await store.ledger.settle(settlementOf("a", coins(4)));
      expect(entry).to.deep.include({ costNano: coins(4), charges: [] });
      expect((await store.usage.totals({ ownerId: "ada" })).costNano).to.equal(coins(4));
      expect((await store.verifyBooks()).exact).to.equal(true);
    });
  });
}
