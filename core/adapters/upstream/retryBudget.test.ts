import { expect } from "chai";

import { RetryBudget } from "./retryBudget";

describe("W73: the budget of further tries", () => {
  let now = 0;
  const spent = (budget: RetryBudget, wanted: number): number => Array.from({ length: wanted }, () => budget.spend()).filter(Boolean).length;

  it("begins with a hundred and the ten of a second", () => expect(spent(new RetryBudget(() => now), 1_000)).to.equal(110));

  it("counts what it allowed and what it denied", () => {
    const budget = new RetryBudget(() => now);
    spent(budget, 113);
    expect(budget).to.include({ allowed: 110, denied: 3 });
  });

  it("has a fifth of the calls, and ten a second besides", () => {
    const budget = new RetryBudget(() => now);
    spent(budget, 1_000);
    let tries = 0;
    for (let second = 0; second < 10; second++) {
      for (let call = 0; call < 500; call++) {
        now += 2;
        budget.payIn();
        if (budget.spend()) tries++;
      }
    }
    expect(tries).to.be.within(1_095, 1_101);
  });

  it("has ten a second where there are few calls, and saves none of them up", () => {
    const budget = new RetryBudget(() => now);
    spent(budget, 1_000);
    now += 500;
    expect(spent(budget, 100)).to.equal(5);
    now += 3_600_000;
    expect(spent(budget, 100)).to.equal(10);
  });

  it("saves up a hundred at most", () => {
    const budget = new RetryBudget(() => now);
    for (let call = 0; call < 10_000; call++) budget.payIn();
    expect(spent(budget, 1_000)).to.equal(110);
  });

  it("tells once a minute that it is spent", () => {
    let told = 0;
    const budget = new RetryBudget(() => now, () => void told++);
    spent(budget, 1_000);
    now += 59_999;
    spent(budget, 1_000);
    expect(told).to.equal(1);
    now += 1;
    spent(budget, 1_000);
    expect(told).to.equal(2);
  });

  it("gives nothing for a clock that is set back", () => {
    const budget = new RetryBudget(() => now);
    spent(budget, 1_000);
    now -= 60_000;
    expect(spent(budget, 10)).to.equal(0);
  });
});
