import { expect } from "chai";
import fc from "fast-check";
import { formatCoins } from "./coins";
import { costOf, isFree, type Price } from "./price";
import { coins } from "./testing/snapshots";
import { NO_USAGE, type Usage } from "./usage";

const FREE: Price = { inputPerMillionNano: 0n, outputPerMillionNano: 0n };

function price(input: string, output: string, more: Partial<Price> = {}): Price {
  return { inputPerMillionNano: coins(input), outputPerMillionNano: coins(output), ...more };
}

function used(usage: Partial<Usage>): Usage {
  return { ...NO_USAGE, ...usage };
}

const aCount = fc.nat({ max: 10_000_000 });
const aRate = fc.bigInt({ min: 0n, max: 10n ** 13n });
const aUsage: fc.Arbitrary<Usage> = fc.record({
  inputTokens: aCount, cachedInputTokens: aCount, cacheWriteTokens: aCount, outputTokens: aCount,
  audioMs: aCount, images: aCount, characters: aCount,
});
const aPrice: fc.Arbitrary<Price> = fc.record(
  {
    inputPerMillionNano: aRate, outputPerMillionNano: aRate, cachedInputPerMillionNano: aRate, cacheWritePerMillionNano: aRate,
    audioPerHourNano: aRate, perImageNano: aRate, perMillionCharactersNano: aRate, perRequestNano: aRate,
  },
  { requiredKeys: ["inputPerMillionNano", "outputPerMillionNano"] },
);

describe("price", () => {
  const costs: readonly [string, Partial<Usage>, Price, string][] = [
    ["M2: 1,000 in at 0.5 and 300 out at 1.0", { inputTokens: 1_000, outputTokens: 300 }, price("0.5", "1.0"), "0.0008"],
    ["M2: one token at 0.05 is 50 nano-coins", { inputTokens: 1 }, price("0.05", "0"), "0.00000005"],
    ["M2: a million tokens at 0.05", { inputTokens: 1_000_000 }, price("0.05", "0"), "0.05"],
    ["M2: part of a nano-coin is rounded up", { inputTokens: 1 }, price("0.000000001", "0"), "0.000000001"],
    ["M2: two parts are rounded up once, together", { inputTokens: 1, outputTokens: 1 }, price("0.0000001", "0.0000001"), "0.000000001"],
    ["M2: nothing used costs nothing", {}, price("0.5", "1"), "0"],
    ["M3: cached input has its own rate", { inputTokens: 1_000_000, cachedInputTokens: 400_000 }, price("1", "0", { cachedInputPerMillionNano: coins("0.1") }), "0.64"],
    ["M3: cached input without a rate costs as input", { inputTokens: 1_000_000, cachedInputTokens: 400_000 }, price("1", "0"), "1"],
    ["M3: a cached rate of 0 is a rate", { inputTokens: 1_000_000, cachedInputTokens: 400_000 }, price("1", "0", { cachedInputPerMillionNano: 0n }), "0.6"],
    ["M3: cache write has its own rate", { inputTokens: 1_000_000, cacheWriteTokens: 200_000 }, price("1", "0", { cacheWritePerMillionNano: coins("1.25") }), "1.05"],
    ["M3: audio is priced by the hour, to the millisecond", { audioMs: 90_000 }, price("0", "0", { audioPerHourNano: coins("4") }), "0.1"],
    ["M3: a millisecond of audio rounds up", { audioMs: 1 }, price("0", "0", { audioPerHourNano: coins("1") }), "0.000000278"],
    ["M3: images by the piece", { images: 3 }, price("0", "0", { perImageNano: coins("0.04") }), "0.12"],
    ["M3: speech by the million characters", { characters: 2_000 }, price("0", "0", { perMillionCharactersNano: coins("15") }), "0.03"],
    ["M3: a request by itself", {}, price("0", "0", { perRequestNano: coins("0.01") }), "0.01"],
    ["M3: a request beside its tokens", { outputTokens: 1_000_000 }, price("0", "2", { perRequestNano: coins("0.01") }), "2.01"],
    ["M3: audio without a rate is priced by its tokens", { audioMs: 90_000, inputTokens: 1_000_000 }, price("0.5", "0"), "0.5"],
    ["M3: and without tokens by the request", { audioMs: 90_000 }, price("0.5", "0", { perRequestNano: coins("0.02") }), "0.02"],
  ];
  for (const [title, usage, rates, cost] of costs) {
    it(`${title}: ${cost} coins`, () => {
      expect(formatCoins(costOf(used(usage), rates))).to.equal(cost);
    });
  }

  it("M2: one token at 0.05, a million times, is 0.05 coins to the nano", () => {
    const rates = price("0.05", "0");
    let sum = 0n;
    for (let call = 0; call < 1_000_000; call++) sum += costOf(used({ inputTokens: 1 }), rates);
    expect(formatCoins(sum)).to.equal("0.05");
  });

  it("M2: no cost is below 0, also of parts that are more than their whole", () => {
    fc.assert(fc.property(aUsage, aPrice, (usage, rates) => costOf(usage, rates) >= 0n));
    expect(costOf(used({ inputTokens: 1, cachedInputTokens: 5 }), price("1", "1", { cachedInputPerMillionNano: 0n }))).to.equal(0n);
    expect(costOf(used({ outputTokens: -5 }), price("1", "1"))).to.equal(0n);
  });

  it("M2: more output, and more of any kind that is counted by itself, never costs less", () => {
    const field = fc.constantFrom("outputTokens" as const, "audioMs" as const, "images" as const, "characters" as const);
    fc.assert(
      fc.property(aUsage, aPrice, field, aCount, (usage, rates, more, by) => {
        expect(costOf({ ...usage, [more]: usage[more] + by }, rates) >= costOf(usage, rates)).to.equal(true);
      }),
    );
  });

  it("M2: more plain input never costs less", () => {
    fc.assert(
      fc.property(aCount, aCount, aPrice, (tokens, more, rates) => {
        const cost = (inputTokens: number): bigint => costOf(used({ inputTokens }), rates);
        expect(cost(tokens + more) >= cost(tokens)).to.equal(true);
      }),
    );
  });

  it("M2: rounding up costs less than a nano-coin over the exact sum", () => {
    fc.assert(
      fc.property(aCount, aCount, aRate, aRate, (inputTokens, outputTokens, input, output) => {
        const cost = costOf(used({ inputTokens, outputTokens }), { inputPerMillionNano: input, outputPerMillionNano: output });
        const exact = BigInt(inputTokens) * input + BigInt(outputTokens) * output;
        expect(cost * 1_000_000n - exact >= 0n && cost * 1_000_000n - exact < 1_000_000n).to.equal(true);
      }),
    );
  });

  it("M4: the cost of a call follows the price kept with it, whatever the model costs by then", () => {
    const model = { price: price("1", "1") };
    const entry = { usage: used({ inputTokens: 1_000_000 }), price: model.price };
    model.price = price("5", "5");
    expect(formatCoins(costOf(entry.usage, entry.price))).to.equal("1");
  });

  it("P8: a model is free only where every rate is missing or 0", () => {
    expect(isFree(FREE)).to.equal(true);
    expect(isFree({ ...FREE, perRequestNano: undefined, perImageNano: 0n })).to.equal(true);
    for (const rate of ["inputPerMillionNano", "outputPerMillionNano", "perRequestNano", "audioPerHourNano"] as const) {
      expect(isFree({ ...FREE, [rate]: 1n })).to.equal(false);
    }
  });
});
