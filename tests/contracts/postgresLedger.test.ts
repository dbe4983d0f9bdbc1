import { expect } from "chai";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { StoreUnavailable } from "../../core/errors/storeErrors";
import { createMemoryStore } from "../../core/stores/memory";
import { connect, Database, rowsOf } from "../../core/stores/postgres/database";
import { openLedger, type LedgerOptions, type OpenedLedger } from "../../core/stores/postgres/ledger/openLedger";
import { migrate } from "../../core/stores/postgres/schema";
import { UsagePartitions } from "../../core/stores/postgres/usage/partitions";
import type { Ledger } from "../../core/stores/types";
import { startCuttableProxy, type CuttableProxy } from "../support/cuttableProxy";
import { createDatabase, createStoreDatabase, describeOnPostgres, type TestDatabase } from "../support/postgresDatabases";
import { describeOnOwnPostgres, startPostgresServer, type PostgresServer } from "../support/postgresServer";
import { seededRandom } from "../../scripts/demo/seededRandom";
import { failureOf } from "./records.contract";
import { coins, facts, holdOf, limited, settlementOf, T0, usage } from "./samples";
import { randomStep } from "./ledgerSteps";
import { until } from "../support/until";

/** Nodes of one test, each with its own connections and spool. */
class Nodes {
  private readonly opened: { readonly node: OpenedLedger; readonly database: Database }[] = [];
  folder = "";

  async open(url: string, options: Partial<LedgerOptions> = {}): Promise<Ledger> {
    this.folder ||= await mkdtemp(path.join(tmpdir(), "lumen-ledger-"));
    const database = new Database({ url, timeoutMs: 1_000 });
    const partitions = new UsagePartitions(database);
    const spoolFolder = path.join(this.folder, String(this.opened.length));
    const node = await openLedger({ database, spoolFolder, now: () => T0, partitions: (moments) => partitions.ensureFor(moments), ...options });
    this.opened.push({ node, database });
    return node.ledger;
  }

  async close(): Promise<void> {
    for (const { node, database } of this.opened.splice(0)) {
      await node.close();
      await database.close();
    }
    if (this.folder) await rm(this.folder, { recursive: true, force: true });
    this.folder = "";
  }
}

const poolOf = async (ledger: Ledger) => {
  const pool = await ledger.pool("ada", T0);
  return { balance: pool?.balanceNano, held: pool?.heldNano };
};
const numbered = (count: number) => Array.from({ length: count }, (_, i) => i);

describeOnPostgres("the PostgreSQL ledger", () => {
  let database: TestDatabase;
  const nodes = new Nodes();
  beforeEach(async () => (database = await createStoreDatabase()));
  afterEach(async () => {
    await nodes.close();
    await database.drop();
  });

  it("keeps its own settings beside those in the URL", async () => {
    const url = new URL(database.url);
    url.searchParams.set("options", "-c work_mem=5MB -c jit=on");
    const client = await connect({ url: url.toString() }, { settings: "-c enable_seqscan=off" });
    const [shown] = await rowsOf(client, "SELECT current_setting('work_mem') AS memory, current_setting('jit') AS jit, current_setting('enable_seqscan') AS seqscan");
    await client.end();
    expect(shown).to.deep.equal({ memory: "5MB", jit: "off", seqscan: "off" });
  });

  for (const seed of [1, 2, 3]) {
    it(`H1 to H6, P6 to P8: answers whatever comes as the ledger in memory does (seed ${seed})`, async () => {
      const [own, other] = [await nodes.open(database.url), (await createMemoryStore({ now: () => T0 })).ledger];
      const random = seededRandom(seed);
      let now = T0;
      for (let round = 0; round < 150; round += 1) {
        now += random.next() < 0.25 ? random.whole(0, 3_600_000) : 1;
        const steps = numbered(random.whole(1, 6)).map(() => randomStep(random, now));
        const expiry = random.next() < 0.1 ? now - random.whole(0, 3_600_000) : undefined;
        if (expiry !== undefined) expect(await own.expireHolds(expiry, now)).to.equal(await other.expireHolds(expiry, now));
        // What comes at once is a batch, in the order in which it came.
        const inTurn: unknown[] = [];
        const atOnce = await Promise.all(steps.map((step) => step(own)));
        for (const step of steps) inTurn.push(await step(other));
        expect(atOnce).to.deep.equal(inTurn);
        for (const pool of ["a", "b", "c"]) expect(await own.pool(pool, now)).to.deep.equal(await other.pool(pool, now));
      }
      expect(await own.openHolds()).to.equal(await other.openHolds());
    });
  }

  it("H2: of 600 holds at once over three nodes on coins for 37, exactly 37 pass", async () => {
    const ledgers = await Promise.all([1, 2, 3].map(() => nodes.open(database.url)));
    const outcomes = await Promise.all(numbered(600).map((i) => ledgers[i % 3]!.hold(holdOf(`c${i}`, coins(1), limited(37)), T0)));
    const held = numbered(600).filter((i) => outcomes[i]?.ok);
    expect(held).to.have.length(37);
    // Each is settled by two nodes at once, and counts once.
    await Promise.all(held.flatMap((i) => [i, i + 1].map((node) => ledgers[node % 3]!.settle(settlementOf(`c${i}`, coins(1))))));
    expect(await poolOf(ledgers[0]!)).to.deep.equal({ balance: 0n, held: 0n });
  });

  it("finds holds and calls by their keys, also on a connection that was opened when there were none", async () => {
    const ledger = await nodes.open(database.url);
    for (let batch = 0; batch < 20; batch += 1) {
      const ids = numbered(100).map((i) => `c${batch}-${i}`);
      await Promise.all(ids.map((id) => ledger.hold(holdOf(id, coins(1), limited(10_000)), T0)));
      await Promise.all(ids.map((id) => ledger.settle(settlementOf(id, coins(1)))));
    }
    // What a connection counted is told at its end.
    await nodes.close();
    const reader = new Database({ url: database.url });
    try {
      const read = () => reader.rows<{ booked: number; scanned: number }>(
        `SELECT coalesce(sum(n_tup_ins), 0)::bigint AS booked, coalesce(sum(seq_tup_read), 0)::bigint AS scanned FROM pg_stat_user_tables WHERE relname = 'holds' OR relname ~ '^usage_[0-9]'`,
      );
      await until(async () => (await read())[0]?.booked === 4_000);
      expect((await read())[0]?.scanned).to.be.below(2_000);
    } finally {
      await reader.close();
    }
  });

  it("H6: what a node held that was cut off beyond its lease is booked by another; what it says later corrects that", async () => {
    const proxy = await startCuttableProxy({ port: Number(new URL(database.url).port) });
    try {
      const lost = await nodes.open(proxy.through(database.url), { leaseSeconds: 1.5, progressEveryMs: 0 });
      await lost.hold(holdOf("a", coins(4), limited(10), { progress: { usage: usage(5, 0), costNano: 5n } }), T0);
      const lease = lost.lease();
      proxy.blackhole();
      const other = await nodes.open(database.url, { leaseSeconds: 1.5 });
      await until(async () => (await other.openHolds()) === 0);
      // Before anybody books what it holds, it does not trust its lease any more.
      expect(lease.endsAt).to.be.lessThan(performance.now());
      expect(await poolOf(other)).to.deep.equal({ balance: coins(10) - 5n, held: 0n });
      proxy.mend();
      await until(async () => (await lost.hold(holdOf("b", coins(1), limited(10)), T0).catch(() => undefined))?.ok === true);
      const late = await lost.settle(settlementOf("a", coins(2)));
      expect(late).to.deep.include({ flags: ["late"], costNano: coins(2), charges: [{ pool: "ada", chargedNano: coins(2), uncollectedNano: 0n }] });
      // It goes on under another lease: the one that was lost stays lost.
      expect(lost.lease().endsAt).to.be.greaterThan(performance.now());
      expect(lease.endsAt).to.be.lessThan(performance.now());
      expect(await poolOf(other)).to.deep.equal({ balance: coins(8), held: coins(1) });
    } finally {
      await nodes.close();
      await proxy.close();
    }
  });

  it("H6: a process that starts on a machine does not wait for the lease of one that died there", async () => {
    const spoolFolder = await mkdtemp(path.join(tmpdir(), "lumen-nodes-"));
    const died = await nodes.open(database.url, { spoolFolder });
    await died.hold(holdOf("a", coins(4), limited(10)), T0);
    const own = (await readdir(spoolFolder)).find((name) => name.endsWith(".node")) ?? "";
    // Of a number that no process has.
    const other = own.replace(/^\d+\.[^.]+/, "4194999.00000000-0000-7000-8000-000000000000");
    const straight = new Database({ url: database.url });
    await straight.rows("INSERT INTO nodes (id, slot, name, started_at, lease_until) VALUES ('00000000-0000-7000-8000-000000000000', 77, 'died', 0, now() + interval '1 hour')");
    await straight.rows("UPDATE holds SET node_id = '00000000-0000-7000-8000-000000000000'");
    await straight.close();
    await writeFile(path.join(spoolFolder, other), "");
    const next = await nodes.open(database.url, { spoolFolder });
    expect(await next.openHolds()).to.equal(0);
    // The first one lives, and is left alone.
    expect((await died.hold(holdOf("b", coins(1), limited(10)), T0)).ok).to.equal(true);
    expect(await readdir(spoolFolder)).to.have.length(2);
    await nodes.close();
    await rm(spoolFolder, { recursive: true, force: true });
  });

  it("P7: what an administrator gives while connections are cut at any moment is given once, or refused and not given", async () => {
    const proxy = await startCuttableProxy({ port: Number(new URL(database.url).port) });
    try {
      const ledger = await nodes.open(proxy.through(database.url));
      const grants = cutAtRandom(proxy, async (i) => {
        const given = await ledger.adjust({ pool: "ada", kind: "grant", amountNano: 1n + BigInt(i), terms: limited(1), by: "root", reason: "r", at: T0 });
        return given.amountNano;
      });
      const given = await grants;
      expect(given.length).to.be.greaterThan(20);
      const straight = await nodes.open(database.url);
      expect((await poolOf(straight)).balance).to.equal(coins(1) + given.reduce((sum, nano) => sum + nano, 0n));
    } finally {
      await nodes.close();
      await proxy.close();
    }
  });
});

describeOnOwnPostgres("the PostgreSQL ledger while its server is away", () => {
  let server: PostgresServer;
  const nodes = new Nodes();
  before(async () => (server = await startPostgresServer({ durable: true })));
  after(() => server.close());
  afterEach(() => nodes.close());

  for (const how of ["fast", "kill"] as const) {
    it(`H3: refuses holds, and books what ends meanwhile once when it is back (${how === "kill" ? "killed" : "shut down"})`, async () => {
      const { url } = await createDatabase(server);
      await migrate(url);
      let tell: (line: string) => void = () => undefined;
      const back = new Promise<string>((resolve) => (tell = resolve));
      const ledger = await nodes.open(url, { onWarning: (line) => tell(line) });
      await Promise.all(numbered(40).map((i) => ledger.hold(holdOf(`c${i}`, coins(1), limited(40)), T0)));
      await server.stop(how);
      expect(await failureOf(ledger.hold(holdOf("late", coins(1), limited(40)), T0))).to.be.instanceOf(StoreUnavailable);
      await Promise.all(numbered(30).flatMap((i) => [ledger.settle(settlementOf(`c${i}`, coins(1))), ledger.settle(settlementOf(`c${i}`, coins(1)))]));
      await server.start();
      expect(await back).to.include("60 calls");
      expect(await poolOf(ledger)).to.deep.equal({ balance: coins(10), held: coins(10) });
      expect((await ledger.hold(holdOf("again", 0n, limited(40)), T0)).ok).to.equal(true);
    });
  }

  it("H3: a process that ends before the server is back leaves its settlements on disk, and the next one books them", async () => {
    const { url } = await createDatabase(server);
    await migrate(url);
    const spoolFolder = await mkdtemp(path.join(tmpdir(), "lumen-spool-"));
    const first = await nodes.open(url, { spoolFolder });
    await first.hold(holdOf("a", coins(3), limited(10)), T0);
    await server.stop();
    await first.settle(settlementOf("a", coins(2)));
    await nodes.close();
    await server.start();
    const second = await nodes.open(url, { spoolFolder });
    expect(await poolOf(second)).to.deep.equal({ balance: coins(8), held: 0n });
    expect((await second.settle(settlementOf("a", coins(3)))).costNano).to.equal(coins(2));
    expect(facts().ownerId).to.equal("ada");
    await rm(spoolFolder, { recursive: true, force: true });
  });
});

/** Works one after the other while the wire is cut and mended. @returns what came of those that were not refused */
async function cutAtRandom<T>(proxy: CuttableProxy, work: (i: number) => Promise<T>): Promise<T[]> {
  const random = seededRandom(7);
  const done: T[] = [];
  for (let i = 0; i < 60; i += 1) {
    const working = work(i).then((result) => void done.push(result), (error: unknown) => expect(error).to.be.instanceOf(StoreUnavailable));
    const turns = random.whole(0, 12);
    if (random.next() < 0.4) {
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      proxy.cut();
      await new Promise((resolve) => setImmediate(resolve));
      proxy.mend();
    }
    await working;
  }
  return done;
}
