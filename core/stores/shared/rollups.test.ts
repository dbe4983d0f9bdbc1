import { expect } from "chai";
import type { LedgerEntry } from "../../domain/ledgerEntry";
import { NO_USAGE } from "../../domain/usage";
import { DAY_MS, DAYS_KEPT, MONTHS_KEPT, RollupDifferences, Rollups } from "./rollups";

const entry = (settledAt: number, costNano: bigint): LedgerEntry => ({
  id: "r", ownerId: "ada", via: "api", operation: "chat", model: "m", startedAt: settledAt, usage: NO_USAGE, costNano, charges: [],
  price: { inputPerMillionNano: 0n, outputPerMillionNano: 0n }, settledAt, durationMs: 0, status: 200, flags: [],
});
const only = (rows: Iterable<{ readonly costNano: bigint; readonly requests: number }>) => {
  const [row] = rows;
  return row && { requests: row.requests, costNano: row.costNano };
};

describe("rollups", () => {
  it("an event that a row already holds is not added again", () => {
    const rollups = new Rollups();
    rollups.settle(entry(0, 5n), undefined, 1);
    rollups.settle(entry(0, 5n), undefined, 1);
    expect(only(rollups.allTime.rows())).to.deep.equal({ requests: 1, costNano: 5n });
  });

  it("H6: a correction moves what it replaces, also to another day", () => {
    const rollups = new Rollups();
    rollups.settle(entry(0, 5n), undefined, 1);
    rollups.settle(entry(DAY_MS, 7n), entry(0, 5n), 2);
    rollups.settle(entry(DAY_MS, 7n), entry(0, 5n), 2);
    expect(only(rollups.allTime.rows("ada"))).to.deep.equal({ requests: 1, costNano: 7n });
    expect(only(rollups.days.get(0)?.rows() ?? [])).to.deep.equal({ requests: 0, costNano: 0n });
    expect(only(rollups.days.get(1)?.rows() ?? [])).to.deep.equal({ requests: 1, costNano: 7n });
  });

  it("H6: differences of a correction go below nothing, also by the hour", () => {
    const differences = new RollupDifferences();
    differences.settle(entry(DAY_MS, 7n), entry(0, 5n), 1);
    expect(only(differences.days.get(0)?.rows() ?? [])).to.deep.equal({ requests: -1, costNano: -5n });
    expect([0, 1].map((day) => differences.days.get(day)?.hours?.of("ada")?.[0])).to.deep.equal([-1, 1]);
    expect([0, 1].map((day) => differences.days.get(day)?.hours?.of()?.[0])).to.deep.equal([-1, 1]);
  });

  it("only so many days stay in memory, and an older one is not made again", () => {
    const rollups = new Rollups();
    for (let day = 0; day < DAYS_KEPT * 3; day += 1) rollups.settle(entry(day * DAY_MS, 1n), undefined, day + 1);
    expect(rollups.days.size).to.equal(DAYS_KEPT);
    rollups.settle(entry(0, 1n), undefined, 10_000);
    expect(rollups.days.has(0)).to.equal(false);
    expect(only(rollups.allTime.rows())?.requests).to.equal(DAYS_KEPT * 3 + 1);
  });

  it("only so many months stay in memory", () => {
    const rollups = new Rollups();
    for (let month = 0; month < MONTHS_KEPT * 2; month += 1) rollups.settle(entry(Date.UTC(1970, month, 15), 1n), undefined, month + 1);
    expect(rollups.months.size).to.equal(MONTHS_KEPT);
  });

  it("the sums of everybody follow each row, a correction too, also in a table that was loaded", () => {
    const rollups = new Rollups();
    rollups.settle({ ...entry(0, 5n), ownerId: "bob" }, undefined, 1);
    rollups.settle(entry(0, 5n), undefined, 2);
    rollups.settle(entry(0, 7n), entry(0, 5n), 3);
    const loaded = new Rollups();
    for (const row of rollups.allTime.rows()) loaded.allTime.load(row);
    for (const { allTime } of [rollups, loaded]) expect(only(allTime.everyone())).to.deep.equal({ requests: 2, costNano: 12n });
  });
});
