import { expect } from "chai";
import { createMemoryStore } from "../../stores/memory";
import type { Store } from "../../stores/types";
import type { Owner } from "../../domain/owner";
import { facts, settlementOf } from "../../../tests/contracts/samples";
import { serviceSnapshot } from "../testing/snapshots";
import { usageReport } from "./usageReport";

const DAY = 86_400_000;
const NOW = Date.parse("2026-11-21T12:00:00Z");
const ada: Owner = { kind: "user", id: "ada", email: "ada@example.org", name: "Ada", active: true, createdAt: Date.parse("2025-01-15"), claims: {} };

describe("the report of usage", () => {
  let store: Store;
  before(async () => {
    store = await createMemoryStore({ now: () => NOW });
    const calls: [string, number, bigint][] = [["ada", 0, 1n], ["ada", 6, 10n], ["ada", 7, 100n], ["ada", 40, 1_000n], ["ada", 400, 10_000n], ["bob", 0, 100_000n]];
    for (const [index, [ownerId, daysAgo, cost]] of calls.entries()) {
      const settledAt = NOW - daysAgo * DAY;
      await store.ledger.settle(settlementOf(`c${index}`, cost, { facts: facts({ ownerId, keyId: `k${index}`, model: `m${daysAgo}` }), settledAt }));
    }
  });
  after(() => store.close());

  const report = (period: "week" | "month" | "year" | "all", owner?: Owner) => usageReport({ store, clock: () => NOW }, serviceSnapshot(), { owner, period, zone: "UTC" });

  const cases = [["week", 11n, 2, 7], ["month", 111n, 3, 30], ["year", 1_111n, 4, 12], ["all", 11_111n, 5, 23]] as const;
  for (const [period, cost, requests, points] of cases) {
    it(`C7: ${period}: totals, series, models and keys are of the same entries`, async () => {
      const { totals, series, models, spenders } = await report(period, ada);
      expect([totals.costNano, totals.requests, series.length]).to.deep.equal([cost, requests, points]);
      for (const parts of [series, models, spenders]) {
        expect(parts.reduce((sum, [, { costNano }]) => sum + costNano, 0n)).to.equal(cost);
        expect(parts.reduce((sum, part) => sum + part[1].requests, 0)).to.equal(requests);
      }
    });
  }

  it("of everybody names the owners, and no pool", async () => {
    const { totals, spenders, pool, outlook } = await report("week");
    expect(totals.costNano).to.equal(100_011n);
    expect(spenders.map(([id, { costNano }]) => [id, costNano])).to.deep.equal([["bob", 100_000n], ["ada", 11n]]);
    expect([pool, outlook]).to.deep.equal([undefined, undefined]);
  });

  it("the pace of a new account counts from its first day, not from the beginning of the period", async () => {
    const young = { ...ada, createdAt: NOW - 2 * DAY };
    expect((await report("week", young)).perDayNano).to.equal(6n);
    expect((await report("month", { ...ada, createdAt: NOW })).perDayNano).to.equal(111n);
  });

  it("hours are those of the stretch", async () => {
    const { hours } = await report("week", ada);
    expect(hours.flat().reduce((sum, count) => sum + count, 0)).to.equal(2);
    expect(hours[5]?.[12]).to.equal(1);
  });
});
