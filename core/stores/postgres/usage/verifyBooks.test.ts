import { expect } from "chai";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { coins, facts, holdOf, limited, settlementOf, T0 } from "../../../../tests/contracts/samples";
import { createDatabase, describeOnPostgres, type TestDatabase } from "../../../../tests/support/postgresDatabases";
import { systemClock } from "../../../clock";
import { Database } from "../database";
import { openLedger, type OpenedLedger } from "../ledger/openLedger";
import { migrate } from "../schema";
import { UsagePartitions } from "./partitions";
import { verifyBooks } from "./verifyBooks";

describeOnPostgres("the proof of the books on PostgreSQL", () => {
  let database: TestDatabase;
  let server: Database;
  let opened: OpenedLedger;
  let spoolFolder: string;
  before(async () => {
    database = await createDatabase();
    await migrate(database.url);
    server = new Database({ url: database.url });
    spoolFolder = await mkdtemp(path.join(tmpdir(), "lumen-spool-"));
    const partitions = new UsagePartitions(server);
    opened = await openLedger({ database: server, spoolFolder, now: systemClock, partitions: (moments) => partitions.ensureFor(moments) });
    const { ledger } = opened;
    for (const [id, over] of Object.entries({ a: {}, b: { keyId: undefined, via: "chat" as const }, c: { model: "large" } })) {
      await ledger.hold(holdOf(id, coins(2), limited(10), { facts: facts(over) }), T0);
      await ledger.settle(settlementOf(id, coins(1), { facts: facts(over) }));
    }
    // One that ends twice, one that is free, one without a pool that costs more than there is, one that stays open.
    await ledger.hold(holdOf("late", coins(1), limited(10)), T0);
    await ledger.expireHolds(T0 + 1, T0 + 2);
    await ledger.settle(settlementOf("late", coins(3)));
    await ledger.settle(settlementOf("free", 0n));
    await ledger.hold(holdOf("dear", coins(1), limited(10), { lines: [{ pool: "bob", wantNano: coins(1), terms: limited(2) }] }), T0);
    await ledger.settle(settlementOf("dear", coins(5)));
    await ledger.hold(holdOf("open", coins(1), limited(10)), T0);
    await ledger.adjust({ pool: "ada", kind: "grant", amountNano: coins(1), terms: limited(10), by: "root", reason: "r", at: T0 });
  });
  after(async () => {
    await opened.close();
    await server.close();
    await database.drop();
    await rm(spoolFolder, { recursive: true, force: true });
  });

  it("H2: books that only the ledger wrote are exact", async () => {
    expect(await verifyBooks({ url: database.url })).to.deep.equal({
      exact: true, pools: 2, entries: 6, openHolds: 1, costNano: coins(1 + 1 + 1 + 3 + 5), uncollectedNano: coins(3), differences: [],
    });
  });

  const WRONG = [
    { done: "a balance that is one nano too high", sql: "UPDATE pools SET balance = balance + 1 WHERE id = 'ada'", says: [/^pool ada: adjustments less charges are 5000000000 nano, its balance is 5000000001$/] },
    { done: "more held than the holds say", sql: "UPDATE pools SET held = held + 1 WHERE id = 'ada'", says: [/^pool ada: open holds are 1000000000 nano, it holds 1000000001$/] },
    { done: "a pool that is gone", sql: "DELETE FROM pools WHERE id = 'ada'", says: [/^pool ada: 5000000000 nano in the history, but there is no pool$/] },
    { done: "an adjustment that is gone", sql: "DELETE FROM adjustments WHERE pool = 'ada' AND kind = 'grant'", says: [/^pool ada: adjustments less charges are 4000000000 nano/] },
    {
      done: "an entry that is gone", sql: "DELETE FROM usage WHERE id = 'c'",
      says: [/^pool ada: adjustments/, /^totals of all time: ada key1 large api: the history has nothing, the rollup says 1 requests, 1000\+300 tokens, 1000000000 nano, 0 uncollected$/, /^totals of 2026-11: ada/, /^totals of 2026-11-20: ada/, /^hours of 2026-11-20: ada at 10: the history has 5 requests, the rollup says 6$/],
    },
    { done: "a sum of all that is not that of its owners", sql: "UPDATE usage_sums SET requests = requests + 1 WHERE stretch = 'M2026-11' AND via = 'chat'", says: [/^totals of 2026-11: everybody small chat: the history has 1 requests.* the rollup says 2 requests/] },
    { done: "an hour of all that is not that of its owners", sql: "UPDATE usage_hour_sums SET requests = 0", says: [/^hours of 2026-11-20: everybody at 10: the history has 6 requests, the rollup says 0$/] },
    { done: "a row of a rollup for calls that nobody made", sql: "INSERT INTO usage_totals VALUES ('2026-11-20', 'eve', '', 'chat', 'm', 1, 0, 0, 0, 0, 0)", says: [/^totals of 2026-11-20: eve - m chat: the history has nothing, the rollup says 1 requests/, /^totals of 2026-11-20: everybody m chat/] },
  ];
  const TABLES = ["pools", "adjustments", "usage", "usage_totals", "usage_sums", "usage_hour_sums"];
  for (const { done, sql, says } of WRONG) {
    it(`H2: ${done} is told`, async () => {
      for (const table of TABLES) await server.rows(`CREATE TABLE kept_${table} AS SELECT * FROM ${table}`);
      try {
        await server.rows(sql);
        const { differences, exact } = await verifyBooks({ url: database.url });
        expect(differences).to.have.lengthOf(says.length);
        for (const [index, sentence] of says.entries()) expect(differences[index]).to.match(sentence);
        expect(exact).to.equal(false);
      } finally {
        for (const table of TABLES) {
          await server.rows(`DELETE FROM ${table}`);
          await server.rows(`INSERT INTO ${table} ${table === "adjustments" ? "OVERRIDING SYSTEM VALUE " : ""}SELECT * FROM kept_${table}`);
          await server.rows(`DROP TABLE kept_${table}`);
        }
      }
    });
  }
});
