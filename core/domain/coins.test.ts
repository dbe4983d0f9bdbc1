import { expect } from "chai";
import fc from "fast-check";
import { NANO_PER_COIN, displayCoins, displayLimit, formatCoins, parseCoins } from "./coins";

describe("coins", () => {
  const readings: readonly [string, bigint | undefined][] = [
    ["1", NANO_PER_COIN],
    ["0", 0n],
    ["-0", 0n],
    ["-2", -2_000_000_000n],
    ["+5", 5_000_000_000n],
    ["0.05", 50_000_000n],
    [".5", 500_000_000n],
    ["-.5", -500_000_000n],
    ["5.", 5_000_000_000n],
    [".5e1", 5_000_000_000n],
    ["1.10", 1_100_000_000n],
    ["1e3", 1_000_000_000_000n],
    ["1E-9", 1n],
    ["0.000000001", 1n],
    ["0.0000000010", 1n],
    [" 7 ", 7_000_000_000n],
    ["90071992547409.93", 90_071_992_547_409_930_000_000n],
    ["0.0000000001", undefined],
    ["1e-10", undefined],
    ["+-5", undefined],
    ["--5", undefined],
    ["", undefined],
    [".", undefined],
    ["-", undefined],
    ["e3", undefined],
    ["1,000", undefined],
    ["1_000", undefined],
    ["0x10", undefined],
    [".inf", undefined],
    ["NaN", undefined],
    ["1e999", undefined],
    ["1 2", undefined],
    ["9".repeat(65), undefined],
  ];
  for (const [text, nano] of readings) {
    it(`M1: reads ${JSON.stringify(text.slice(0, 20))} as ${String(nano)} nano-coins`, () => {
      expect(parseCoins(text)).to.equal(nano);
    });
  }

  it("M1: reading what was written gives the same amount, for any amount", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), (nano) => {
        expect(parseCoins(formatCoins(nano))).to.equal(nano);
      }),
    );
  });

  it("M1: an amount is written in one way, without needless zeros", () => {
    expect(["1.10", "1.1", "01.100"].map((text) => formatCoins(parseCoins(text)!))).to.deep.equal(["1.1", "1.1", "1.1"]);
    expect([0n, 1n, -1n, -1_500_000_000n].map(formatCoins)).to.deep.equal(["0", "0.000000001", "-0.000000001", "-1.5"]);
  });

  const shown: readonly [string, string][] = [
    ["0", "0.00"],
    ["1", "1.00"],
    ["0.5", "0.50"],
    ["0.01", "0.01"],
    ["0.0799", "0.07"],
    ["0.0099", "0.009"],
    ["0.0008", "0.0008"],
    ["0.000000001", "0.000000001"],
    ["1.001", "1.00"],
    ["99.999999999", "99.99"],
    ["1234567.891", "1,234,567.89"],
    ["1000", "1,000.00"],
    ["-0.005", "-0.005"],
    ["-1234.5", "-1,234.50"],
    ["-0.000000001", "-0.000000001"],
  ];
  for (const [amount, text] of shown) {
    it(`M5: shows ${amount} as ${text}`, () => {
      expect(displayCoins(parseCoins(amount)!)).to.equal(text);
    });
  }

  it("M5: shows what somebody set without empty decimals", () => {
    expect([50_000_000_000n, 1_250_000_000n, 0n].map(displayLimit)).to.deep.equal(["50", "1.25", "0"]);
  });
  it("M5: only nothing reads 0.00, and no amount reads as more than it is", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 13n), max: 10n ** 13n }), (nano) => {
        const text = displayCoins(nano);
        expect(/[1-9]/.test(text)).to.equal(nano !== 0n);
        const read = parseCoins(text.replaceAll(",", ""))!;
        const size = (amount: bigint): bigint => (amount < 0n ? -amount : amount);
        expect(size(read) <= size(nano)).to.equal(true);
      }),
    );
  });
});
