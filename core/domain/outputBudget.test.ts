import { expect } from "chai";
import fc from "fast-check";
import { fitOutput, holdCost, type OutputWish } from "./outputBudget";
import { costOf, type Price } from "./price";
import { coins } from "./testing/snapshots";
import { NO_USAGE } from "./usage";

function price(input: string, output: string, more: Partial<Price> = {}): Price {
  return { inputPerMillionNano: coins(input), outputPerMillionNano: coins(output), ...more };
}

function wish(over: Partial<OutputWish>): OutputWish {
  return {
    availableNano: coins("1"), inputTokens: 0, price: price("0", "1"), wantedOutputTokens: 4_096, choices: 1,
    minimumOutputTokens: 256, ...over,
  };
}

describe("the coins a call is held for", () => {
  it("H1: one token of a model priced on output alone is held at exactly its cost", () => {
    expect(holdCost(price("0", "0.05"), 12_345, 1)).to.equal(50n);
  });

  it("H1: input and all output together, rounded up once", () => {
    expect(holdCost(price("0.5", "1"), 1_000, 300)).to.equal(coins("0.0008"));
  });

  it("H1: input is held at the dearest rate that it may turn out to have", () => {
    const rates = price("1", "0", { cachedInputPerMillionNano: coins("0.1"), cacheWritePerMillionNano: coins("1.25") });
    expect(holdCost(rates, 1_000_000, 0)).to.equal(coins("1.25"));
    expect(costOf({ ...NO_USAGE, inputTokens: 1_000_000, cacheWriteTokens: 1_000_000 }, rates)).to.equal(coins("1.25"));
  });
});

describe("the output limit that fits", () => {
  const fits: readonly [string, Partial<OutputWish>, number | undefined][] = [
    ["all that was wanted, where it fits", {}, 4_096],
    ["no more than was wanted, also of a free model", { price: price("0", "0"), availableNano: 0n }, 4_096],
    ["what the balance pays for", { availableNano: 1_000_000n }, 1_000],
    ["for each of n choices", { availableNano: 1_000_000n, choices: 3 }, 333],
    ["after the input is paid", { availableNano: 1_000_000n, inputTokens: 500, price: price("1", "1") }, 500],
    ["down to the minimum", { availableNano: 256_000n }, 256],
    ["below the minimum it is refused", { availableNano: 255_999n }, undefined],
    ["a smaller wish is its own minimum", { availableNano: 9_000n, wantedOutputTokens: 9 }, 9],
    ["a smaller wish that does not fit is refused", { availableNano: 8_999n, wantedOutputTokens: 9 }, undefined],
    ["input that does not fit is refused", { inputTokens: 2_000_000, price: price("1", "0") }, undefined],
    ["no output wanted, input fits", { wantedOutputTokens: 0, inputTokens: 1_000_000, price: price("1", "5") }, 0],
    ["no output wanted, input does not fit", { wantedOutputTokens: 0, inputTokens: 1_000_001, price: price("1", "5") }, undefined],
    ["a request's own cost comes first", { availableNano: coins("0.01"), price: price("0", "1", { perRequestNano: coins("0.011") }) }, undefined],
    ["an overdrawn pool", { availableNano: -1n, price: price("0", "0") }, undefined],
  ];
  for (const [title, over, limit] of fits) {
    it(`H1: ${title}`, () => {
      expect(fitOutput(wish(over))).to.equal(limit);
    });
  }

  it("H1: what it answers fits, and one token more would not, or was not wanted", () => {
    const rate = fc.bigInt({ min: 0n, max: 10n ** 10n });
    const tokens = fc.nat({ max: 200_000 });
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 10n }), tokens, tokens, fc.integer({ min: 1, max: 8 }), rate, rate, (availableNano, inputTokens, wanted, choices, input, output) => {
        const rates = { inputPerMillionNano: input, outputPerMillionNano: output };
        const minimum = Math.min(256, wanted);
        const limit = fitOutput(wish({ availableNano, inputTokens, wantedOutputTokens: wanted, choices, price: rates }));
        const costs = (perChoice: number): bigint => holdCost(rates, inputTokens, perChoice * choices);
        if (limit === undefined) {
          expect(costs(minimum) > availableNano).to.equal(true);
        } else {
          expect(limit >= minimum && limit <= wanted && costs(limit) <= availableNano).to.equal(true);
          expect(limit === wanted || costs(limit + 1) > availableNano).to.equal(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
