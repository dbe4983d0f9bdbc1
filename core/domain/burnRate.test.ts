import { expect } from "chai";
import { burnPerDay, coinOutlook } from "./burnRate";
import type { LimitedBalance } from "./poolBalanceView";

const COIN = 1_000_000_000n;
const DAY = 86_400_000;
const balance = (available: bigint, max: bigint, refreshPerHour: bigint): LimitedBalance => ({
  kind: "limited", balanceNano: available * COIN, heldNano: 0n, availableNano: available * COIN, maxNano: max * COIN,
  refreshNanoPerHour: refreshPerHour * COIN, percent: 50,
});

describe("how long coins last", () => {
  it("is what is left by what is spent, where nothing refills", () => {
    expect(burnPerDay({ spentNano: 20n * COIN, elapsedMs: 10 * DAY })).to.equal(2n * COIN);
    expect(coinOutlook(balance(36n, 50n, 0n), { spentNano: 20n * COIN, elapsedMs: 10 * DAY }, 0)).to.deep.equal({ kind: "until", at: 18 * DAY });
  });

  it("P6: refills count: spending 48 a day with 24 a day refilled loses 24 a day", () => {
    expect(coinOutlook(balance(48n, 50n, 1n), { spentNano: 48n * COIN, elapsedMs: DAY }, 5)).to.deep.equal({ kind: "until", at: 5 + 2 * DAY });
  });

  it("P6: what lies above max is spent without refills", () => {
    expect(coinOutlook(balance(98n, 50n, 1n), { spentNano: 48n * COIN, elapsedMs: DAY }, 0)).to.deep.equal({ kind: "until", at: DAY + (50 * DAY) / 24 });
  });

  it("has no end where the refill covers it, or nothing is spent, and is over where nothing is left", () => {
    expect(coinOutlook(balance(1n, 50n, 1n), { spentNano: 24n * COIN, elapsedMs: DAY }, 0).kind).to.equal("covered");
    expect(coinOutlook(balance(1n, 50n, 0n), { spentNano: 0n, elapsedMs: DAY }, 0).kind).to.equal("unspent");
    expect(coinOutlook(balance(0n, 50n, 1n), { spentNano: COIN, elapsedMs: DAY }, 0).kind).to.equal("empty");
  });
});
