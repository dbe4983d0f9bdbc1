import { expect } from "chai";
import { performance } from "node:perf_hooks";
import { StoreConflict, StoreRefused, StoreUnavailable } from "../../core/errors/storeErrors";
import { Database } from "../../core/stores/postgres/database";
import { openPostgresStore } from "../../core/stores/postgres/openPostgresStore";
import { openRecords, type OpenRecords } from "../../core/stores/postgres/records/openRecords";
import { startCuttableProxy, type CuttableProxy } from "../support/cuttableProxy";
import { createStoreDatabase, describeOnPostgres, type TestDatabase } from "../support/postgresDatabases";
import { temporaryFolder } from "./temporaryFolder";
import { failureOf } from "./records.contract";
import { client, T0, user } from "./samples";
import { until } from "../support/until";

const turn = () => new Promise((resolve) => setImmediate(resolve));

describeOnPostgres("records on PostgreSQL, on several nodes", function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let proxy: CuttableProxy;
  const opened: { readonly node: OpenRecords; readonly connections: Database }[] = [];
  const warnings: string[] = [];
  const folder = temporaryFolder();

  beforeEach(async () => {
    database = await createStoreDatabase();
    const { hostname, port } = new URL(database.url);
    proxy = await startCuttableProxy({ host: hostname, port: Number(port) });
  });
  afterEach(async () => {
    proxy.mend();
    for (const { node, connections } of opened.splice(0)) {
      await node.close();
      await connections.close();
    }
    await proxy.close();
    await database.drop();
    warnings.length = 0;
  });

  const open = async (url = database.url): Promise<OpenRecords> => {
    const connections = new Database({ url, timeoutMs: 1_000 });
    const node = await openRecords({ url, database: connections, onWarning: (line) => warnings.push(line) });
    opened.push({ node, connections });
    return node;
  };
  const keyOf = (id: string, status: "active" | "revoked") => ({
    id, ownerId: "ada", name: id, hint: "sk_a…wxyz", digest: "d", pepperId: "p", verifier: "v", status, createdAt: T0,
  });

  it("who has just signed in at one node, and a key that was just made, are known to the other at once", async () => {
    const [a, b] = [await open(), await open()];
    for (const id of Array.from({ length: 20 }, (_, index) => `s${index}`)) {
      await a.users.put(user(id));
      await a.sessions.put({ id, userId: id, method: "password", createdAt: T0, lastSeenAt: T0, expiresAt: T0 + 1, csrfToken: "t" });
      await a.keys.put({ ...keyOf(id, "active"), secretId: `secret-${id}` });
      expect([(await b.sessions.get(id))?.userId, (await b.users.get(id))?.email, (await b.keys.find("secretId", `secret-${id}`))?.id]).to.deep.equal([id, `${id}@example.org`, id]);
    }
    await a.sessions.delete("s0");
    await until(async () => (await b.sessions.get("s0")) === undefined);
  });

  it("asks nobody for what it has: an owner among clients and users, a key by each of its ids", async () => {
    const node = await open(proxy.through(database.url));
    await node.users.put(user("ada"));
    await node.keys.put({ ...keyOf("k", "active"), secretId: "new", formerId: "old" });
    proxy.blackhole();
    expect(await node.clients.get("ada")).to.equal(undefined);
    for (const id of ["new", "old"]) expect(await node.keys.get(id)).to.equal(undefined);
    expect(await node.keys.find("secretId", "old")).to.equal(undefined);
  });

  it("K3: what one node writes is in force on the other within a second, and each watcher is told of it once", async () => {
    const [a, b] = [await open(), await open()];
    await a.keys.put(keyOf("k", "active"));
    await a.clients.put(client("bot"));
    await a.consents.put({ id: "ada/m", ownerId: "ada", model: "m", noticeHash: "h", givenBy: "ada", givenAt: T0 });
    await until(async () => (await b.consents.get("ada/m")) !== undefined);
    const told: string[] = [];
    for (const [name, node] of [["a", a], ["b", b]] as const) {
      node.keys.watch(({ id, row }) => void told.push(`${name} ${id} ${row?.status ?? "gone"}`));
      node.clients.watch(({ id, row }) => void told.push(`${name} ${id} ${String(row?.active)}`));
      node.consents.watch(({ id, row }) => void told.push(`${name} ${id} ${row?.withdrawnAt ?? "given"}`));
      node.conversations.watch(({ id, row }) => void told.push(`${name} ${id} ${row?.title ?? "gone"}`));
    }
    const began = performance.now();
    await a.keys.put(keyOf("k", "revoked"));
    await a.clients.put({ ...client("bot"), active: false });
    await a.consents.put({ id: "ada/m", ownerId: "ada", model: "m", noticeHash: "h", givenBy: "ada", givenAt: T0, withdrawnAt: 5 });
    await a.conversations.put({ id: "c", ownerId: "ada", title: "two\0halves \ud800", model: "m", createdAt: T0, updatedAt: T0 });
    const mine = told.filter((line) => line.startsWith("a "));
    await until(() => told.includes("b c two\0halves \ud800"));
    expect(performance.now() - began).to.be.lessThan(1_000);
    expect((await b.keys.get("k"))?.status).to.equal("revoked");
    expect((await b.clients.find("name", "bot"))?.active).to.equal(false);
    expect((await b.consents.list({ index: "ownerId", value: "ada" })).rows[0]?.withdrawnAt).to.equal(5);
    expect((await b.conversations.list({ index: "ownerId", value: "ada" })).rows[0]?.title).to.equal("two\0halves \ud800");
    expect(mine).to.deep.equal(["a k revoked", "a bot false", "a ada/m 5", "a c two\0halves \ud800"]);
    // The next change has passed the feed of both: nothing was told twice meanwhile.
    await b.keys.delete("k");
    await until(() => told.includes("a k gone"));
    expect(told.filter((line) => line.startsWith("a ")).slice(0, 4)).to.deep.equal(mine);
    expect(told.filter((line) => line === "b k revoked")).to.have.length(1);
    expect(told.filter((line) => line.startsWith("b "))).to.have.members(["b k revoked", "b bot false", "b ada/m 5", "b c two\0halves \ud800", "b k gone"]);
    expect(await a.keys.get("k")).to.equal(undefined);
  });

  it("of writers on two nodes, one gets a unique value and one a revision; the others of their batch are not held up", async () => {
    const [a, b] = [await open(), await open()];
    const names = Array.from({ length: 300 }, (_, index) => `client${index}`);
    const outcomes = await Promise.allSettled([a, b].flatMap((node, which) => names.map((name) => node.clients.put(client(`${name}-${which}`, name)))));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).to.have.length(300);
    for (const outcome of outcomes) if (outcome.status === "rejected") expect(outcome.reason).to.be.instanceOf(StoreConflict);
    const row = await a.users.put(user("ada"));
    const renamed = await Promise.allSettled([a, b, a, b].map((node) => node.users.put({ ...user("ada"), name: "Ada" }, { expectedRevision: row.revision })));
    expect(renamed.filter(({ status }) => status === "fulfilled")).to.have.length(1);
    const unwritable = await Promise.allSettled([a.users.put(user("x\0")), a.users.put(user("bob")), a.users.put(user("eve"))]);
    expect(unwritable.map(({ status }) => status)).to.deep.equal(["rejected", "fulfilled", "fulfilled"]);
    expect(await b.conversations.get("x\0")).to.equal(undefined);
  });

  for (const fault of ["blackhole", "cut"] as const) {
    it(`authentication is refused 5 s after a ${fault}, and goes on by itself when the server is back`, async () => {
      const [a, b] = [await open(), await open(proxy.through(database.url))];
      await a.keys.put(keyOf("k", "active"));
      await until(async () => (await b.keys.get("k")) !== undefined);
      proxy[fault]();
      const began = performance.now();
      await a.keys.put(keyOf("k", "revoked"));
      let refused: unknown;
      while (refused === undefined) {
        await turn();
        refused = b.failure();
      }
      expect(performance.now() - began).to.be.within(3_000, 6_000);
      expect(refused).to.be.instanceOf(StoreUnavailable);
      expect(await failureOf(b.keys.get("k"))).to.be.instanceOf(StoreUnavailable);
      expect(warnings).to.have.length(1);
      proxy.mend();
      const mended = performance.now();
      await until(() => b.failure() === undefined);
      expect(performance.now() - mended).to.be.lessThan(4_000);
      expect((await b.keys.get("k"))?.status).to.equal("revoked");
      await until(() => warnings.length === 2);
      expect(warnings[1]).to.match(/is back/);
    });
  }

  it("a node that was away for longer than the feed is kept loads everything anew, and tells its watchers what is different", async () => {
    const [a, b] = [await open(), await open(proxy.through(database.url))];
    for (const id of ["k1", "k2", "k3"]) await a.keys.put(keyOf(id, "active"));
    await until(async () => (await b.keys.get("k3")) !== undefined);
    const told: string[] = [];
    b.keys.watch(({ id, row }) => void told.push(`${id} ${row?.status ?? "gone"}`));
    proxy.cut();
    await until(() => warnings.length === 1);
    await a.keys.put(keyOf("k1", "revoked"));
    await a.keys.delete("k2");
    const connections = new Database({ url: database.url });
    await connections.rows("DELETE FROM changes");
    await connections.close();
    proxy.mend();
    await until(() => told.length === 2);
    expect(told).to.have.members(["k1 revoked", "k2 gone"]);
    expect((await b.keys.list()).rows.map(({ id }) => id)).to.deep.equal(["k1", "k3"]);
  });

  it("a node whose keys have another pepper than those of the nodes that run is told at its start", async () => {
    const openStore = (pepperId: string) => openPostgresStore({ url: database.url, spoolFolder: folder(), pepperId });
    const first = await openStore("one");
    try {
      const refused = await failureOf(openStore("two"));
      expect(refused).to.be.instanceOf(StoreRefused);
      expect((refused as Error).message).to.include("LUMEN_PEPPER");
      await (await openStore("one")).close();
    } finally {
      await first.close();
    }
    await (await openStore("two")).close();
  });

  it("an address that cannot be used is refused without telling its password", async () => {
    const at = (change: (url: URL) => void) => {
      const url = new URL(database.url);
      url.password = "hunter2";
      change(url);
      return failureOf(openPostgresStore({ url: url.href, spoolFolder: "/nonexistent" }));
    };
    const errors = [
      await at((url) => (url.pathname = "/none")), await at((url) => (url.username = "nobody_of_this_name")), await at((url) => (url.port = "1")),
      await failureOf(openPostgresStore({ url: "postgres://u:hunter2/x@h:1", spoolFolder: "/nonexistent" })),
    ];
    for (const error of errors) {
      expect(error).to.satisfy((one: unknown) => one instanceof StoreRefused || one instanceof StoreUnavailable);
      expect(JSON.stringify([String(error), (error as Error).stack, error])).to.not.include("hunter2");
    }
  });
});
