import { expect } from "chai";
import fc from "fast-check";
import { clampUsage, type ReportedUsage } from "./clampUsage";
import { costOf } from "./price";
import { NO_USAGE, type Usage } from "./usage";

describe("clamping what an upstream reports", () => {
  const cases: readonly [string, ReportedUsage, number | undefined, Partial<Usage>, boolean][] = [
    ["plain numbers stay", { inputTokens: 10, outputTokens: 3, cachedInputTokens: 4 }, 100, { inputTokens: 10, outputTokens: 3, cachedInputTokens: 4 }, false],
    ["what was not reported is 0", {}, 100, {}, false],
    ["null is not reported", { inputTokens: null, outputTokens: undefined }, 100, {}, false],
    ["negative", { inputTokens: -5 }, 100, {}, true],
    ["not a number", { outputTokens: NaN }, 100, {}, true],
    ["a text", { outputTokens: "7" }, 100, {}, true],
    ["an object", { outputTokens: {} }, 100, {}, true],
    ["a fraction counts whole", { outputTokens: 7.2 }, 100, { outputTokens: 8 }, true],
    ["ten windows are believed", { inputTokens: 1_000, outputTokens: 1_000 }, 100, { inputTokens: 1_000, outputTokens: 1_000 }, false],
    ["more than ten windows are not", { inputTokens: 1_001, outputTokens: 1e15 }, 100, { inputTokens: 1_000, outputTokens: 1_000 }, true],
    ["without a window 100 million are believed", { inputTokens: 100_000_000 }, undefined, { inputTokens: 100_000_000 }, false],
    ["and no more", { inputTokens: 100_000_001 }, undefined, { inputTokens: 100_000_000 }, true],
    ["a window of 0 is unknown", { inputTokens: 5 }, 0, { inputTokens: 5 }, false],
    ["infinity", { outputTokens: Infinity }, 100, { outputTokens: 1_000 }, true],
    ["cached input is a part of the input", { inputTokens: 10, cachedInputTokens: 12 }, 100, { inputTokens: 10, cachedInputTokens: 10 }, true],
    ["both parts together are no more than it", { inputTokens: 10, cachedInputTokens: 7, cacheWriteTokens: 5 }, 100, { inputTokens: 10, cachedInputTokens: 7, cacheWriteTokens: 3 }, true],
    ["other kinds have no window", { audioMs: 3_600_000, images: 2, characters: 5_000 }, 100, { audioMs: 3_600_000, images: 2, characters: 5_000 }, false],
    ["but an end", { characters: 1e12 }, 100, { characters: 100_000_000 }, true],
  ];
  for (const [title, reported, contextWindow, usage, clamped] of cases) {
    it(`C1: ${title}`, () => {
      expect(clampUsage(reported, { contextWindow })).to.deep.equal({ usage: { ...NO_USAGE, ...usage }, clamped });
    });
  }

  it("C1: whatever is reported, the result can be priced, and clamping it again changes nothing", () => {
    const anything = fc.oneof(fc.integer(), fc.double(), fc.string(), fc.constant(null), fc.constant(undefined), fc.bigInt());
    const reported = fc.record({
      inputTokens: anything, cachedInputTokens: anything, cacheWriteTokens: anything, outputTokens: anything,
      audioMs: anything, images: anything, characters: anything,
    });
    fc.assert(
      fc.property(reported, fc.option(fc.nat({ max: 2_000_000 }), { nil: undefined }), (raw, contextWindow) => {
        const { usage } = clampUsage(raw, { contextWindow });
        expect(Object.values(usage).every((count: number) => Number.isSafeInteger(count) && count >= 0)).to.equal(true);
        expect(costOf(usage, { inputPerMillionNano: 1n, outputPerMillionNano: 1n }) >= 0n).to.equal(true);
        expect(clampUsage(usage, { contextWindow })).to.deep.equal({ usage, clamped: false });
      }),
    );
  });
});
