import { expect } from "chai";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { openLowdbStore } from "../../core/stores/lowdb/openLowdbStore";
import { seedFolder, type DemoFolder } from "../../scripts/seedDemo";

const NOW = Date.UTC(2026, 2, 18, 14, 30);

describe("the demonstration's data", () => {
  const folders: string[] = [];
  const seed = async (days: number) => {
    const folder = await mkdtemp(path.join(tmpdir(), "lumen-demo-"));
    folders.push(folder, `${folder}.secrets`);
    return { folder, made: await seedFolder({ folder, now: NOW, days }) };
  };
  after(async () => {
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  const readBack = async (folder: string) => {
    const store = await openLowdbStore({ folder, now: () => NOW });
    try {
      const users = (await store.users.list({ limit: 100 })).rows;
      const clients = (await store.clients.list({ limit: 100 })).rows;
      const keys = (await store.keys.list({ limit: 200 })).rows;
      return { users, clients, keys, books: await store.verifyBooks(), totals: await store.usage.totals({}), byModel: await store.usage.totalsBy("model", {}), byDay: await store.usage.totalsBy("day", {}) };
    } finally {
      await store.close();
    }
  };

  type Read = Awaited<ReturnType<typeof readBack>>;
  let made: DemoFolder;
  let folder: string;
  let one: Read;
  before(async function () {
    this.timeout(60_000);
    ({ folder, made } = await seed(15));
    one = await readBack(folder);
  });

  it("is a small institution with exact books", () => {
    expect(one.books.differences).to.deep.equal([]);
    expect(one.books).to.include({ exact: true, openHolds: 0 });
    expect(one.books.entries).to.be.greaterThan(made.seeded.calls);
    expect(one.users).to.have.length(25);
    expect(one.clients).to.have.length(14);
    expect(one.clients.filter(({ managers }) => managers.length > 0)).to.have.length(13);
    for (const kind of [
      one.keys.filter(({ status }) => status === "revoked"), one.keys.filter(({ expiresAt = Infinity }) => expiresAt < NOW),
      one.keys.filter(({ coinCapNano }) => coinCapNano !== undefined), one.keys.filter(({ models }) => models !== undefined),
    ]) expect(kind).to.not.be.empty;
    expect(one.totals.requests).to.be.greaterThan(2_000);
    expect(made.links.map(({ email }) => email)).to.deep.equal(["ada.lindqvist@northlake.example", "marisol.ortega@northlake.example"]);
  });

  it("is the same each time", async function () {
    this.timeout(60_000);
    const two = await readBack((await seed(15)).folder);
    const plain = ({ totals, byModel, byDay }: Read) => [totals, [...byModel].sort(), [...byDay]];
    expect(plain(two)).to.deep.equal(plain(one));
  });

  it("is busier on a working day than on a Sunday", () => {
    const requests = (day: string) => one.byDay.get(day)?.requests ?? 0;
    expect(requests("2026-03-17")).to.be.greaterThan(requests("2026-03-15") * 2);
  });

  it("is never mixed into a folder that holds anything", async () => {
    const refused = await seedFolder({ folder, now: NOW }).catch((error: Error) => error.message);
    expect(refused).to.match(/is not empty/);
  });
});
