import { expect } from "chai";
import { seedUsage } from "../../bench/seedUsage";
import { usageStretch, USAGE_PERIODS, type UsagePeriodName } from "../../core/domain/usagePeriod";
import { uuidv7 } from "../../core/ids";
import { Database, type Statement } from "../../core/stores/postgres/database";
import { adjustmentsStatement, entriesStatement, entryStatement } from "../../core/stores/postgres/usage/entries";
import { partitionOf } from "../../core/stores/postgres/usage/partitions";
import { hoursStatement, totalsByStatement, totalsStatement } from "../../core/stores/postgres/usage/totals";
import type { UsagePeriod } from "../../core/stores/types";
import { createStoreDatabase, describeOnPostgres, type TestDatabase } from "../support/postgresDatabases";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const ROWS = 100_000;
const MONTHS = 12;
const OWNERS = Array.from({ length: 1_000 }, (_, index) => uuidv7(NOW - 1_000 + index));
const MODELS = Array.from({ length: 100 }, (_, index) => `model-${index}`);
/** The one with most calls, and one with few. */
const [BUSY = "", QUIET = ""] = [OWNERS[0], OWNERS[700]];

/** 2026-05-31T23:59:59Z. */
const MADE_IN_MAY = `${Date.parse("2026-05-31T23:59:59Z").toString(16).padStart(12, "0").replace(/^(.{8})/, "$1-")}-7000-8000-000000000000`;

interface Plan {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly Plans?: readonly Plan[];
}

function* scansOf(plan: Plan): Generator<readonly [table: string, how: string]> {
  if (plan["Relation Name"] !== undefined) yield [plan["Relation Name"], plan["Node Type"]];
  for (const inner of plan.Plans ?? []) yield* scansOf(inner);
}

const stretchOf = (name: UsagePeriodName) => usageStretch(name, NOW, Date.parse("2025-12-01"));
function periodOf(name: UsagePeriodName): UsagePeriod {
  const { unit, names } = stretchOf(name);
  return { unit, from: names[0] ?? "" };
}

/** What the page of usage asks for one owner or everybody (core/services/usage/usageReport.ts). */
function usagePage(ownerId: string | undefined, name: UsagePeriodName): Statement[] {
  const of = ownerId === undefined ? {} : { ownerId };
  const period = periodOf(name);
  const within = name === "all" ? of : { ...of, period };
  return [
    totalsStatement(within), totalsByStatement(period.unit, { ...of, period }), totalsByStatement("model", within), hoursStatement({ ...of, period }),
    ...(ownerId === undefined ? [] : [totalsByStatement("keyId", within)]),
  ];
}

/** The months of a period, and the one before: a call may be booked a week after it was made. */
function partitionsOf(name: UsagePeriodName): string[] {
  const first = new Date(Date.parse(stretchOf(name).names[0] ?? "") - 7 * 86_400_000).toISOString().slice(0, 7);
  return ["2025-12", "2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10", "2026-11"].filter((month) => month >= first).map(partitionOf);
}

describeOnPostgres("the plans of the queries for pages, on PostgreSQL", function () {
  this.timeout(300_000);
  let database: TestDatabase;
  let server: Database;
  before(async () => {
    database = await createStoreDatabase();
    await seedUsage(database.url, { rows: ROWS, months: MONTHS, ownerIds: OWNERS, models: MODELS, now: NOW });
    server = new Database({ url: database.url });
  });
  after(async () => {
    await server.close();
    await database.drop();
  });

  async function scans(statement: Statement): Promise<(readonly [string, string])[]> {
    const [row] = await server.rows<{ "QUERY PLAN": string }>({ text: `EXPLAIN (FORMAT JSON) ${statement.text}`, values: statement.values });
    const [{ Plan: plan }] = JSON.parse(row?.["QUERY PLAN"] ?? "[]") as [{ Plan: Plan }];
    return [...scansOf(plan)];
  }

  /** No table of calls or owners is read from its first row to its last, and none that has nothing to do with the question. Sums of all owners are few. */
  async function expectIndexes(statement: Statement, tables: RegExp): Promise<string[]> {
    const found = await scans(statement);
    expect(found, statement.text).to.not.deep.equal([]);
    for (const [table, how] of found) {
      expect(table, statement.text).to.match(tables);
      if (!table.endsWith("sums")) expect(how, `${table}: ${statement.text} ${JSON.stringify(statement.values)}`).to.match(/^(Index|Index Only|Bitmap Heap) Scan$/);
    }
    return [...new Set(found.map(([table]) => table))].sort();
  }

  for (const name of USAGE_PERIODS) {
    for (const [who, ownerId] of [["one owner", BUSY], ["an owner with few calls", QUIET], ["everybody", undefined]] as const) {
      it(`the usage of ${who} (${name}) is read from rollups by index`, async () => {
        const tables = ownerId === undefined ? /^usage_(sums|hour_sums)$/ : /^usage_(totals|hours)$/;
        for (const statement of usagePage(ownerId, name)) await expectIndexes(statement, tables);
      });
    }
  }

  it("those who spend most of everybody in a week and a month, and of all time, are found by index", async () => {
    for (const filter of [{}, { period: periodOf("week") }, { period: periodOf("month") }]) await expectIndexes(totalsByStatement("ownerId", filter), /^usage_totals$/);
  });

  it("profile, account, keys, models and clients read rollups by index", async () => {
    const statements = [
      totalsStatement({ ownerId: BUSY }), totalsStatement({ ownerId: BUSY, via: "chat" }), totalsByStatement("model", { ownerId: BUSY }), totalsByStatement("day", { ownerId: BUSY }),
      totalsByStatement("keyId", { ownerId: BUSY }), totalsByStatement("keyId", {}), totalsByStatement("ownerId", { ownerIds: OWNERS.slice(0, 200) }), totalsByStatement("ownerId", { ownerIds: [] }),
      totalsStatement({ ownerId: BUSY, model: "model-1" }), totalsStatement({ keyId: `${BUSY}-k1` }), totalsByStatement("day", { ownerId: BUSY, model: "model-1", period: periodOf("month") }),
    ];
    for (const statement of statements) await expectIndexes(statement, /^usage_totals$/);
    for (const statement of [totalsStatement({ model: "model-1" }), totalsByStatement("day", { model: "model-1", period: periodOf("month") })]) await expectIndexes(statement, /^usage_sums$/);
  });

  for (const name of USAGE_PERIODS) {
    it(`the calls of a period (${name}) are looked for in its partitions alone`, async () => {
      const period = name === "all" ? {} : { period: periodOf(name) };
      for (const of of [{ ownerId: BUSY }, { ownerId: QUIET }, { ownerIds: [QUIET, BUSY] }, { keyId: `${BUSY}-k1` }, {}, { ownerId: BUSY, cursor: "50000", limit: 5_000 }]) {
        expect(await expectIndexes(entriesStatement({ ...of, ...period }), /^usage_\d{4}_\d\d$/), JSON.stringify(of)).to.deep.equal(partitionsOf(name));
      }
    });
  }

  it("a call is looked for in the partition that its id tells, and by the index of each where it tells none", async () => {
    expect(await expectIndexes(entryStatement(MADE_IN_MAY), /^usage_\d{4}_\d\d$/)).to.deep.equal(["usage_2026_05"]);
    expect(await expectIndexes(entryStatement("chatcmpl-1"), /^usage_\d{4}_\d\d$/)).to.deep.equal(partitionsOf("all"));
  });

  it("the movements of a pool are found by index", async () => {
    expect(await expectIndexes(adjustmentsStatement({ pool: BUSY }), /^adjustments$/)).to.deep.equal(["adjustments"]);
  });
});
