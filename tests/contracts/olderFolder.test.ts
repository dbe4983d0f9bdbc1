import { expect } from "chai";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { crc32 } from "node:zlib";
import { openLowdbStore } from "../../core/stores/lowdb";
import { facts, settlementOf, T0 } from "./samples";
import { temporaryFolder } from "./temporaryFolder";

const DAY = 86_400_000;

/** Writes the rows of a checkpoint again, but for some. */
async function keepRows(file: string, isKept: (row: Record<string, unknown>) => boolean): Promise<void> {
  const { through, rows } = JSON.parse(await readFile(file, "utf8")) as { through: number; rows: Record<string, unknown>[] };
  const body = `{"through":${through},"rows":[\n${rows.filter(isKept).map((row) => JSON.stringify(row)).join(",\n")}`;
  await writeFile(file, `${body}\n],"crc32":"${crc32(body).toString(16)}"}\n`);
}

describe("a data folder from before months and hours were summed", () => {
  const folder = temporaryFolder();
  const open = () => openLowdbStore({ folder: folder(), now: () => T0, segmentBytes: 4_000 });

  it("C7: has its months from the days, those no more in memory too, and counts hours from now on", async () => {
    let store = await open();
    for (let call = 0; call < 150; call += 1) {
      await store.ledger.settle(settlementOf(`c${call}`, BigInt(call), { facts: facts({ ownerId: `o${call % 3}` }), settledAt: T0 + call * DAY }));
      // Each day's file is written while the day is in memory.
      if (call % 50 === 0) await store.checkpoint();
    }
    const months = await store.usage.totalsBy("month", { ownerId: "o1" });
    const everyone = await store.usage.totalsBy("month", {});
    await store.close();

    const rollups = path.join(folder(), "rollups");
    for (const name of await readdir(rollups)) {
      if (/^\d{4}-\d\d\.json$/.test(name)) await rm(path.join(rollups, name));
      else await keepRows(path.join(rollups, name), (row) => row["hours"] === undefined);
    }
    await keepRows(path.join(folder(), "meta.json"), ({ file }) => !/^rollups\/\d{4}-\d\d$/.test(String(file)));

    for (let start = 0; start < 2; start += 1) {
      store = await open();
      expect(await store.usage.totalsBy("month", { ownerId: "o1" })).to.deep.equal(months);
      expect(await store.usage.totalsBy("month", {})).to.deep.equal(everyone);
      expect((await store.verifyBooks()).differences).to.deep.equal([]);
      await store.close();
    }
    store = await open();
    expect((await store.usage.hours({})).size).to.equal(0);
    await store.ledger.settle(settlementOf("new", 1n, { settledAt: T0 + 149 * DAY }));
    expect([...(await store.usage.hours({})).keys()]).to.have.lengthOf(1);
    await store.close();
  });
});
