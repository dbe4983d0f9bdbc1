import { expect } from "chai";
import { HOUR_MS, type CoinPool, type PoolTerms } from "./coinPool";
import { adjustmentOf, openPool, withTerms } from "./poolChange";
import { coins } from "./testing/snapshots";

const NOW = 1_700_000_000_000;
const TERMS: PoolTerms = {
  kind: "limited", maxNano: coins("100"), refreshNanoPerHour: coins("5"), startingNano: coins("40"),
};

function pool(over: Partial<CoinPool> = {}): CoinPool {
  return { id: "u1", balanceNano: coins("10"), heldNano: 0n, terms: TERMS, refillFrom: NOW, ...over };
}

describe("changes of a pool", () => {
  it("P7: a first pool begins at starting, and its clock begins with it", () => {
    expect(openPool("u1", TERMS, NOW)).to.deep.equal(pool({ balanceNano: coins("40") }));
  });

  it("P7: unlimited and blocked open no pool, so that the first limited terms begin at starting", () => {
    expect(openPool("u1", { kind: "unlimited" }, NOW)).to.equal(undefined);
    expect(openPool("u1", { kind: "blocked" }, NOW)).to.equal(undefined);
  });

  it("P6: a change of rate closes full hours at the old rate and keeps the minute of the clock", () => {
    const faster: PoolTerms = { ...TERMS, refreshNanoPerHour: coins("50") };
    const { pool: changed, refillNano } = withTerms(pool(), faster, NOW + 2.5 * HOUR_MS);
    expect(refillNano).to.equal(coins("10"));
    expect(changed).to.deep.equal(pool({ balanceNano: coins("20"), terms: faster, refillFrom: NOW + 2 * HOUR_MS }));
  });

  it("P7: a change of max keeps the balance, also above the new max", () => {
    const smaller: PoolTerms = { ...TERMS, maxNano: coins("3") };
    expect(withTerms(pool(), smaller, NOW).pool.balanceNano).to.equal(coins("10"));
  });

  it("P7: going unlimited keeps the balance aside, and coming back finds it without refills for the time between", () => {
    const away = withTerms(pool(), { kind: "unlimited" }, NOW).pool;
    const back = withTerms(away, TERMS, NOW + 9.25 * HOUR_MS);
    expect(back.refillNano).to.equal(0n);
    expect(back.pool).to.deep.equal(pool({ refillFrom: NOW + 9 * HOUR_MS }));
  });

  const adjustments: readonly [string, Partial<CoinPool>, "grant" | "take" | "reset", string, string][] = [
    ["a grant adds, also beyond max", {}, "grant", "500", "500"],
    ["a take takes", {}, "take", "4", "-4"],
    ["a take stops at 0", {}, "take", "11", "-10"],
    ["a take leaves what is held", { heldNano: coins("7") }, "take", "11", "-3"],
    ["a take finds nothing where all is held", { heldNano: coins("10") }, "take", "1", "0"],
    ["a reset raises to starting", {}, "reset", "0", "30"],
    ["a reset lowers to starting", { balanceNano: coins("90") }, "reset", "0", "-50"],
    ["a reset does not go below what is held", { balanceNano: coins("90"), heldNano: coins("60") }, "reset", "0", "-30"],
    ["a reset of an unlimited pool changes nothing", { terms: { kind: "unlimited" } }, "reset", "0", "0"],
  ];
  for (const [title, over, kind, amount, change] of adjustments) {
    it(`P7: ${title}`, () => {
      expect(adjustmentOf(pool(over), kind, coins(amount))).to.equal(coins(change));
    });
  }
});
