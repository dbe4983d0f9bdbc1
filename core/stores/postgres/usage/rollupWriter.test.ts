import { expect } from "chai";
import { createDatabase, describeOnPostgres, type TestDatabase } from "../../../../tests/support/postgresDatabases";
import type { LedgerEntry } from "../../../domain/ledgerEntry";
import { NO_USAGE } from "../../../domain/usage";
import { DAY_MS, RollupDifferences } from "../../shared/rollups";
import { Database } from "../database";
import { migrate } from "../schema";
import { rollupStatements } from "./rollupWriter";

const AT = Date.parse("2026-10-31T23:30:00Z");
const entry = (over: Partial<LedgerEntry> = {}): LedgerEntry => ({
  id: "r", ownerId: "ada", keyId: "k1", via: "api", operation: "chat", model: "m", startedAt: AT, usage: { ...NO_USAGE, inputTokens: 10, outputTokens: 1 }, costNano: 10n ** 20n,
  charges: [{ pool: "ada", chargedNano: 1n, uncollectedNano: 2n }], price: { inputPerMillionNano: 0n, outputPerMillionNano: 0n }, settledAt: AT, durationMs: 0, status: 200, flags: [], ...over,
});

describeOnPostgres("the writer of rollups on PostgreSQL", () => {
  let database: TestDatabase;
  let server: Database;
  before(async () => {
    database = await createDatabase();
    await migrate(database.url);
    server = new Database({ url: database.url });
  });
  beforeEach(() => server.rows("TRUNCATE usage_totals, usage_sums, usage_hours, usage_hour_sums"));
  after(async () => {
    await server.close();
    await database.drop();
  });

  async function write(settled: readonly (readonly [LedgerEntry, LedgerEntry?])[], slot = 1): Promise<void> {
    const differences = new RollupDifferences();
    for (const [index, [one, prior]] of settled.entries()) differences.settle(one, prior, index + 1);
    for (const statement of rollupStatements(differences, slot)) await server.rows(statement);
  }
  const rowsOf = async (columns: string, table: string) => (await server.rows<Record<string, unknown>>(`SELECT ${columns} FROM ${table} ORDER BY 1, 2, 3, 4`)).map((row): unknown[] => Object.values(row));

  it("a batch of calls of one owner is eight rows, which the next batch adds to", async () => {
    await write([[entry()], [entry()], [entry({ settledAt: AT - 1 })]]);
    await write([[entry({ settledAt: AT - 5 })]]);
    const totals = [4, 40, 4, 4n * 10n ** 20n, 8n, AT];
    const of = ["", "M2026-10", "2026-10-31"].sort();
    expect(await rowsOf("stretch, owner_id, key_id, via, model, requests, input_tokens, output_tokens, cost, uncollected, last_used_at", "usage_totals"))
      .to.deep.equal(of.map((stretch) => [stretch, "ada", "k1", "api", "m", ...totals]));
    expect(await rowsOf("stretch, via, model, slot, requests, input_tokens, output_tokens, cost, uncollected, last_used_at", "usage_sums"))
      .to.deep.equal(of.map((stretch) => [stretch, "api", "m", 1, ...totals]));
    expect(await rowsOf("owner_id, day, hour, requests", "usage_hours")).to.deep.equal([["ada", "2026-10-31", 23, 4]]);
    expect(await rowsOf("day, hour, slot, requests", "usage_hour_sums")).to.deep.equal([["2026-10-31", 23, 1, 4]]);
  });

  it("H6: a correction takes out what it replaces, also in another month and by another node", async () => {
    const prior = entry({ flags: ["expired"], costNano: 5n });
    await write([[prior]]);
    await write([[entry({ settledAt: AT + DAY_MS, costNano: 7n, flags: ["late"] }), prior]], 2);
    expect(await rowsOf("stretch, owner_id, requests, cost", "usage_totals")).to.deep.equal([
      ["", "ada", 1, 7n], ["2026-10-31", "ada", 0, 0n], ["2026-11-01", "ada", 1, 7n], ["M2026-10", "ada", 0, 0n], ["M2026-11", "ada", 1, 7n],
    ]);
    expect(await rowsOf("day, hour, slot, requests", "usage_hour_sums")).to.deep.equal([["2026-10-31", 23, 1, 1], ["2026-10-31", 23, 2, -1], ["2026-11-01", 23, 2, 1]]);
    expect(await rowsOf("owner_id, day, hour, requests", "usage_hours")).to.deep.equal([["ada", "2026-10-31", 23, 0], ["ada", "2026-11-01", 23, 1]]);
  });

  it("nothing settled is no statement", () => {
    expect(rollupStatements(new RollupDifferences(), 1)).to.deep.equal([]);
  });

  it("two nodes that book many owners at once wait for each other, never in a circle", async () => {
    const owners = Array.from({ length: 200 }, (_, index) => `owner${index}`);
    const node = async (slot: number, order: readonly string[]) => {
      for (let batch = 0; batch < 5; batch++) await write(order.map((ownerId) => [entry({ ownerId })]), slot);
    };
    await Promise.all([node(1, owners), node(2, [...owners].reverse()), node(3, owners)]);
    const [sum] = await server.rows<{ owners: number; requests: number }>("SELECT count(*) AS owners, sum(requests)::bigint AS requests FROM usage_totals WHERE stretch = ''");
    expect(sum).to.deep.equal({ owners: 200, requests: 200 * 5 * 3 });
  });
});
