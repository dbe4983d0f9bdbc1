import { expect } from "chai";
import { createDatabase, describeOnPostgres, type TestDatabase } from "../../../../tests/support/postgresDatabases";
import { facts, HOUR, limited, settlementOf, T0, usage } from "../../../../tests/contracts/samples";
import { seededRandom } from "../../../../scripts/demo/seededRandom";
import type { LedgerEntry } from "../../../domain/ledgerEntry";
import { uuidv7 } from "../../../ids";
import { createMemoryStore } from "../../memory";
import { encodeEntry } from "../../shared/codec";
import { DAY_MS, dayName, dayOf, RollupDifferences } from "../../shared/rollups";
import type { Store, UsageFilter, UsageGroup, UsageHistory, UsagePeriod, UsageTotals } from "../../types";
import { Database } from "../database";
import { madeAt } from "../ledger/callTime";
import { migrate } from "../schema";
import { startMaintenance } from "./maintenance";
import { UsagePartitions } from "./partitions";
import { rollupStatements } from "./rollupWriter";
import { createUsageHistory } from "./usageHistory";

const OWNERS = ["ada", "bob", "eve"];
const MODELS = ["large", "small"];
const CALLS = 300;
const DAYS = 80;

const PERIODS: readonly (UsagePeriod | undefined)[] = [
  undefined,
  { unit: "day", from: "2026-10-30" }, { unit: "day", from: "2026-10-01", to: "2026-11-05" }, { unit: "day", from: "2026-10", to: "2026-10" },
  { unit: "month", from: "2026-10" }, { unit: "month", from: "2026-09", to: "2026-10" }, { unit: "month", from: "2026-10-15", to: "2026-11-02" }, { unit: "month", from: "2027-01" },
];
const FILTERS: readonly UsageFilter[] = [
  {}, { ownerId: "ada" }, { ownerId: "nobody" }, { ownerIds: ["bob", "eve", "bob"] }, { ownerIds: [] }, { ownerIds: ["bob"], ownerId: "ada" }, { keyId: "ada-1" }, { model: "large" }, { via: "chat" },
  { ownerId: "bob", model: "small", via: "api" }, { ownerIds: ["ada", "eve"], keyId: "eve-0" },
];
const GROUPS: readonly UsageGroup[] = ["ownerId", "keyId", "model", "via", "day", "month"];

/** Without the time of the last use, where a correction may have taken that call out again. */
const ofStretches = (totals: ReadonlyMap<string, UsageTotals>) => Object.fromEntries([...totals].map(([name, sums]) => [name, { ...sums, lastUsedAt: 0 }]));

/** A UUIDv7 of this very moment: those of `uuidv7` never go back behind one that was made before. */
function idMadeAt(at: number, number: number): string {
  const time = at.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${String(number).padStart(12, "0")}`;
}

/** The same calls in both stores: some end twice, first expired and then as they really went (docs/rules.md H6). */
async function fill(memory: Store, book: (entry: LedgerEntry, prior?: LedgerEntry) => Promise<void>): Promise<readonly LedgerEntry[]> {
  const random = seededRandom(7);
  const entries: LedgerEntry[] = [];
  for (let call = 0; call < CALLS; call++) {
    const startedAt = T0 - Math.floor(((CALLS - call) / CALLS) * DAYS) * DAY_MS + random.whole(0, 20) * HOUR;
    const id = random.next() < 0.8 ? idMadeAt(startedAt, call) : `call${call}`;
    const ownerId = random.pick(OWNERS);
    const chat = random.next() < 0.3;
    const of = facts({ ownerId, keyId: chat ? undefined : `${ownerId}-${random.whole(0, 2)}`, via: chat ? "chat" : "api", model: random.pick(MODELS), startedAt });
    const settlement = settlementOf(id, BigInt(random.whole(1, 10 ** 9)) * 10n ** 9n, { facts: of, usage: usage(random.whole(0, 1_000), random.whole(0, 99)), settledAt: startedAt + random.whole(1, 47) * HOUR });
    let prior: LedgerEntry | undefined;
    if (random.next() < 0.2) {
      await memory.ledger.hold({ id, facts: of, lines: random.next() < 0.5 ? [] : [{ pool: ownerId, wantNano: 1_000n, terms: limited(10 ** 12) }] }, startedAt);
      await memory.ledger.expireHolds(startedAt + 1, startedAt + random.whole(1, 40) * HOUR);
      prior = await memory.usage.entry(id);
      await book(prior!);
      if (random.next() < 0.3) continue;
    }
    const entry = await memory.ledger.settle(settlement);
    await book(entry, prior);
    entries.push(entry);
  }
  return entries;
}

describeOnPostgres("usage on PostgreSQL", () => {
  let database: TestDatabase;
  let server: Database;
  let memory: Store;
  let ours: UsageHistory;
  let entries: readonly LedgerEntry[];
  before(async () => {
    database = await createDatabase();
    await migrate(database.url);
    server = new Database({ url: database.url });
    memory = await createMemoryStore();
    ours = createUsageHistory(server);
    const partitions = new UsagePartitions(server);
    entries = await fill(memory, async (entry, prior) => {
      await partitions.ensureFor([madeAt(entry)]);
      const differences = new RollupDifferences();
      differences.settle(entry, prior, 1);
      for (const statement of rollupStatements(differences, entry.id.charCodeAt(entry.id.length - 1) % 3)) await server.rows(statement);
      await server.rows({
        text: `INSERT INTO usage (id, made_at, settled_at, owner_id, key_id, model, via, expired, entry) VALUES ($1, $2, $3, $4, $5, $6, $7, false, $8)
          ON CONFLICT (id, made_at) DO UPDATE SET seq = excluded.seq, settled_at = excluded.settled_at, entry = excluded.entry`,
        values: [entry.id, madeAt(entry), entry.settledAt, entry.ownerId, entry.keyId, entry.model, entry.via, encodeEntry(entry)],
      });
    });
  });
  after(async () => {
    await memory.close();
    await server.close();
    await database.drop();
  });

  for (const period of PERIODS) {
    const within = period ? `the ${period.unit}s from ${period.from} to ${period.to ?? "now"}` : "all time";
    it(`C7: sums and hours of ${within} are those that memory has`, async () => {
      for (const filter of FILTERS) {
        const of = { ...filter, ...(period ? { period } : {}) };
        expect(await ours.totals(of), JSON.stringify(of)).to.deep.equal(await memory.usage.totals(of));
        for (const group of GROUPS) {
          const [found, expected] = [await ours.totalsBy(group, of), await memory.usage.totalsBy(group, of)];
          const [byDays, what] = [group === "day" || group === "month", `${group} ${JSON.stringify(of)}`];
          if (byDays) expect([...found.keys()], what).to.deep.equal([...expected.keys()]);
          if (byDays || period) expect(ofStretches(found), what).to.deep.equal(ofStretches(expected));
          else expect(Object.fromEntries(found), what).to.deep.equal(Object.fromEntries(expected));
        }
        const { ownerId } = filter;
        expect(await ours.hours({ ownerId, period })).to.deep.equal(await memory.usage.hours({ ownerId, period }));
      }
    });

    it(`C7: entries of ${within} are those that memory has, page by page`, async () => {
      for (const filter of FILTERS) {
        const of = { ...filter, ...(period ? { period } : {}), limit: 17 };
        const read = async (history: UsageHistory) => {
          const pages: LedgerEntry[][] = [];
          let cursor: string | undefined;
          do {
            const page = await history.entries({ ...of, cursor });
            pages.push([...page.rows]);
            cursor = page.next;
          } while (cursor !== undefined);
          return pages;
        };
        expect(await read(ours), JSON.stringify(of)).to.deep.equal(await read(memory.usage));
      }
    });
  }

  it("an entry is found by its id, with and without a time in it, in one of the partitions", async () => {
    for (const entry of entries) expect(await ours.entry(entry.id)).to.deep.equal(entry);
    expect(await ours.entry("unknown")).to.equal(undefined);
    expect(await ours.entry(uuidv7(T0))).to.equal(undefined);
  });

  it("a text that is no cursor is refused", async () => {
    expect(await ours.entries({ cursor: "x" }).catch((error: unknown) => error)).to.be.instanceOf(RangeError);
    expect(await ours.adjustments({ pool: "ada", cursor: "x" }).catch((error: unknown) => error)).to.be.instanceOf(RangeError);
  });

  it("partitions are made once, however many nodes ask at once", async () => {
    const months = ["2030-12", "2031-01"];
    await Promise.all(Array.from({ length: 6 }, () => new UsagePartitions(server).ensure(months)));
    const names = await server.rows<{ name: string }>("SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'usage'::regclass AND inhrelid::regclass::text > 'usage_2030' ORDER BY 1");
    expect(names.map(({ name }) => name)).to.deep.equal(["usage_2030_12", "usage_2031_01"]);
  });

  it("totals older than 100 days and 25 months go, the rest and all entries stay", async () => {
    const counts = () => server.rows<{ table: string; rows: number }>("SELECT 'days' AS table, count(*) AS rows FROM usage_totals WHERE stretch BETWEEN '0' AND '9' UNION ALL SELECT 'months', count(*) FROM usage_totals WHERE stretch > 'M' UNION ALL SELECT 'hours', count(*) FROM usage_hours UNION ALL SELECT 'usage', count(*) FROM usage UNION ALL SELECT 'all', count(*) FROM usage_sums WHERE stretch = ''");
    const kept = async (now: number) => {
      const end = await startMaintenance(server, new UsagePartitions(server), { now: () => now, onWarning: (error) => expect.fail(String(error)) });
      await end();
      return Object.fromEntries((await counts()).map(({ table, rows }) => [table, rows]));
    };
    const bookedOn = (at: number) => server.rows({ text: "INSERT INTO usage_sums VALUES ($1, 'api', 'small', 0, 1, 0, 0, 0, 0, 0)", values: [dayName(dayOf(at))] });
    const first = await kept(T0 + 900 * DAY_MS);
    expect(first["days"], "nothing was booked since").to.be.greaterThan(300);
    await bookedOn(T0 + 60 * DAY_MS);
    expect(await kept(T0)).to.deep.equal(first);
    const later = await kept(T0 + 60 * DAY_MS);
    expect(later["days"]).to.be.within(1, first["days"]! - 1);
    expect(later["hours"]).to.be.within(1, first["hours"]! - 1);
    const [oldest] = (await ours.totalsBy("day", {})).keys();
    expect(oldest! >= "2026-10-12", oldest).to.equal(true);
    await bookedOn(T0 + 900 * DAY_MS);
    expect(await kept(T0 + 900 * DAY_MS)).to.deep.equal({ ...first, days: 0, hours: 0, months: 0 });
  });
});
