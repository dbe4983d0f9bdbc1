import { expect } from "chai";
import { StoreUnavailable } from "../../core/errors/storeErrors";
import { openLowdbStore, type LowdbStoreOptions } from "../../core/stores/lowdb";
import type { Store } from "../../core/stores/types";
import { acknowledgedRun, expectKept, nothingYet } from "./acknowledgedRun";
import { failureOf } from "./records.contract";
import { coins, holdOf, limited, settlementOf, T0, user } from "./samples";
import { SimulatedDisk, SURVIVALS } from "./simulatedDisk";

const ROUNDS = 6;
const noLock = async () => ({ lost: () => false, release: async () => undefined });

/** Small segments and frequent checkpoints, so that a short run meets rotation, checkpoints and the archive. */
const openOn = (files: SimulatedDisk, more: Partial<LowdbStoreOptions> = {}): Promise<Store> =>
  openLowdbStore({ folder: "/data", files, lock: noLock, now: () => T0, segmentBytes: 4_000, checkpointEvery: 25, progressEveryMs: 0, ...more });

/** A run on a disk, up to its end or to what broke it. */
async function runOn(disk: SimulatedDisk): Promise<ReturnType<typeof nothingYet>> {
  const told = nothingYet();
  const broken = await failureOf(
    (async () => {
      const store = await openOn(disk);
      try {
        await acknowledgedRun(store, told, ROUNDS);
      } finally {
        await store.close();
      }
    })(),
  );
  if (broken instanceof Error && !(broken instanceof StoreUnavailable) && !/power was cut|ENOSPC|EIO/.test(broken.message)) throw broken;
  return told;
}

describe("the embedded store on a disk that fails", () => {
  let operations = 0;
  before(async () => {
    const disk = new SimulatedDisk();
    const told = await runOn(disk);
    operations = disk.operations;
    expect(told.settled.size).to.equal(ROUNDS * 2);
    expect((await disk.list("/data/archive")).length).to.be.greaterThan(1);
    await expectKept(await openOn(disk.afterwards("nothing unsynced")), told);
  });

  for (const survival of SURVIVALS) {
    it(`H2: a power cut at any operation loses nothing that was acknowledged (${survival})`, async () => {
      for (let cutAt = 1; cutAt <= operations; cutAt += 1) {
        const disk = new SimulatedDisk({ cutAt });
        const told = await runOn(disk);
        const store = await openOn(disk.afterwards(survival));
        await expectKept(store, told);
        await store.close();
      }
    }).timeout(120_000);
  }

  it("H6: a power cut at any operation of the start after a crash books each open hold once", async () => {
    const disk = new SimulatedDisk({ cutAt: Math.floor(operations * 0.8) });
    const told = await runOn(disk);
    for (const survival of SURVIVALS) {
      const whole = disk.afterwards(survival);
      await (await openOn(whole)).close();
      for (let cutAt = 1; cutAt <= whole.operations; cutAt += 1) {
        const cut = disk.afterwards(survival, { cutAt });
        await failureOf(openOn(cut).then((store) => store.close()));
        for (const second of ["nothing unsynced", "everything"] as const) {
          const store = await openOn(cut.afterwards(second));
          await expectKept(store, told);
          await store.close();
        }
      }
    }
  }).timeout(120_000);

  const faults = [
    ...[1, 2, 3, 5, 9, 14, 25, 40].map((n) => ({ title: `the disk is full at write ${n}`, faults: { fullAtWrite: n } })),
    ...[1, 2, 3, 5, 9, 14, 25, 40].map((n) => ({ title: `sync ${n} fails`, faults: { failSyncAt: n } })),
  ];
  for (const { title, faults: fault } of faults) {
    it(`H3: when ${title} everything is refused from then on, said once, and nothing acknowledged is lost`, async () => {
      const disk = new SimulatedDisk(fault);
      const failures: Error[] = [];
      const told = nothingYet();
      const opened = await openOn(disk, { onFailure: (error) => failures.push(error) }).catch((error: unknown) => error);
      if (opened instanceof Error) {
        expect(opened).to.be.instanceOf(StoreUnavailable);
      } else {
        const store = opened as Store;
        await failureOf(acknowledgedRun(store, told, 50));
        expect(store.failure()).to.be.instanceOf(StoreUnavailable);
        const refused = [
          store.ledger.hold(holdOf("x", 1n, limited(1)), T0), store.ledger.settle(settlementOf("x", 1n)), store.users.get("u1"),
          store.users.put(user("new")), store.ledger.pool("ada", T0), store.ledger.release("x"), store.verifyBooks(),
          store.ledger.adjust({ pool: "ada", kind: "grant", amountNano: coins(1), terms: limited(1), by: "r", reason: "r", at: T0 }),
        ];
        for (const promise of refused) expect(await failureOf(promise)).to.be.instanceOf(StoreUnavailable);
        store.ledger.progress("x", { usage: settlementOf("x", 1n).usage, costNano: 1n });
        await store.close();
      }
      expect(failures).to.have.length(1);
      for (const survival of SURVIVALS) {
        const again = await openOn(disk.afterwards(survival));
        await expectKept(again, told);
        await again.close();
      }
    });
  }
});
