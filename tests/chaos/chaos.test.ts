import { expect } from "chai";
import { chaosRound, FAULTS } from "../support/chaosRun";
import { describeOnOwnPostgres } from "../support/postgresServer";

/** `npm run test:chaos` sets 20, three or more of each kind: a process, the server and the wire that break are the least that tells something. */
const ROUNDS = Number(process.env["LUMEN_CHAOS_ROUNDS"] ?? 3);

describeOnOwnPostgres("three gateways on one PostgreSQL while things break", function () {
  this.timeout(120_000);

  for (let round = 0; round < ROUNDS; round += 1) {
    const fault = FAULTS[round % FAULTS.length]!;
    it(`H2, H3, H6: ${fault}, round ${round + 1}: spends exactly what fits, tells each 200 once, and is back by itself`, async () => {
      const { answered } = await chaosRound(fault, round + 1);
      expect(answered).to.be.greaterThan(0);
    });
  }
});
