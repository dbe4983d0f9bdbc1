import { expect } from "chai";
import type { Store, UsageFilter } from "../../core/stores/types";
import type { CallFacts } from "../../core/domain/ledgerEntry";
import { facts, holdOf, HOUR, limited, settlementOf, T0, usage } from "./samples";
import type { StoreUnderTest } from "./store.contract";

const DAY = 86_400_000;

export function usageContract(under: StoreUnderTest): void {
  describe("usage", () => {
    let store: Store;
    beforeEach(async () => {
      store = await under.open();
      const calls: [Partial<CallFacts>, number][] = [
        [{}, 0],
        [{ model: "large" }, 0],
        [{ keyId: undefined, via: "chat" }, DAY],
        [{ keyId: "key2" }, DAY],
        [{ ownerId: "bob", keyId: "key3" }, 2 * DAY],
      ];
      for (const [i, [over, later]] of calls.entries()) {
        await store.ledger.settle(
          settlementOf(`c${i}`, BigInt(10 ** i), { facts: facts(over), usage: usage(10 ** i, 1), settledAt: T0 + later }),
        );
      }
    });
    afterEach(() => under.close());

    const filters = [
      { filter: {}, cost: 11111n, rows: ["c4", "c3", "c2", "c1", "c0"] },
      { filter: { ownerId: "ada" }, cost: 1111n, rows: ["c3", "c2", "c1", "c0"] },
      { filter: { keyId: "key1" }, cost: 11n, rows: ["c1", "c0"] },
      { filter: { model: "large" }, cost: 10n, rows: ["c1"] },
      { filter: { via: "chat" as const }, cost: 100n, rows: ["c2"] },
      { filter: { ownerId: "ada", via: "api" as const, model: "small" }, cost: 1001n, rows: ["c3", "c0"] },
      { filter: { ownerId: "nobody" }, cost: 0n, rows: [] },
      { filter: { ownerIds: ["bob", "ada", "bob"] }, cost: 11111n, rows: ["c4", "c3", "c2", "c1", "c0"] },
      { filter: { ownerIds: ["bob"], model: "small" }, cost: 10000n, rows: ["c4"] },
      { filter: { ownerIds: ["bob"], ownerId: "ada" }, cost: 0n, rows: [] },
      { filter: { ownerIds: [] }, cost: 0n, rows: [] },
    ];
    for (const { filter, cost, rows } of filters) {
      it(`C7: totals and entries filtered by ${JSON.stringify(filter)}`, async () => {
        const totals = await store.usage.totals(filter);
        expect(totals).to.deep.include({ requests: rows.length, costNano: cost, inputTokens: Number(cost), outputTokens: rows.length });
        const page = await store.usage.entries(filter);
        expect(page.rows.map(({ id }) => id)).to.deep.equal(rows);
        expect(page.next).to.equal(undefined);
      });
    }

    const groups = [
      { by: "keyId" as const, expected: [["", 100n], ["key1", 11n], ["key2", 1000n]] },
      { by: "model" as const, expected: [["large", 10n], ["small", 1101n]] },
      { by: "ownerId" as const, expected: [["ada", 1111n]] },
      { by: "via" as const, expected: [["api", 1011n], ["chat", 100n]] },
      { by: "day" as const, expected: [["2026-11-20", 11n], ["2026-11-21", 1100n]] },
    ];
    for (const { by, expected } of groups) {
      it(`C7: totals of one owner by ${by}, also after a restart`, async () => {
        if (under.reopen) store = await under.reopen();
        const totals = await store.usage.totalsBy(by, { ownerId: "ada" });
        expect([...totals].map(([name, { costNano }]) => [name, costNano]).sort()).to.deep.equal(expected);
      });
    }

    it("C7: totals by owner, of all or of some", async () => {
      const costs = async (filter: UsageFilter) => [...(await store.usage.totalsBy("ownerId", filter))].map(([name, { costNano }]) => [name, costNano]).sort();
      expect(await costs({})).to.deep.equal([["ada", 1111n], ["bob", 10000n]]);
      expect(await costs({ ownerIds: ["ada", "nobody"] })).to.deep.equal([["ada", 1111n]]);
      expect(await costs({ ownerIds: ["ada", "bob"], via: "chat" })).to.deep.equal([["ada", 100n]]);
      expect(await costs({ ownerIds: [] })).to.deep.equal([]);
    });

    const periods = [
      { period: { unit: "day" as const, from: "2026-11-20", to: "2026-11-20" }, cost: 11n, rows: ["c1", "c0"] },
      { period: { unit: "day" as const, from: "2026-11-21" }, cost: 11100n, rows: ["c4", "c3", "c2"] },
      { period: { unit: "day" as const, from: "2026-11-23" }, cost: 0n, rows: [] },
      { period: { unit: "month" as const, from: "2026-11" }, cost: 11111n, rows: ["c4", "c3", "c2", "c1", "c0"] },
      { period: { unit: "month" as const, from: "2026-01", to: "2026-10" }, cost: 0n, rows: [] },
    ];
    for (const { period, cost, rows } of periods) {
      it(`C7: totals and entries of the ${period.unit}s from ${period.from} to ${period.to ?? "now"}, also after a restart`, async () => {
        if (under.reopen) store = await under.reopen();
        expect(await store.usage.totals({ period })).to.deep.include({ requests: rows.length, costNano: cost });
        const byOwner = await store.usage.totalsBy("ownerId", { period });
        expect([...byOwner.values()].reduce((sum, { costNano }) => sum + costNano, 0n)).to.equal(cost);
        expect((await store.usage.entries({ period })).rows.map(({ id }) => id)).to.deep.equal(rows);
      });
    }

    it("C7: totals of everybody by month, day and owner are those of the owners together", async () => {
      if (under.reopen) store = await under.reopen();
      const costs = async (group: "ownerId" | "day" | "month" | "model", filter = {}) =>
        [...(await store.usage.totalsBy(group, filter))].map(([name, { costNano }]) => [name, costNano]);
      expect(await costs("month")).to.deep.equal([["2026-11", 11111n]]);
      expect(await costs("day")).to.deep.equal([["2026-11-20", 11n], ["2026-11-21", 1100n], ["2026-11-22", 10000n]]);
      expect((await costs("ownerId")).sort()).to.deep.equal([["ada", 1111n], ["bob", 10000n]]);
      expect(await costs("model", { ownerId: "ada", period: { unit: "day", from: "2026-11-21" } })).to.deep.equal([["small", 1100n]]);
    });

    it("requests are counted by UTC hour, and a correction moves them", async () => {
      await store.ledger.hold(holdOf("late", 0n, limited(1), { lines: [] }), T0);
      await store.ledger.expireHolds(T0 + 1, T0 + DAY);
      await store.ledger.settle(settlementOf("late", 1n, { settledAt: T0 + DAY + 3 * HOUR }));
      if (under.reopen) store = await under.reopen();
      const hours = async (filter: Parameters<Store["usage"]["hours"]>[0]) =>
        [...(await store.usage.hours(filter))].map(([day, counts]) => [day, ...counts.flatMap((count, hour) => (count > 0 ? [[hour, count]] : []))]);
      expect(await hours({ ownerId: "ada" })).to.deep.equal([["2026-11-20", [10, 2]], ["2026-11-21", [10, 2], [13, 1]]]);
      expect(await hours({ period: { unit: "day", from: "2026-11-21" } })).to.deep.equal([["2026-11-21", [10, 2], [13, 1]], ["2026-11-22", [10, 1]]]);
      expect(await hours({ ownerId: "nobody" })).to.deep.equal([]);
    });

    it("C7: entries come newest first, in pages, the last of which has no cursor", async () => {
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.usage.entries({ ownerId: "ada", limit: 2, cursor });
        ids.push(...page.rows.map(({ id }) => id));
        cursor = page.next;
      } while (cursor !== undefined);
      expect(ids).to.deep.equal(["c3", "c2", "c1", "c0"]);
    });

    it("C7: the time of the last use is the latest, and 0 where there was none", async () => {
      expect((await store.usage.totals({ ownerId: "ada" })).lastUsedAt).to.equal(T0 + DAY);
      expect((await store.usage.totals({ ownerId: "nobody" })).lastUsedAt).to.equal(0);
    });

    it("M4: an entry keeps the price that the call began with", async () => {
      const price = { inputPerMillionNano: 1n, outputPerMillionNano: 2n, perRequestNano: 10n ** 20n };
      await store.ledger.settle(settlementOf("p", 0n, { facts: facts({ price }) }));
      if (under.reopen) store = await under.reopen();
      expect((await store.usage.entry("p"))?.price).to.deep.equal(price);
      expect(await store.usage.entry("unknown")).to.equal(undefined);
    });
  });
}
