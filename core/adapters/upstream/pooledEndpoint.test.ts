import type { IncomingMessage, ServerResponse } from "node:http";

import { expect } from "chai";

import type { CatalogModel } from "../../domain/modelCatalog";
import { readAll, startHttp, TestCaller, testEndpoint, testModel, testRequest, TestLogger, upstreamBench } from "./testServers";
import { createUpstreamPool, type UpstreamPool } from "./upstreamPool";

const NONE: ReadonlySet<string> = new Set();
const EAGER = { path: "/models", intervalMs: 20, timeoutMs: 1_000 };

describe("the pool asks servers how they are", () => {
  const { caller, started } = upstreamBench();
  let logger: TestLogger;
  const pools: UpstreamPool[] = [];
  afterEach(() => pools.splice(0).forEach((pool) => pool.close()));

  const poolOf = (models: readonly CatalogModel[]): UpstreamPool => {
    logger = new TestLogger();
    const pool = createUpstreamPool({ caller: caller(), logger, random: () => 0 });
    pools.push(pool);
    pool.sync(models);
    return pool;
  };
  const models = (ids: readonly string[]): string => JSON.stringify({ data: ids.map((id) => ({ id })) });
  const listing = (ids: readonly string[]) => (_req: IncomingMessage, res: ServerResponse): void => void res.end(models(ids));

  it("and says what it found: ok, degraded, down, disabled", async () => {
    let ill = true;
    const sometimes = await started(startHttp((_req, res) => res.writeHead(ill ? 500 : 200).end(models(["served-model"]))));
    const well = await started(startHttp(listing(["served-model"])));
    const shaky = testEndpoint(sometimes.url, { health: EAGER });
    const both = testModel([shaky, testEndpoint(well.url, { health: EAGER })]);
    const only = testModel([shaky]);
    const pool = poolOf([both, only]);
    expect(pool.status(only)).to.equal("ok");
    await logger.until("endpoint is down");
    expect([pool.status(both), pool.status(only), pool.status(testModel([shaky], { disabled: true }))]).to.deep.equal(["degraded", "down", "disabled"]);
    expect([pool.choose(only, NONE), pool.refusal(only, NONE)]).to.deep.equal([undefined, "down"]);
    ill = false;
    await logger.until("endpoint is up again");
    expect([pool.status(both), pool.status(only)]).to.deep.equal(["ok", "ok"]);
  });

  it("and serves who waits when one is back", async () => {
    let ill = true;
    const server = await started(startHttp((_req, res) => res.writeHead(ill ? 500 : 200).end()));
    const model = testModel([testEndpoint(server.url, { health: EAGER })]);
    const pool = poolOf([model]);
    await logger.until("endpoint is down");
    const waiting = pool.waitForPlace({ model: model, tried: NONE, caller: new TestCaller(), waitMs: 5_000 });
    ill = false;
    expect((await waiting)?.endpoint.url).to.equal(server.url);
  });

  it("and says once that a server does not name the model", async () => {
    let asked = 0;
    let enough = (): void => undefined;
    const askedOften = new Promise<void>((resolve) => (enough = resolve));
    const server = await started(startHttp((_req, res) => {
      if (++asked === 4) enough();
      res.end(models(["other"]));
    }));
    const model = testModel([testEndpoint(server.url, { health: EAGER })]);
    const pool = poolOf([model]);
    await askedOften;
    expect([pool.status(model), logger.lines.length, pool.choose(model, NONE)?.endpoint.id]).to.deep.equal(["degraded", 1, server.url]);
  });

  it("at once, when calls have found one down", async () => {
    let asked = (): void => undefined;
    const server = await started(startHttp((_req, res) => {
      asked();
      res.end();
    }));
    const model = testModel([testEndpoint(server.url, { health: { ...EAGER, intervalMs: 60_000 } })]);
    const first = new Promise<void>((resolve) => (asked = resolve));
    const pool = poolOf([model]);
    await first;
    await new Promise<void>((resolve) => setImmediate(resolve));
    for (let i = 0; i < 3; i++) pool.choose(model, NONE)?.failed("reset");
    await logger.until("endpoint is up again");
    expect(pool.status(model)).to.equal("ok");
  });

  it("without leaving anything behind over 200 reloads", async () => {
    const server = await started(startHttp(listing(["served-model"])));
    const pool = poolOf([]);
    const resources = (): number => process.getActiveResourcesInfo().filter((kind) => /Timeout|TCP/.test(kind)).length;
    const before = resources();
    let last = testModel([]);
    for (let i = 0; i < 200; i++) {
      last = testModel([testEndpoint(server.url, { id: `endpoint-${i}`, health: EAGER })]);
      pool.sync([last]);
      const lease = pool.choose(last, NONE);
      await readAll((await caller().call(testRequest(last.endpoints[0]!, { path: "/x" }))).stream);
      lease?.succeeded();
      lease?.release();
    }
    expect(pool.status(last)).to.equal("ok");
    pool.close();
    // The server, the connection that calls share at each of its ends, and probes that are just being hung up.
    expect(resources()).to.be.below(before + 10);
  });
});
