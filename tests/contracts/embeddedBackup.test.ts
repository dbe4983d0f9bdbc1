import { expect } from "chai";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { StoreRefused } from "../../core/errors/storeErrors";
import { openLowdbStore, restoreBackup } from "../../core/stores/lowdb";
import type { Store } from "../../core/stores/types";
import { acknowledgedRun, expectKept, nothingYet } from "./acknowledgedRun";
import { failureOf } from "./records.contract";
import { T0 } from "./samples";
import { temporaryFolder } from "./temporaryFolder";

describe("backups of the embedded store", () => {
  const folder = temporaryFolder();
  const at = (name: string) => path.join(folder(), name);
  let store: Store;
  beforeEach(async () => {
    store = await openLowdbStore({ folder: at("data"), now: () => T0, segmentBytes: 4_000, checkpointEvery: 20, progressEveryMs: 0 });
  });
  afterEach(() => store.close());

  it("a backup taken in the midst of calls is whole: it opens, and its books are exact", async () => {
    const before = nothingYet();
    await acknowledgedRun(store, before, 5);
    const running = acknowledgedRun(store, nothingYet(), 40, 100);
    await store.backup(at("backup"));
    await running;
    const report = await restoreBackup(at("backup"), at("restored"));
    expect(report).to.deep.include({ exact: true, openHolds: 0 });
    const restored = await openLowdbStore({ folder: at("restored"), now: () => T0 });
    await expectKept(restored, before);
    await restored.close();
  });

  it("calls go on after a backup, and the next backup holds them", async () => {
    const told = nothingYet();
    await store.backup(at("first"));
    await acknowledgedRun(store, told, 5);
    await store.backup(at("second"));
    expect((await restoreBackup(at("first"), at("one"))).entries).to.equal(0);
    // Five holds were open when it was taken: they are booked as the restored store starts.
    expect((await restoreBackup(at("second"), at("two"))).entries).to.equal(told.settled.size + 5);
  });

  it("neither a backup nor a restore touches a folder that holds anything", async () => {
    await store.backup(at("backup"));
    expect(await failureOf(store.backup(at("backup")))).to.be.instanceOf(StoreRefused);
    expect(await failureOf(restoreBackup(at("backup"), at("data")))).to.be.instanceOf(StoreRefused);
    expect(store.failure()).to.equal(undefined);
    await store.checkpoint();
  });

  const broken: { title: string; harm: (backup: string) => Promise<void> }[] = [
    { title: "lacks its journal", harm: (backup) => rm(path.join(backup, "journal"), { recursive: true }) },
    { title: "lacks a file", harm: (backup) => rm(path.join(backup, "pools.json")) },
    { title: "has a damaged archive", harm: async (backup) => {
      const [name = ""] = await readdir(path.join(backup, "archive"));
      const bytes = await readFile(path.join(backup, "archive", name));
      bytes[bytes.length >>> 1] = (bytes[bytes.length >>> 1] ?? 0) ^ 1;
      await writeFile(path.join(backup, "archive", name), bytes);
    } },
  ];
  for (const { title, harm } of broken) {
    it(`a backup that ${title} is refused, and leaves nothing behind`, async () => {
      await acknowledgedRun(store, nothingYet(), 10);
      await store.checkpoint();
      await store.backup(at("backup"));
      await harm(at("backup"));
      expect(await failureOf(restoreBackup(at("backup"), at("restored")))).to.be.instanceOf(StoreRefused);
      const left = await readdir(at("restored"), { recursive: true }).catch((): string[] => []);
      expect(left.filter((name) => name.includes("."))).to.deep.equal([]);
    });
  }
});
