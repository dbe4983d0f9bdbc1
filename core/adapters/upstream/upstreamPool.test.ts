import { expect } from "chai";

import type { CatalogModel } from "../../domain/modelCatalog";
import { sessionHash } from "./chooseCandidate";
import type { EndpointFault } from "./endpointHealth";
import { seededRandom, testEndpoint, testModel, TestLogger, upstreamBench } from "./testServers";
import { createUpstreamPool, type UpstreamPool, type UpstreamPoolOptions } from "./upstreamPool";

const NONE: ReadonlySet<string> = new Set();
const SESSION = sessionHash("session");
const UNWATCHED = { path: "/models", intervalMs: 0, timeoutMs: 1_000 };

describe("the pool of upstream endpoints", () => {
  const { caller } = upstreamBench();
  let now = 0;
  const pools: UpstreamPool[] = [];
  afterEach(() => pools.splice(0).forEach((pool) => pool.close()));

  const poolOf = (models: readonly CatalogModel[], changes: Partial<UpstreamPoolOptions> = {}): UpstreamPool => {
    const pool = createUpstreamPool({ caller: caller(), logger: new TestLogger(), clock: () => now, random: () => 0, ...changes });
    pools.push(pool);
    pool.sync(models);
    return pool;
  };
  const endpoint = (id: string, changes: Parameters<typeof testEndpoint>[1] = {}) =>
    testEndpoint("http://127.0.0.1:9/v1", { id, health: UNWATCHED, ...changes });
  const ab = testModel([endpoint("a"), endpoint("b")]);
  const fail = (pool: UpstreamPool, model: CatalogModel, id: string, ...faults: EndpointFault[]): void => {
    const tried = new Set(model.endpoints.map((other) => other.id).filter((other) => other !== id));
    for (const fault of faults) pool.choose(model, tried)?.failed(fault);
  };
  const chosen = (pool: UpstreamPool, model: CatalogModel, tried = NONE, session?: number): string | undefined => {
    const lease = pool.choose(model, tried, session);
    lease?.release();
    return lease?.endpoint.id;
  };

  describe("chooses", () => {
    it("an endpoint at once after the first configuration", () => expect(chosen(poolOf([ab]), ab)).to.be.oneOf(["a", "b"]));

    it("the less busy one", () => {
      const pool = poolOf([ab]);
      const ids = Array.from({ length: 10 }, () => pool.choose(ab, NONE)?.endpoint.id);
      expect(ids.filter((id) => id === "a")).to.have.length(5);
    });

    it("none that this call has tried", () => {
      const pool = poolOf([ab]);
      expect([chosen(pool, ab, new Set(["a"])), chosen(pool, ab, new Set(["a", "b"]))]).to.deep.equal(["b", undefined]);
    });

    it("none that is down, while another is up", () => {
      const pool = poolOf([ab]);
      fail(pool, ab, "a", "refused");
      for (let i = 0; i < 10; i++) expect(pool.choose(ab, NONE)?.endpoint.id).to.equal("b");
    });

    it("the last one still, whatever calls have shown", () => {
      const only = testModel([endpoint("a")]);
      const pool = poolOf([only]);
      fail(pool, only, "a", "refused", "refused", "refused");
      expect([chosen(pool, only), pool.status(only), pool.healthy(only)]).to.deep.equal(["a", "degraded", { healthy: 0, configured: 1 }]);
    });

    it("one that is down for one trial, after a pause", () => {
      const pool = poolOf([ab]);
      fail(pool, ab, "a", "refused");
      now += 1_000;
      const trial = pool.choose(ab, NONE);
      expect([trial?.endpoint.id, chosen(pool, ab), chosen(pool, ab)]).to.deep.equal(["a", "b", "b"]);
      trial?.succeeded();
      expect(pool.status(ab)).to.equal("ok");
    });

    it("another for a trial when the first one's caller left", () => {
      const pool = poolOf([ab]);
      fail(pool, ab, "a", "refused");
      now += 1_000;
      pool.choose(ab, NONE)?.release();
      expect(chosen(pool, ab)).to.equal("a");
    });

    it("W71: the same endpoint for the same session, and another while that is down", () => {
      const model = testModel(["a", "b", "c", "d"].map((id) => endpoint(id)));
      const pool = poolOf([model]);
      const home = chosen(pool, model, NONE, SESSION) ?? "";
      for (let i = 0; i < 10; i++) expect(chosen(pool, model, NONE, SESSION)).to.equal(home);
      fail(pool, model, home, "refused");
      const second = chosen(pool, model, NONE, SESSION);
      expect(second).not.to.equal(home);
      expect(chosen(pool, model, NONE, SESSION)).to.equal(second);
      pool.choose(model, new Set(model.endpoints.map(({ id }) => id).filter((id) => id !== home)))?.succeeded();
      expect(chosen(pool, model, NONE, SESSION), "and back").to.equal(home);
    });

    it("W72: one that came back more and more often, within ten seconds", () => {
      const slow = testModel([endpoint("a", { slowStartMs: 10_000 }), endpoint("b", { slowStartMs: 10_000 })]);
      const pool = poolOf([slow], { random: seededRandom(3) });
      fail(pool, slow, "a", "refused");
      now += 1_000;
      const trial = pool.choose(slow, NONE);
      trial?.succeeded();
      trial?.release();
      const share = (): number => Array.from({ length: 2_000 }, () => chosen(pool, slow)).filter((id) => id === "a").length / 2_000;
      const shares = [share()];
      for (const pause of [5_000, 5_000]) {
        now += pause;
        shares.push(share());
      }
      expect(shares[0]).to.be.within(0.07, 0.12);
      expect(shares[1]).to.be.within(0.32, 0.39);
      expect(shares[2]).to.be.within(0.45, 0.55);
    });

    it("the demo server for `demo:`", () => {
      const demo = testModel([endpoint("demo", { url: "demo:" })]);
      expect(poolOf([demo], { demoUrl: () => "http://127.0.0.1:4711" }).choose(demo, NONE)?.baseUrl).to.equal("http://127.0.0.1:4711/v1");
    });
  });

  describe("counts calls under way", () => {
    it("each once, however often its end is told", () => {
      const pool = poolOf([ab]);
      const lease = pool.choose(ab, new Set(["b"]));
      expect(pool.running("a")).to.equal(1);
      for (let i = 0; i < 3; i++) {
        lease?.succeeded();
        lease?.release();
        lease?.failed("refused");
      }
      expect([pool.running("a"), pool.status(ab)]).to.deep.equal([0, "ok"]);
    });

    it("and gives a failed one's place back", () => {
      const pool = poolOf([ab]);
      fail(pool, ab, "a", "reset");
      expect(pool.running("a")).to.equal(0);
    });

    it("and holds broken answers against an endpoint, however good their heads were", () => {
      const pool = poolOf([ab]);
      const call = (end: "failed" | "release"): void => {
        const lease = pool.choose(ab, new Set(["b"]));
        lease?.succeeded();
        if (end === "failed") lease?.failed("reset");
        lease?.release();
      };
      (["failed", "failed", "release", "failed", "failed"] as const).forEach(call);
      expect(pool.status(ab)).to.equal("ok");
      call("failed");
      expect(pool.status(ab)).to.equal("degraded");
    });

    it("up to the endpoint's limit", () => {
      const model = testModel([endpoint("a", { maxConcurrency: 2 }), endpoint("b", { maxConcurrency: 1 })]);
      const pool = poolOf([model]);
      const leases = [0, 1, 2].map(() => pool.choose(model, NONE));
      expect([chosen(pool, model), pool.refusal(model, NONE), pool.status(model)]).to.deep.equal([undefined, "busy", "ok"]);
      leases[2]?.release();
      expect(chosen(pool, model)).to.equal(leases[2]?.endpoint.id);
    });

    it("up to the model's limit", () => {
      const model = testModel([endpoint("a"), endpoint("b")], { maxConcurrency: 2 });
      const pool = poolOf([model]);
      const leases = [0, 1].map(() => pool.choose(model, NONE));
      expect([chosen(pool, model), pool.refusal(model, NONE)]).to.deep.equal([undefined, "busy"]);
      leases.forEach((lease) => lease?.failed("reset"));
      expect(chosen(pool, model)).not.to.equal(undefined);
    });
  });

  describe("after a reload", () => {
    it("still knows health and calls of an endpoint that stayed", () => {
      const pool = poolOf([ab]);
      fail(pool, ab, "a", "refused");
      const lease = pool.choose(ab, NONE);
      const next = testModel([endpoint("a"), endpoint("b"), endpoint("c")]);
      pool.sync([next]);
      expect([pool.healthy(next), pool.running("b")]).to.deep.equal([{ healthy: 2, configured: 3 }, 1]);
      lease?.release();
      expect(pool.running("b")).to.equal(0);
    });

    it("uses a new endpoint at once", () => {
      const pool = poolOf([ab]);
      const next = testModel([endpoint("c")]);
      pool.sync([next]);
      expect(chosen(pool, next)).to.equal("c");
    });

    it("lets a call that began before it use what is gone", () => {
      const pool = poolOf([ab]);
      const lease = pool.choose(ab, NONE);
      pool.sync([]);
      lease?.release();
      expect(chosen(pool, ab)).to.be.oneOf(["a", "b"]);
    });

    it("W38: still counts the calls of one that was away for a moment", () => {
      const limited = testModel([endpoint("a", { maxConcurrency: 1 })]);
      const pool = poolOf([limited]);
      const lease = pool.choose(limited, NONE);
      pool.sync([]);
      pool.sync([limited]);
      expect([pool.running("a"), chosen(pool, limited)]).to.deep.equal([1, undefined]);
      lease?.release();
      expect(chosen(pool, limited)).to.equal("a");
    });

    it("W38: forgets one that is gone with its last call", () => {
      const pool = poolOf([ab]);
      fail(pool, ab, "a", "refused");
      const lease = pool.choose(ab, new Set(["a"]));
      pool.sync([]);
      lease?.release();
      pool.sync([ab]);
      expect([pool.running("b"), pool.healthy(ab).healthy]).to.deep.equal([0, 2]);
    });

    it("takes over a changed limit", () => {
      const pool = poolOf([ab]);
      const next = testModel([endpoint("a", { maxConcurrency: 1 })]);
      pool.choose(ab, new Set(["b"]));
      pool.sync([next]);
      expect(chosen(pool, next)).to.equal(undefined);
    });
  });
});
