import { expect } from "chai";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { StoreRefused } from "../../core/errors/storeErrors";
import { openLowdbStore } from "../../core/stores/lowdb";
import { failureOf } from "./records.contract";
import { T0 } from "./samples";
import { temporaryFolder } from "./temporaryFolder";

const CHILD = path.join(__dirname, "crashChild.js");

describe("the embedded store and other processes", () => {
  const folder = temporaryFolder();
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
  });

  /** Starts a child on the folder and reads what it acknowledges; kills it after so many lines. */
  const runAndKill = async (prefix: string, lines: number): Promise<string[]> => {
    const child = spawn(process.execPath, [CHILD, folder(), prefix], { stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    const said: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      said.push(line);
      if (said.length === lines) child.kill("SIGKILL");
    }
    return said;
  };

  it("H2, H6: what was acknowledged survives kill -9 in the midst of a run, again and again, each hold ended once", async () => {
    const said: string[] = [];
    for (let round = 0; round < 6; round += 1) said.push(...(await runAndKill(`r${round}`, 150 + round * 130)));
    expect(said.length).to.be.greaterThan(2_000);
    const store = await openLowdbStore({ folder: folder() });
    const report = await store.verifyBooks();
    expect(report.differences).to.deep.equal([]);
    expect(report.openHolds).to.equal(0);
    expect((await store.ledger.pool("ada", T0))?.heldNano).to.equal(0n);
    for (const line of said) {
      const [what, id = ""] = line.split(" ");
      if (what === "settled") expect((await store.usage.entry(id))?.costNano, line).to.equal(7n);
      if (what === "held") expect((await store.usage.entry(id))?.flags, line).to.deep.equal(["expired"]);
    }
    await store.close();
  }).timeout(120_000);

  it("a second process is refused, and told which process has the folder", async () => {
    const child = spawn(process.execPath, [CHILD, folder(), "x"], { stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    for await (const line of createInterface({ input: child.stdout })) if (line === "open") break;
    const refused = await failureOf(openLowdbStore({ folder: folder() }));
    expect(refused).to.be.instanceOf(StoreRefused);
    expect((refused as Error).message).to.include(`process ${child.pid}`).and.include(folder());
  });

  it("the same process cannot open a folder twice, but again after it was closed", async () => {
    const first = await openLowdbStore({ folder: folder() });
    expect(await failureOf(openLowdbStore({ folder: folder() }))).to.be.instanceOf(StoreRefused);
    await first.close();
    await (await openLowdbStore({ folder: folder() })).close();
  });

  const boot = "2f7c0000-0000-4000-8000-000000000000";
  const locks = [
    { title: "of a dead process is taken over at once", owner: { token: "t", pid: 2 ** 22 - 1, started: `${boot}/1`, host: hostname() }, taken: true },
    { title: "whose pid now belongs to another process is taken over at once", owner: { token: "t", pid: process.pid, started: `${boot}/1`, host: hostname() }, taken: true },
    { title: "with a fresh heartbeat from another host is respected", owner: { token: "t", pid: 1, started: "", host: "elsewhere" }, taken: false },
    { title: "without a heartbeat from another host is taken over", owner: { token: "t", pid: 1, started: "", host: "elsewhere" }, taken: true, old: true },
    { title: "that was never signed is taken over once it is old", owner: undefined, taken: true, old: true },
  ];
  for (const { title, owner, taken, old } of locks) {
    it(`a lock ${title}`, async () => {
      const lock = path.join(folder(), "lock");
      await mkdir(lock);
      if (owner) await writeFile(path.join(lock, "owner.json"), JSON.stringify(owner));
      if (old) await utimes(lock, new Date(T0 - 1e9), new Date(Date.now() - 60_000));
      const outcome = await openLowdbStore({ folder: folder() }).catch((error: unknown) => error);
      expect(outcome instanceof StoreRefused).to.equal(!taken);
      if (!(outcome instanceof Error)) await (outcome as { close(): Promise<void> }).close();
    });
  }
});
