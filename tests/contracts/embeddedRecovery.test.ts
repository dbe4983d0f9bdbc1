import { expect } from "chai";
import { appendFile, copyFile, cp, mkdir, readdir, readFile, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { StoreRefused } from "../../core/errors/storeErrors";
import { openLowdbStore, type LowdbStoreOptions } from "../../core/stores/lowdb";
import type { Store } from "../../core/stores/types";
import { acknowledgedRun, expectKept, nothingYet } from "./acknowledgedRun";
import { failureOf } from "./records.contract";
import { coins, holdOf, limited, settlementOf, T0, usage, user } from "./samples";
import { temporaryFolder } from "./temporaryFolder";

describe("the embedded store after a crash or damage", () => {
  const folder = temporaryFolder();
  const opened: Store[] = [];
  const open = async (more: Partial<LowdbStoreOptions> = {}): Promise<Store> => {
    const store = await openLowdbStore({ folder: folder(), now: () => T0, segmentBytes: 4_000, checkpointEvery: 1e9, progressEveryMs: 0, ...more });
    opened.push(store);
    return store;
  };
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
  });
  const segments = async () => (await readdir(path.join(folder(), "journal"))).sort().map((name) => path.join(folder(), "journal", name));

  /** A data folder as `kill -9` leaves it: a copy taken while the store runs, in the folder of the test. */
  const crashed = async (run: (store: Store) => Promise<void>, more: Partial<LowdbStoreOptions> = {}): Promise<void> => {
    const living = path.join(folder(), "living");
    const store = await openLowdbStore({ folder: living, now: () => T0, segmentBytes: 4_000, checkpointEvery: 1e9, progressEveryMs: 0, ...more });
    await run(store);
    for (const part of await readdir(living)) if (part !== "lock") await cp(path.join(living, part), path.join(folder(), part), { recursive: true });
    await store.close();
    await rm(living, { recursive: true });
  };
  const someRun = async (store: Store): Promise<void> => acknowledgedRun(store, nothingYet(), 10);

  it("replays the journal over the checkpoints, whatever of it they hold", async () => {
    const told = nothingYet();
    await crashed(async (store) => {
      await acknowledgedRun(store, told, 5);
      await store.checkpoint();
      await store.users.put(user("late"));
      await store.ledger.hold(holdOf("after", coins(1), limited(1_000)), T0);
      await store.ledger.settle(settlementOf("after", 7n));
    });
    const store = await open();
    expect((await store.users.get("late"))?.revision).to.equal(1);
    expect((await store.users.find("email", "late@example.org"))?.id).to.equal("late");
    told.settled.set("after", 7n);
    await expectKept(store, told);
  });

  it("rebuilds everything from the journal and the archive where all checkpoints were taken away", async () => {
    const told = nothingYet();
    let store = await open({ checkpointEvery: 20 });
    await acknowledgedRun(store, told, 20);
    await store.checkpoint();
    await store.ledger.expireHolds(T0 + 1, T0);
    const before = await store.usage.totals({});
    await store.close();
    expect((await readdir(path.join(folder(), "archive"))).length).to.be.greaterThan(2);
    for (const name of await readdir(folder())) if (name.endsWith(".json")) await rm(path.join(folder(), name));
    await rm(path.join(folder(), "rollups"), { recursive: true });
    store = await open();
    expect(await store.usage.totals({})).to.deep.equal(before);
    await expectKept(store, told);
  });

  it("H6: holds left open by a crash are booked at their last progress, marked expired, once over any number of starts", async () => {
    await crashed(async (store) => {
      await store.ledger.hold(holdOf("a", coins(4), limited(10)), T0);
      await store.ledger.hold(holdOf("b", coins(4), limited(10)), T0);
      store.ledger.progress("a", { usage: usage(10, 5), costNano: coins(1) });
      await store.users.put(user("ada"));
    });
    for (let start = 0; start < 3; start += 1) {
      const store = await open();
      expect((await store.ledger.pool("ada", T0))?.balanceNano).to.equal(coins(9));
      expect((await store.usage.entry("a"))).to.deep.include({ costNano: coins(1), flags: ["expired"], status: 499 });
      expect((await store.usage.entry("b"))).to.deep.include({ costNano: 0n, flags: ["expired"] });
      expect((await store.usage.totals({})).requests).to.equal(2);
      await store.close();
    }
  });

  const tornEnds: { title: string; tear: (file: string) => Promise<void> }[] = [
    { title: "half a line", tear: (file) => appendFile(file, "1a2b3c 99 99 {\"t\":\"hol") },
    { title: "a line without its end of line", tear: async (file) => truncate(file, (await stat(file)).size - 1) },
    { title: "zeros", tear: (file) => appendFile(file, Buffer.alloc(5_000)) },
    { title: "noise with ends of line", tear: (file) => appendFile(file, "\n\nnoise\n\u0000\n") },
  ];
  for (const { title, tear } of tornEnds) {
    it(`cuts a torn last batch that ends in ${title}, says so, and goes on`, async () => {
      await crashed(async (store) => void (await store.users.put(user("ada"))));
      await tear((await segments()).at(-1) ?? "");
      const warnings: string[] = [];
      let store = await open({ onWarning: (message) => warnings.push(message) });
      expect(warnings).to.have.length(1);
      expect(warnings[0]).to.match(/\.log line \d+: the last batch was torn/);
      await store.users.put(user("bob"));
      await store.close();
      store = await open({ onWarning: (message) => warnings.push(message) });
      expect(warnings).to.have.length(1);
      expect(await store.users.get("bob")).to.not.equal(undefined);
    });
  }

  /** Flips one bit in the middle of a line of a file. */
  const flip = async (file: string, line: number): Promise<void> => {
    const bytes = await readFile(file);
    let at = 0;
    for (let skipped = 1; skipped < line; skipped += 1) at = bytes.indexOf(10, at) + 1;
    at = Math.floor((at + bytes.indexOf(10, at)) / 2);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await writeFile(file, bytes);
  };
  const last = <T>(list: readonly T[]): T => list[list.length - 1]!;
  const damages: { title: string; damage: () => Promise<void>; says: RegExp; segmentBytes?: number }[] = [
    { title: "a flipped bit in an older segment", damage: async () => flip((await segments())[1]!, 3), says: /journal\/\d+\.log line 3 is damaged/ },
    { title: "a flipped bit in the last line of an older segment", says: /\.log line \d+ is damaged/, damage: async () => {
      const file = (await segments())[0]!;
      await flip(file, (await readFile(file)).toString().split("\n").length - 1);
    } },
    { title: "a bad line before a good batch in the last segment", damage: async () => flip(last(await segments()), 1), says: /\.log line 1 is damaged/, segmentBytes: 1e9 },
    { title: "an older segment cut short", says: /\.log/, damage: async () => {
      const file = (await segments())[1]!;
      await truncate(file, (await stat(file)).size - 50);
    } },
    { title: "a missing segment in the middle", damage: async () => rm((await segments())[1]!), says: /begins at \d+, but \d+ comes next: a segment before it is missing/ },
    { title: "a missing first segment", damage: async () => rm((await segments())[0]!), says: /but 1 comes next/ },
    { title: "two segments that changed names", says: /\.log/, damage: async () => {
      const [first, second] = await segments();
      await rename(first!, `${first!}.x`);
      await rename(second!, first!);
      await rename(`${first!}.x`, second!);
    } },
    { title: "a line that was written twice", says: /line 2 is damaged/, damage: async () => {
      const file = (await segments())[0]!;
      const lines = (await readFile(file)).toString().split("\n");
      await writeFile(file, [lines[0], ...lines].join("\n"));
    } },
  ];
  for (const { title, damage, says, segmentBytes = 4_000 } of damages) {
    it(`refuses to start over ${title}, naming the file and the way out, and changes nothing`, async () => {
      await crashed(someRun, { segmentBytes });
      await damage();
      const before = await Promise.all((await segments()).map((file) => readFile(file)));
      const refused = await failureOf(open());
      expect(refused).to.be.instanceOf(StoreRefused);
      expect((refused as Error).message).to.match(says).and.match(/Restore the last backup/).and.include(folder());
      expect(await Promise.all((await segments()).map((file) => readFile(file)))).to.deep.equal(before);
      expect(await readdir(folder())).to.not.include("lock");
    });
  }

  const closedDamages: { title: string; damage: () => Promise<void>; says: RegExp }[] = [
    { title: "a checkpoint that is gone", damage: () => rm(path.join(folder(), "pools.json")), says: /pools\.json is missing/ },
    { title: "a day's rollup that is gone", damage: () => rm(path.join(folder(), "rollups", "2026-11-20.json")), says: /2026-11-20\.json is missing/ },
    { title: "a flipped bit in a checkpoint", damage: () => flip(path.join(folder(), "pools.json"), 2), says: /pools\.json is damaged/ },
    { title: "a checkpoint cut short", damage: () => truncate(path.join(folder(), "users.json"), 40), says: /users\.json is damaged/ },
    { title: "a flipped bit in the last line written before a close", says: /\.log line \d+ is damaged/, damage: async () => {
      const file = last(await segments());
      await flip(file, (await readFile(file)).toString().split("\n").length - 2);
    } },
    { title: "a last segment that is gone", damage: async () => rm(last(await segments())), says: /its last segment is missing/ },
    { title: "an archived segment that is gone", says: /is missing/, damage: async () => {
      const archive = path.join(folder(), "archive");
      await rm(path.join(archive, (await readdir(archive)).sort()[1]!));
    } },
  ];
  for (const { title, damage, says } of closedDamages) {
    it(`refuses to start over ${title}`, async () => {
      const store = await open({ checkpointEvery: 20 });
      await someRun(store);
      await store.checkpoint();
      await store.users.put(user("last"));
      await store.close();
      await damage();
      const refused = await failureOf(open());
      expect(refused).to.be.instanceOf(StoreRefused);
      expect((refused as Error).message).to.match(says).and.match(/estore the last backup/);
    });
  }

  it("a segment that was archived but not yet removed is taken once", async () => {
    const told = nothingYet();
    let store = await open();
    await acknowledgedRun(store, told, 10);
    const kept = path.join(folder(), "kept");
    await mkdir(kept);
    for (const file of await segments()) await copyFile(file, path.join(kept, path.basename(file)));
    await store.checkpoint();
    await store.ledger.expireHolds(T0 + 1, T0);
    await store.close();
    const archived = (await readdir(path.join(folder(), "archive"))).map((name) => `${name.slice(0, 12)}.log`);
    expect(archived.length).to.be.greaterThan(0);
    for (const name of archived) await copyFile(path.join(kept, name), path.join(folder(), "journal", name));
    store = await open();
    await expectKept(store, told);
    expect((await readdir(path.join(folder(), "journal"))).filter((name) => archived.includes(name))).to.deep.equal([]);
  });

  it("entries, adjustments and audit are read on from the archive", async () => {
    const store = await open({ checkpointEvery: 20 });
    await someRun(store);
    await store.checkpoint();
    expect((await store.usage.entries({ model: "m2", limit: 100 })).rows.map(({ id }) => id)).to.deep.equal(
      Array.from({ length: 10 }, (_, i) => `call-${10 - i}-2`),
    );
    const grants = await store.usage.adjustments({ pool: "ada", limit: 100 });
    expect(grants.rows.map(({ kind }) => kind)).to.deep.equal([...Array<string>(10).fill("grant"), "opening"]);
  });

  it("C7: an entry too old to be remembered is found by the time in its id, without reading what lies far from it", async () => {
    const day = 86_400_000;
    const ids: string[] = [];
    const store = await open({ checkpointEvery: 20, recentIds: 4, segmentBytes: 1_000 });
    for (let call = 0; call < 60; call += 1) {
      const at = T0 + call * 5 * day;
      const hex = at.toString(16).padStart(12, "0");
      const id = `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${String(call).padStart(12, "0")}`;
      ids.push(id);
      await store.ledger.settle(settlementOf(id, BigInt(call), { settledAt: at + 1_000 }));
    }
    await store.checkpoint();
    for (const [call, id] of ids.entries()) expect((await store.usage.entry(id))?.costNano, id).to.equal(BigInt(call));
    // A damaged archive far from it is not even looked at.
    const archive = path.join(folder(), "archive");
    const [first = ""] = (await readdir(archive)).sort();
    await writeFile(path.join(archive, first), "damaged");
    expect((await store.usage.entry(ids[50]!))?.costNano).to.equal(50n);
    expect(await store.usage.entry(`${ids[50]!.slice(0, -1)}9`)).to.equal(undefined);
  });

  it("files are for their owner alone", async () => {
    const store = await open();
    await store.users.put(user("ada"));
    await store.checkpoint();
    for (const name of ["users.json", "meta.json", "journal", "archive", "rollups", "rollups/all.json", "lock/owner.json"]) {
      expect((await stat(path.join(folder(), name))).mode & 0o077, name).to.equal(0);
    }
    expect((await stat((await segments())[0]!)).mode & 0o777).to.equal(0o600);
  });
});
