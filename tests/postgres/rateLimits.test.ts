import { expect } from "chai";
import { StoreUnavailable } from "../../core/errors/storeErrors";
import { Database } from "../../core/stores/postgres/database";
import { openPeers, type OpenedPeers } from "../../core/stores/postgres/peers/openPeers";
import { createStoreDatabase, describeOnPostgres, type TestDatabase } from "../support/postgresDatabases";

const windowOf = (limit: number, seconds: number) => ({ limit, seconds, text: `${limit} per ${seconds} seconds` });

describeOnPostgres("rate limits of several processes on PostgreSQL", () => {
  let server: TestDatabase;
  let databases: Database[];
  let opened: OpenedPeers[];
  before(async () => (server = await createStoreDatabase()));
  after(() => server.drop());
  beforeEach(async () => {
    databases = [new Database({ url: server.url }), new Database({ url: server.url })];
    opened = databases.map((database) => openPeers(database));
    await databases[0]?.rows("TRUNCATE rate_windows, running_requests");
  });
  afterEach(async () => {
    await Promise.all(opened.map((one) => one.close()));
    await Promise.all(databases.map((database) => database.close()));
  });

  const limitsOf = (process: number) => opened[process % opened.length]!.rateLimits;
  const take = (process: number, ownerId: string, ...windows: ReturnType<typeof windowOf>[]) => limitsOf(process).take(ownerId, windows);
  const enter = async (process: number, ownerId: string, limit: number) => limitsOf(process).enter(ownerId, limit);
  const many = <T>(count: number, make: (index: number) => Promise<T>) => Promise.all(Array.from({ length: count }, (_, index) => make(index)));

  it("count each owner apart, and one owner over all processes", async () => {
    const two = windowOf(2, 60);
    const ok = async (process: number, ownerId: string) => (await take(process, ownerId, two)).ok;
    expect([await ok(0, "a"), await ok(1, "a"), await ok(0, "a"), await ok(1, "a"), await ok(1, "b")]).to.deep.equal([true, true, false, false, true]);
  });

  it("tell of the tightest of several windows, and of the one that is full", async () => {
    const windows = [windowOf(3, 60), windowOf(2, 3_600)];
    expect((await take(0, "a", ...windows)).state).to.include({ limit: 2, remaining: 1 });
    expect((await take(1, "a", ...windows)).state).to.include({ limit: 2, remaining: 0 });
    const refused = await take(0, "a", ...windows);
    expect(refused).to.deep.include({ ok: false, window: windows[1] });
    expect(refused.state).to.include({ limit: 2, remaining: 0 });
    expect(refused.state?.resetMs).to.be.within(3_590_000, 3_600_000);
  });

  it("count a refused request in no window, in whatever order they are written", async () => {
    const [wide, narrow] = [windowOf(50, 60), windowOf(1, 3_600)];
    expect((await take(0, "a", wide, narrow)).ok).to.equal(true);
    const outcomes = await many(40, (index) => take(index, "a", ...(index % 4 < 2 ? [wide, narrow] : [narrow, wide])));
    expect(outcomes.filter(({ ok }) => ok)).to.have.length(0);
    expect((await take(1, "a", wide)).state).to.include({ remaining: 48 });
  });

  it("let through exactly as many as a window has, however many come at once to however many processes", async () => {
    const owners = ["a", "b", "c", "d", "e"];
    const outcomes = await many(1_000, async (index) => ({ owner: owners[index % 5], ok: (await take(index % 2, owners[index % 5] ?? "", windowOf(30, 60), windowOf(70, 3_600))).ok }));
    for (const owner of owners) expect(outcomes.filter((one) => one.owner === owner && one.ok), owner).to.have.length(30);
    const states = await many(20, (index) => take(index, "f", windowOf(20, 60)));
    expect(states.map(({ state }) => state?.remaining).sort((a, b) => Number(b) - Number(a)), "each has another number left").to.deep.equal(Array.from({ length: 20 }, (_, index) => 19 - index));
  });

  it("begin a window anew when it is over, and forget it", async () => {
    const long = windowOf(1, 60);
    expect([(await take(0, "a", long)).ok, (await take(1, "a", long)).ok]).to.deep.equal([true, false]);
    await databases[0]?.rows("UPDATE rate_windows SET ends_at = now() - interval '1 second'");
    const next = await take(1, "a", long);
    expect(next.ok).to.equal(true);
    expect(next.state?.resetMs).to.be.within(59_000, 60_000);
  });

  it("take windows of a month, of one request, and one that stands there twice", async () => {
    const month = windowOf(1, 31 * 86_400);
    expect((await take(0, "a", month, month)).state).to.deep.include({ limit: 1, remaining: 0 });
    expect((await take(1, "a", month)).state?.resetMs).to.be.within(31 * 86_400_000 - 10_000, 31 * 86_400_000);
    expect(await take(0, "a")).to.deep.equal({ ok: true });
  });

  it("let exactly so many run at once over all processes, and the next when one has ended", async () => {
    const entered = await many(60, (index) => enter(index, "a", 7));
    expect(entered.filter(Boolean)).to.have.length(7);
    expect(limitsOf(0).running("a") + limitsOf(1).running("a")).to.equal(7);
    expect(await enter(0, "b", 7), "another owner").to.equal(true);
    const busy = limitsOf(0).running("a") > 0 ? 0 : 1;
    limitsOf(busy).leave("a");
    // What leaves is written by the process's next batch; this one rides behind it.
    await enter(busy, "c", 1);
    expect(await enter(1 - busy, "a", 7)).to.equal(true);
    expect(await enter(busy, "a", 7)).to.equal(false);
  });

  it("hold a limit that was lowered below what runs already, and count where there is none", async () => {
    for (let i = 0; i < 5; i++) expect(await enter(0, "a", 0)).to.equal(true);
    await enter(0, "b", 1);
    expect([await enter(0, "a", 3), await enter(1, "a", 3), await enter(1, "a", 6), await enter(1, "a", 6)]).to.deep.equal([false, false, true, false]);
    for (let i = 0; i < 9; i++) limitsOf(0).leave("a");
    expect(limitsOf(0).running("a")).to.equal(0);
  });

  it("do not count what a process ran that is silent for a minute", async () => {
    expect([await enter(0, "a", 2), await enter(0, "a", 2), await enter(1, "a", 2)]).to.deep.equal([true, true, false]);
    await databases[1]?.rows(`UPDATE running_requests SET processes = (SELECT jsonb_object_agg(key, jsonb_build_array(value -> 0, 0)) FROM jsonb_each(processes))`);
    expect([await enter(1, "a", 2), await enter(1, "a", 2), await enter(1, "a", 2)]).to.deep.equal([true, true, false]);
  });

  it("reject where the server cannot be reached, and go on by themselves once it can", async () => {
    const away = openPeers(new Database({ url: "postgres://nobody@127.0.0.1:9/none" }));
    const unavailable = (work: Promise<unknown>) => work.then(() => expect.fail("it let a request through"), (error: unknown) => expect(error).to.be.instanceOf(StoreUnavailable));
    await unavailable(away.rateLimits.take("a", [windowOf(5, 60)]));
    await unavailable(Promise.resolve(away.rateLimits.enter("a", 5)));
    expect(away.rateLimits.running("a")).to.equal(0);
    await away.close();
    await databases[0]?.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
    await take(1, "a", windowOf(5, 60)).catch(() => undefined);
    expect((await take(1, "a", windowOf(5, 60))).ok).to.equal(true);
  });
});
