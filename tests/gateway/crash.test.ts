import { expect } from "chai";
import { crashRun } from "../support/crashRun";

/** `npm run test:crash` sets 20; the short run is part of every `npm test`. */
const ROUNDS = Number(process.env["LUMEN_CRASH_ROUNDS"] ?? 3);

describe("kill -9 in the middle of a run", function () {
  this.timeout(ROUNDS * 20_000);

  it(`H2, H6: ${ROUNDS} times in a row, each 200 that a caller saw is in the ledger exactly once, and the books are exact`, async () => {
    const { seen, booked } = await crashRun(ROUNDS);
    expect(seen).to.be.greaterThan(ROUNDS * 50);
    expect(booked).to.be.at.least(seen);
  });
});
