import { expect } from "chai";
import { HOUR_MS, type CoinPool, type PoolTerms } from "./coinPool";
import { poolBalanceView } from "./poolBalanceView";
import { coins } from "./testing/snapshots";

const NOW = 1_700_000_000_000;
const MINUTE_MS = 60_000;

function terms(max: string, refresh: string, starting = max): PoolTerms {
  return { kind: "limited", maxNano: coins(max), refreshNanoPerHour: coins(refresh), startingNano: coins(starting) };
}

function pool(balance: string, over: Partial<CoinPool> = {}): CoinPool {
  return { id: "u1", balanceNano: coins(balance), heldNano: 0n, terms: terms("100", "5"), refillFrom: NOW, ...over };
}

describe("the view of a pool", () => {
  it("P1, P3: no pool, unlimited and blocked say so, whatever balance was kept", () => {
    expect(poolBalanceView(undefined, pool("7"), NOW)).to.deep.equal({ kind: "none" });
    expect(poolBalanceView({ kind: "unlimited" }, pool("7"), NOW)).to.deep.equal({ kind: "unlimited" });
    expect(poolBalanceView({ kind: "blocked" }, pool("7"), NOW)).to.deep.equal({ kind: "blocked" });
  });

  it("P6: counts refills up to now and the time to the next one", () => {
    const view = poolBalanceView(terms("100", "5"), pool("10", { heldNano: coins("4") }), NOW + 2 * HOUR_MS + 15 * MINUTE_MS);
    expect(view).to.deep.equal({
      kind: "limited",
      balanceNano: coins("20"),
      heldNano: coins("4"),
      availableNano: coins("16"),
      maxNano: coins("100"),
      refreshNanoPerHour: coins("5"),
      percent: 20,
      nextRefill: { at: NOW + 3 * HOUR_MS, inMs: 45 * MINUTE_MS, amountNano: coins("5") },
    });
  });

  it("P7: a pool that was not opened yet shows its starting coins", () => {
    expect(poolBalanceView(terms("100", "5", "30"), undefined, NOW)).to.deep.include({
      balanceNano: coins("30"), percent: 30, nextRefill: { at: NOW + HOUR_MS, inMs: HOUR_MS, amountNano: coins("5") },
    });
  });

  const refills: readonly [string, PoolTerms, string, string | undefined][] = [
    ["a full pool has no next refill", terms("100", "5"), "100", undefined],
    ["nor one above max", terms("100", "5"), "120", undefined],
    ["nor one that never refills", terms("100", "0"), "10", undefined],
    ["the last refill adds what is missing to max", terms("100", "5"), "98", "2"],
    ["the rate of the file counts from now on", terms("100", "8"), "10", "8"],
  ];
  for (const [title, now, balance, amount] of refills) {
    it(`P6: ${title}`, () => {
      const view = poolBalanceView(now, pool(balance), NOW);
      const expected = amount === undefined ? undefined : coins(amount);
      expect(view.kind === "limited" && view.nextRefill?.amountNano).to.equal(expected);
    });
  }

  const percents: readonly [string, number][] = [
    ["0", 0], ["0.000000001", 1], ["1.99", 1], ["50", 50], ["99.99", 99], ["100", 100], ["250", 100],
  ];
  for (const [balance, percent] of percents) {
    it(`P6: ${balance} of 100 coins is ${String(percent)} percent: 0 only where nothing is left`, () => {
      expect(poolBalanceView(terms("100", "0"), pool(balance), NOW)).to.include({ percent });
    });
  }
});
