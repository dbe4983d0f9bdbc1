import { expect } from "chai";
import fc from "fast-check";
import { HOUR_MS, refillDue, sameTerms, type PoolTerms } from "./coinPool";
import { coins } from "./testing/snapshots";

function limited(max: string, refresh: string, starting = max): PoolTerms {
  return { kind: "limited", maxNano: coins(max), refreshNanoPerHour: coins(refresh), startingNano: coins(starting) };
}

const START = 1_700_000_000_000;

describe("the pool's clock", () => {
  const looks: readonly [string, string, PoolTerms, number, string, number][] = [
    ["nothing before the first hour is full", "10", limited("100", "5"), HOUR_MS - 1, "0", 0],
    ["one hour to the millisecond", "10", limited("100", "5"), HOUR_MS, "5", 1],
    ["three hours and a half", "10", limited("100", "5"), 3.5 * HOUR_MS, "15", 3],
    ["never beyond max", "98", limited("100", "5"), 10 * HOUR_MS, "2", 10],
    ["a balance at max", "100", limited("100", "5"), 10 * HOUR_MS, "0", 10],
    ["a balance above max is left alone", "150", limited("100", "5"), 10 * HOUR_MS, "0", 10],
    ["a rate of 0 adds nothing", "10", limited("100", "0"), 10 * HOUR_MS, "0", 10],
    ["a clock that was set back adds nothing", "10", limited("100", "5"), -5 * HOUR_MS, "0", 0],
    ["unlimited adds nothing", "10", { kind: "unlimited" }, 2 * HOUR_MS, "0", 2],
    ["blocked adds nothing", "10", { kind: "blocked" }, 2 * HOUR_MS, "0", 2],
    ["a year away", "0", limited("1000000", "0.05"), 8_760 * HOUR_MS, "438", 8_760],
  ];
  for (const [title, balance, terms, passed, added, hours] of looks) {
    it(`P6: ${title}`, () => {
      const due = refillDue({ balanceNano: coins(balance), terms, refillFrom: START }, START + passed);
      expect(due).to.deep.equal({ amountNano: coins(added), refillFrom: START + hours * HOUR_MS });
    });
  }

  it("P6: looking often or once comes to the same balance and the same clock", () => {
    const steps = fc.array(fc.integer({ min: 0, max: 5 * HOUR_MS }), { maxLength: 30 });
    fc.assert(
      fc.property(steps, fc.bigInt({ min: 0n, max: 20n }), fc.bigInt({ min: 0n, max: 300n }), (gaps, rate, balance) => {
        const terms: PoolTerms = { kind: "limited", maxNano: 200n, refreshNanoPerHour: rate, startingNano: 0n };
        let pool = { balanceNano: balance, terms, refillFrom: START };
        let now = START;
        for (const gap of gaps) {
          now += gap;
          const due = refillDue(pool, now);
          pool = { ...pool, balanceNano: pool.balanceNano + due.amountNano, refillFrom: due.refillFrom };
        }
        const once = refillDue({ balanceNano: balance, terms, refillFrom: START }, now);
        expect(pool.balanceNano).to.equal(balance + once.amountNano);
        expect(pool.refillFrom).to.equal(once.refillFrom);
      }),
    );
  });

  it("P6: terms differ where the kind, the rate, max or starting differ", () => {
    expect(sameTerms(limited("10", "1"), limited("10", "1"))).to.equal(true);
    expect(sameTerms({ kind: "blocked" }, { kind: "blocked" })).to.equal(true);
    const others: PoolTerms[] = [
      limited("11", "1"), limited("10", "2"), limited("10", "1", "5"), { kind: "blocked" }, { kind: "unlimited" },
    ];
    for (const other of others) expect(sameTerms(limited("10", "1"), other)).to.equal(false);
  });
});
