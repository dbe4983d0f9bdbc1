import { expect } from "chai";
import { poolBalanceView } from "../../../core/domain/poolBalanceView";
import { budgetCards } from "./budgetCards";

const NANO = 1_000_000_000n;

describe("the cards of a client", () => {
  const cards = (view: Parameters<typeof budgetCards>[0]["pool"]) => budgetCards({ tokens: 0, spentNano: 0n, pool: view });

  it("P1, P3: say Unlimited, Blocked or Not configured where there is no number", () => {
    expect(cards({ kind: "unlimited" }).pool.text).to.equal("Unlimited");
    expect(cards({ kind: "blocked" }).pool.text).to.equal("Blocked");
    expect(cards({ kind: "none" }).pool.text).to.equal("Not configured");
    expect(cards({ kind: "none" }).refill.text).to.equal("None");
  });

  it("P6: show the balance, the rate, and the time to the next refill", () => {
    const terms = { kind: "limited", maxNano: 100n * NANO, refreshNanoPerHour: NANO / 20n, startingNano: 100n * NANO } as const;
    const pool = { id: "c", balanceNano: 40n * NANO, heldNano: 0n, terms, refillFrom: 0 };
    const { pool: shown, refill } = cards(poolBalanceView(terms, pool, 36 * 60_000));
    expect(shown).to.deep.equal({ text: "40.00", of: "100" });
    expect(refill).to.deep.equal({ text: "+0.05", nextInMs: 24 * 60_000 });
    expect(cards(poolBalanceView(terms, { ...pool, balanceNano: 100n * NANO }, 0)).refill).to.deep.equal({ text: "+0.05", isFull: true });
    expect(cards(poolBalanceView({ ...terms, refreshNanoPerHour: 0n }, pool, 0)).refill).to.deep.equal({ text: "None" });
  });
});
