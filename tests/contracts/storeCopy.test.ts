import { expect } from "chai";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { StoreRefused } from "../../core/errors/storeErrors";
import { openContents, openFolderTarget, openLowdbStore } from "../../core/stores/lowdb";
import { openDatabaseContents } from "../../core/stores/postgres/contents/openContents";
import { openDatabaseTarget } from "../../core/stores/postgres/contents/fillDatabase";
import { openSchema } from "../../core/stores/postgres/schema";
import { digestOf, type ContentsDigest } from "../../core/stores/shared/contentsDigest";
import { copyContents } from "../../core/stores/shared/copyContents";
import type { ContentsTarget, StoreContents } from "../../core/stores/shared/contents";
import type { Store } from "../../core/stores/types";
import { createStoreDatabase, describeOnPostgres, type TestDatabase } from "../support/postgresDatabases";
import { acknowledgedRun, expectKept, nothingYet, type Acknowledged } from "./acknowledgedRun";
import { said } from "./conversations.contract";
import { failureOf } from "./records.contract";
import { client, coins, facts, holdOf, HOUR, limited, settlementOf, T0, user } from "./samples";
import { temporaryFolder } from "./temporaryFolder";

const key = (id: string) => ({
  id, ownerId: "ada", name: id, hint: "sk_0…abcd", digest: "d", pepperId: "p1", verifier: "v", status: "active" as const, createdAt: T0,
  coinCapNano: 9_007_199_254_740_993n, secretId: `s-${id}`, formerId: `f-${id}`,
});

/** Something of every kind, at some days and months, with calls that ended in each way that is booked. */
async function fillStore(store: Store): Promise<Acknowledged> {
  const told = nothingYet();
  await acknowledgedRun(store, told, 8);
  await store.clients.put(client("bot"));
  await store.users.put({ ...user("grace"), name: "U+0000 is \0, half a pair is \ud800" });
  for (const id of ["k1", "k2"]) await store.keys.put(key(id));
  await store.keys.put({ ...key("k1"), name: "renamed" });
  await store.ledger.hold(holdOf("late-call", coins(1), limited(100)), T0);
  await store.ledger.expireHolds(T0 + 1, T0 + HOUR);
  await store.ledger.settle(settlementOf("late-call", 7n, { settledAt: T0 + 2 * HOUR }));
  for (const days of [1, 40, 90, 200]) {
    const startedAt = T0 + days * 24 * HOUR;
    await store.ledger.settle(settlementOf(`day-${days}`, BigInt(days), { facts: facts({ startedAt, keyId: undefined, via: "chat" }), settledAt: startedAt + HOUR, flags: ["aborted"] }));
  }
  await store.ledger.adjust({ pool: "key:k1", kind: "grant", amountNano: 5n, terms: limited(3, 1), by: "ada", reason: "a \0 in it", at: T0 + HOUR });
  await store.auditLog.append({ id: "a1", at: T0, actor: "cli", action: "key.create", subject: "k1", details: { name: "nightly" } });
  await store.auditLog.append({ id: "a2", at: T0 - HOUR, actor: "ada", action: "key.revoke", subject: "k2" });
  await store.messages.append("c1", [said("a"), said("b", { role: "assistant", parentId: "a", costNano: 9_007_199_254_740_993n })]);
  await store.messages.append("c2", [said("x")]);
  await store.messages.append("c1", [said("c", { text: "\0 and \ud800" })]);
  await store.files.put("c1", "f1", Buffer.from([0, 255, 10]));
  await store.files.put("ada", "f2", Buffer.alloc(3_000, 7));
  return told;
}

describeOnPostgres("a copy of a store", () => {
  const folder = temporaryFolder();
  const at = (name: string) => path.join(folder(), name);
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createStoreDatabase();
  });
  afterEach(() => database.drop());

  const open = (name: string) => openLowdbStore({ folder: at(name), now: () => T0, segmentBytes: 4_000 });
  const folderContents = (name: string) => openContents(at(name));
  const databaseContents = () => openDatabaseContents({ url: database.url, spoolFolder: at("spool") });

  async function filled(name: string): Promise<Acknowledged> {
    const store = await open(name);
    const told = await fillStore(store);
    await store.close();
    return told;
  }

  async function digestAt(opening: Promise<StoreContents>): Promise<ContentsDigest> {
    const contents = await opening;
    return digestOf(contents).finally(() => contents.close());
  }

  it("holds the same in the other engine and back again, to the last nano and the last byte", async () => {
    const told = await filled("data");
    const before = await digestAt(folderContents("data"));
    expect(before.kinds.filter(({ count }) => count === 0).map(({ kind }) => kind)).to.deep.equal(["consents", "sessions", "credentials", "signInLinks", "conversations"]);
    expect(await copyContents(await folderContents("data"), await openDatabaseTarget(database.url))).to.deep.equal(before);
    await openSchema(database.url);
    expect(await copyContents(await databaseContents(), await openFolderTarget(at("back")))).to.deep.equal(before);
    const back = await open("back");
    await expectKept(back, told);
    expect(await back.messages.read("c1")).to.have.length(3);
    expect(await back.files.get("ada", "f2")).to.deep.equal(Buffer.alloc(3_000, 7));
    expect((await back.usage.entries({ limit: 1 })).rows[0]?.id).to.equal("day-200");
    await back.close();
    expect(await readdir(at("back"))).to.not.include("unfinished-copy");
  });

  for (const change of [
    { of: "an entry", make: (store: Store) => store.ledger.settle(settlementOf("more", 1n)) },
    { of: "a message", make: (store: Store) => store.messages.append("c1", [said("more")]) },
    { of: "a record", make: (store: Store) => store.users.put(user("grace")) },
    { of: "a file", make: (store: Store) => store.files.put("c1", "f1", Buffer.from([1])) },
  ]) {
    it(`has another hash than a store with ${change.of} more or changed`, async () => {
      await filled("data");
      const before = await digestAt(folderContents("data"));
      const store = await open("data");
      await change.make(store);
      await store.close();
      expect((await digestAt(folderContents("data"))).sha256).to.not.equal(before.sha256);
    });
  }

  /** The copy as far as a part of it was written. */
  async function interrupted(target: ContentsTarget, source: StoreContents): Promise<void> {
    let pieces = 0;
    for await (const items of source.read()) {
      await target.take(items);
      if ((pieces += 1) === 3) break;
    }
    await target.close();
    await source.close();
  }

  it("is not served from while it is unfinished, and begins anew", async () => {
    await filled("data");
    await interrupted(await openDatabaseTarget(database.url), await folderContents("data"));
    expect(String(await failureOf(openSchema(database.url)))).to.match(/unfinished copy .* run the same/);
    await copyContents(await folderContents("data"), await openDatabaseTarget(database.url));
    await openSchema(database.url);
    await interrupted(await openFolderTarget(at("back")), await databaseContents());
    expect(String(await failureOf(open("back")))).to.match(/unfinished copy .* run the same/);
    const digest = await copyContents(await databaseContents(), await openFolderTarget(at("back")));
    expect(digest).to.deep.equal(await digestAt(folderContents("data")));
  });

  it("is refused where the target holds anything, and while somebody uses the source", async () => {
    await filled("data");
    await copyContents(await folderContents("data"), await openDatabaseTarget(database.url));
    for (const refused of [
      () => openDatabaseTarget(database.url),
      () => openFolderTarget(at("data")),
    ]) expect(await failureOf(refused())).to.be.instanceOf(StoreRefused).with.property("message").that.matches(/not empty/);
    const serving = await open("data");
    expect(String(await failureOf(folderContents("data")))).to.match(/in use/);
    await serving.close();
  });
});
