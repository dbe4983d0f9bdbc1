import { expect } from "chai";

import type { CatalogModel } from "../../domain/modelCatalog";
import { TestCaller, testEndpoint, testModel, TestLogger, upstreamBench } from "./testServers";
import { createUpstreamPool, type UpstreamPool } from "./upstreamPool";

const NONE: ReadonlySet<string> = new Set();

describe("the pool lets callers wait for a place", () => {
  const { caller } = upstreamBench();
  const pools: UpstreamPool[] = [];
  afterEach(() => pools.splice(0).forEach((pool) => pool.close()));

  const poolOf = (models: readonly CatalogModel[]): UpstreamPool => {
    const pool = createUpstreamPool({ caller: caller(), logger: new TestLogger(), clock: () => 0, random: () => 0 });
    pools.push(pool);
    pool.sync(models);
    return pool;
  };
  const endpoint = (id: string, changes: Parameters<typeof testEndpoint>[1] = {}) =>
    testEndpoint("http://127.0.0.1:9/v1", { id, health: { path: "/models", intervalMs: 0, timeoutMs: 1_000 }, ...changes });
  const chosen = (pool: UpstreamPool, model: CatalogModel): string | undefined => {
    const lease = pool.choose(model, NONE);
    lease?.release();
    return lease?.endpoint.id;
  };
  const one = testModel([endpoint("a", { maxConcurrency: 1 })]);

  it("first come, first served", async () => {
    const pool = poolOf([one]);
    const first = pool.choose(one, NONE);
    const served: number[] = [];
    const waiting = [1, 2, 3].map(async (number) => {
      const lease = await pool.waitForPlace({ model: one, tried: NONE, caller: new TestCaller(), waitMs: 5_000 });
      served.push(number);
      expect(chosen(pool, one)).to.equal(undefined);
      lease?.release();
    });
    first?.release();
    await Promise.all(waiting);
    expect([served, pool.running("a")]).to.deep.equal([[1, 2, 3], 0]);
  });

  /** The owners of waiting calls, in the order in which they are served one by one. */
  const order = async (pool: UpstreamPool, owners: readonly string[], model = one): Promise<string> => {
    const first = pool.choose(model, NONE);
    const served: string[] = [];
    const waiting = owners.map(async (owner) => {
      const lease = await pool.waitForPlace({ model, tried: NONE, caller: new TestCaller(), owner, waitMs: 60_000 });
      served.push(lease ? owner : owner.toUpperCase());
      lease?.release();
    });
    first?.release();
    await Promise.all(waiting);
    return served.join("");
  };

  it("W74: owner by owner, each in its own order", async () => {
    expect(await order(poolOf([one]), [..."aaaaabbc"])).to.equal("abcabaaa");
    const limited = testModel([endpoint("a"), endpoint("b")], { name: "limited", maxConcurrency: 1 });
    expect(await order(poolOf([limited]), [..."aaab"], limited), "of a model's limit").to.equal("abaa");
  });

  it("W74: in a line that is full, whoever has most calls in it makes room; capitals are turned away", async () => {
    const served = await order(poolOf([one]), [..."a".repeat(256), "b", "b", "c"]);
    expect(served.slice(0, 3)).to.equal("AAA");
    expect(served.slice(3, 8)).to.equal("abcab");
    expect(served).to.have.length(259);
    expect(await order(poolOf([one]), [..."a".repeat(257)]), "their own calls do not").to.equal(`A${"a".repeat(256)}`);
  });

  it("W74: and a call of another model, whose places are free", async () => {
    const other = testModel([endpoint("b", { maxConcurrency: 1 })], { name: "other" });
    const pool = poolOf([one, other]);
    pool.choose(one, NONE);
    const held = pool.choose(other, NONE);
    const stuck = pool.waitForPlace({ model: one, tried: NONE, caller: new TestCaller(), waitMs: 60_000 });
    const waiting = pool.waitForPlace({ model: other, tried: NONE, caller: new TestCaller(), waitMs: 60_000 });
    held?.release();
    expect((await waiting)?.endpoint.id).to.equal("b");
    pool.close();
    expect(await stuck).to.equal(undefined);
  });

  it("not longer than they want", async () => {
    const pool = poolOf([one]);
    pool.choose(one, NONE);
    expect(await pool.waitForPlace({ model: one, tried: NONE, caller: new TestCaller(), waitMs: 30 })).to.equal(undefined);
  });

  it("until they leave", async () => {
    const pool = poolOf([one]);
    const first = pool.choose(one, NONE);
    const gone = new TestCaller();
    const waiting = pool.waitForPlace({ model: one, tried: NONE, caller: gone, waitMs: 5_000 });
    gone.leave();
    expect([await waiting, gone.listenerCount("close")]).to.deep.equal([undefined, 0]);
    first?.release();
    expect(pool.running("a")).to.equal(0);
  });

  it("until the pool closes", async () => {
    const pool = poolOf([one]);
    pool.choose(one, NONE);
    const waiting = pool.waitForPlace({ model: one, tried: NONE, caller: new TestCaller(), waitMs: 5_000 });
    pool.close();
    expect(await waiting).to.equal(undefined);
  });
});
