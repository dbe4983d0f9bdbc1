import { expect } from "chai";

import type { CatalogModel, UpstreamEndpoint } from "../../domain/modelCatalog";
import { faultOf, isRetryable, retryAfter, withFailover, type FailoverOptions, type FailoverOutcome } from "./failover";
import { deadUrl, readAll, seededRandom, startHttp, startRaw, TestCaller, testEndpoint, testModel, testRequest, TestLogger, upstreamBench, type TestServer } from "./testServers";
import type { UpstreamAnswer } from "./upstreamAnswer";
import { UpstreamFailure } from "./upstreamFailure";
import { createUpstreamPool, type UpstreamPool } from "./upstreamPool";

const UNWATCHED = { path: "/models", intervalMs: 0, timeoutMs: 1_000 };

describe("failover", () => {
  const { caller, started } = upstreamBench();
  let pool: UpstreamPool;
  afterEach(() => pool?.close());

  const endpoint = (url: string, changes: Partial<UpstreamEndpoint> = {}): UpstreamEndpoint => testEndpoint(url, { health: UNWATCHED, ...changes });
  /** The first one is chosen first. */
  const modelOf = (...endpoints: UpstreamEndpoint[]): CatalogModel => {
    const model = testModel(endpoints);
    pool = createUpstreamPool({ caller: caller(), logger: new TestLogger(), random: () => 0, clock: () => 0 });
    pool.sync([model]);
    return model;
  };
  const run = (model: CatalogModel, options: Partial<FailoverOptions> = {}): Promise<FailoverOutcome> => {
    const res = options.res ?? new TestCaller();
    return withFailover(pool, model, { ...options, res }, ({ endpoint: chosen, baseUrl }) => caller().call(testRequest(chosen, { baseUrl, res })));
  };
  const answering = (status: number, headers: Record<string, string> = {}): Promise<TestServer> =>
    started(startHttp((_req, res) => res.writeHead(status, headers).end(String(status))));
  const told = (outcome: FailoverOutcome): unknown[] => [outcome.outcome, ...outcome.attempts.map(({ result }) => result)];

  for (const status of [429, 500, 502, 503, 504, 529]) {
    it(`asks another endpoint after ${status}`, async () => {
      const outcome = await run(modelOf(endpoint((await answering(status)).url), endpoint((await answering(200)).url)));
      expect(told(outcome)).to.deep.equal(["answered", status, 200]);
    });
  }

  for (const status of [200, 201, 302, 400, 401, 404, 413, 422, 501]) {
    it(`relays ${status} as it is`, async () => {
      const outcome = await run(modelOf(endpoint((await answering(status)).url), endpoint((await answering(200)).url)));
      expect(told(outcome)).to.deep.equal(["answered", status]);
    });
  }

  const UNANSWERED: Record<string, [kind: UpstreamFailure["kind"], make: () => Promise<UpstreamEndpoint>]> = {
    "a refused connection": ["connect", async () => endpoint(await deadUrl())],
    "a reset": ["reset", async () => endpoint((await started(startRaw((socket) => socket.resetAndDestroy()))).url)],
    "a server that says nothing": ["headers_timeout", async () =>
      endpoint((await started(startRaw(() => undefined))).url, { timeouts: { connectMs: 1_000, headersMs: 50, idleMs: 1_000 } })],
    "a server that speaks no HTTP": ["protocol", async () => endpoint((await started(startRaw((socket) => socket.write("220 mail\r\n\r\n")))).url)],
  };
  for (const [sentence, [kind, make]] of Object.entries(UNANSWERED)) {
    it(`asks another endpoint after ${sentence}`, async () => {
      const outcome = await run(modelOf(await make(), endpoint((await answering(200)).url)));
      expect(told(outcome)).to.deep.equal(["answered", kind, 200]);
    });
  }

  it("gives the last failure when all fail, and every place back", async () => {
    const urls = [await deadUrl(), await deadUrl()];
    const outcome = await run(modelOf(...urls.map((url) => endpoint(url))));
    expect(told(outcome)).to.deep.equal(["failed", "connect", "connect"]);
    expect(urls.map((url) => pool.running(url))).to.deep.equal([0, 0]);
  });

  it("gives the last refusal when all refuse, readable, with the longest wait that one asked for", async () => {
    const waits: Record<string, string>[] = [{ "retry-after": "7" }, { "retry-after": "30" }, { "retry-after-ms": "9500" }];
    const servers = await Promise.all(waits.map((headers, i) => answering(i === 0 ? 503 : 429, headers)));
    const outcome = await run(modelOf(...servers.map(({ url }) => endpoint(url))));
    if (outcome.outcome !== "answered") throw new Error("it was not answered");
    expect([outcome.answer.status, await readAll(outcome.answer.stream), outcome.retryAfterMs]).to.deep.equal([outcome.attempts[2]?.result, String(outcome.answer.status), 30_000]);
  });

  it("asks three endpoints at most, each once", async () => {
    const urls = await Promise.all(Array.from({ length: 5 }, deadUrl));
    const { attempts } = await run(modelOf(...urls.map((url) => endpoint(url))));
    expect(new Set(attempts.map(({ endpointId }) => endpointId))).to.have.property("size", 3);
    expect(attempts).to.have.length(3);
  });

  it("goes on where it left off when an answer broke before anything of it was relayed", async () => {
    const urls = [(await answering(200)).url, (await answering(200)).url];
    const model = modelOf(...urls.map((url) => endpoint(url)));
    const tried = new Set<string>();
    const outcomes = [await run(model, { tried }), await run(model, { tried }), await run(model, { tried })];
    expect(outcomes.map(told)).to.deep.equal([["answered", 200], ["answered", 200], ["unavailable"]]);
    expect([...tried].sort()).to.deep.equal([...urls].sort());
  });

  it("W73: asks no further endpoint when the budget of the model is spent", async () => {
    const model = modelOf(endpoint((await answering(503)).url), endpoint((await answering(503)).url));
    const budget = pool.retryBudget(model);
    while (budget.spend()) { /* all of it */ }
    const outcome = await run(model);
    expect(told(outcome)).to.deep.equal(["answered", 503]);
    expect(told(await run(model, { tried: new Set([model.endpoints[0]!.id]) })), "nor after an answer that broke").to.deep.equal(["unavailable"]);
  });

  it("W73: pays a fifth of a try in for each call, and nothing where there is no other endpoint", async () => {
    const only = modelOf(endpoint((await answering(503)).url));
    const budget = pool.retryBudget(only);
    while (budget.spend()) { /* all of it */ }
    for (let call = 0; call < 5; call++) expect(told(await run(only))).to.deep.equal(["answered", 503]);
    expect(budget.spend()).to.equal(true);
  });

  it("W73: an outage of all endpoints makes 1,310 attempts of 1,000 calls, not 3,000", async () => {
    const model = modelOf(...["a", "b", "c"].map((id) => endpoint("http://127.0.0.1:9/v1", { id })));
    let attempts = 0;
    const refuse = () => {
      attempts++;
      return Promise.resolve({ status: 503, headers: {}, close: () => undefined } as unknown as UpstreamAnswer);
    };
    for (let call = 0; call < 1_000; call++) {
      expect(await withFailover(pool, model, { res: new TestCaller() }, refuse)).to.have.nested.property("answer.status", 503);
    }
    expect(attempts).to.be.within(1_300, 1_310);
  });

  it("stops when the caller has left", async () => {
    const res = new TestCaller();
    const silent = await started(startRaw(() => res.leave()));
    const second = await answering(200);
    const outcome = await run(modelOf(endpoint(silent.url), endpoint(second.url)), { res });
    expect([...told(outcome), second.connections.length, pool.running(silent.url)]).to.deep.equal(["failed", "aborted", 0, 0]);
  });

  it("waits for a place, and says so when there is none", async () => {
    const server = await answering(200);
    const model = modelOf(endpoint(server.url, { maxConcurrency: 1 }));
    const first = await run(model);
    expect(await run(model, { waitMs: 30 })).to.include({ outcome: "unavailable", reason: "busy" });
    const third = run(model);
    if (first.outcome === "answered") first.lease.release();
    expect(told(await third)).to.deep.equal(["answered", 200]);
  });

  it("gives the place back when something else breaks", async () => {
    const { url } = await answering(200);
    const model = modelOf(endpoint(url));
    const broken = withFailover(pool, model, { res: new TestCaller() }, () => Promise.reject(new TypeError("a bug")));
    expect(await broken.catch((error: unknown) => String(error))).to.equal("TypeError: a bug");
    expect(pool.running(url)).to.equal(0);
  });

  describe("with one of two endpoints bad", function () {
    this.timeout(60_000);
    const good = (): Promise<TestServer> => answering(200);
    let calls = 0;
    const BAD: Record<string, () => Promise<UpstreamEndpoint>> = {
      "refusing connections": async () => endpoint(await deadUrl()),
      "accepting and saying nothing": async () =>
        endpoint((await started(startRaw(() => undefined))).url, { timeouts: { connectMs: 1_000, headersMs: 100, idleMs: 1_000 } }),
      "killed while calls are under way": async () => {
        const victim = await started(startHttp((_req, res) => {
          if (++calls === 150) void victim.close();
          else if (calls < 150) setImmediate(() => res.end("200"));
        }));
        return endpoint(victim.url);
      },
      "resetting every other call": async () =>
        endpoint((await started(startRaw((socket, count) => (count % 2 ? socket.resetAndDestroy() : socket.write("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n200"))))).url),
      "failing with 500": async () => endpoint((await answering(500)).url),
    };
    for (const [sentence, make] of Object.entries(BAD)) {
      it(`${sentence}, 1,000 calls see no failure`, async () => {
        calls = 0;
        const model = testModel([await make(), endpoint((await good()).url)]);
        pool = createUpstreamPool({ caller: caller(), logger: new TestLogger(), random: seededRandom(1) });
        pool.sync([model]);
        const results: string[] = [];
        const client = async (): Promise<void> => {
          while (results.length < 1_000) {
            const at = results.push("") - 1;
            const outcome = await run(model);
            if (outcome.outcome !== "answered") continue;
            results[at] = await readAll(outcome.answer.stream).catch(() => "broken");
            outcome.lease.release();
          }
        };
        await Promise.all(Array.from({ length: 32 }, client));
        expect(results.filter((text) => text !== "200")).to.deep.equal([]);
        expect(model.endpoints.map(({ id }) => pool.running(id))).to.deep.equal([0, 0]);
      });
    }
  });

  it("knows which results are worth another attempt", () => {
    expect([429, 503, 400, 501].map(isRetryable)).to.deep.equal([true, true, false, false]);
    expect(isRetryable(new UpstreamFailure("reset", ""))).to.equal(true);
    expect(isRetryable(new UpstreamFailure("aborted", ""))).to.equal(false);
  });

  it("knows what is an endpoint's fault", () => {
    expect([200, 400, 429, 501, 500, 503].map(faultOf)).to.deep.equal([undefined, undefined, undefined, undefined, "server_error", "server_error"]);
    expect(faultOf(new UpstreamFailure("connect", "", "ECONNREFUSED"))).to.equal("refused");
    expect(faultOf(new UpstreamFailure("headers_timeout", ""))).to.equal("headers_timeout");
    expect(faultOf(new UpstreamFailure("aborted", ""))).to.equal(undefined);
  });

  const now = Date.parse("2026-01-01T00:00:00Z");
  const WAITS: [Record<string, string>, number | undefined][] = [
    [{}, undefined], [{ "retry-after": "2" }, 2_000], [{ "retry-after-ms": "150", "retry-after": "1" }, 150], [{ "retry-after": "soon" }, undefined],
    [{ "retry-after": "Thu, 01 Jan 2026 00:00:10 GMT" }, 10_000], [{ "retry-after": "Wed, 31 Dec 2025 00:00:00 GMT" }, 0], [{ "retry-after": "-5" }, undefined],
  ];
  for (const [headers, expected] of WAITS) {
    it(`reads ${JSON.stringify(headers)} as ${expected} ms`, () => expect(retryAfter(headers, now)).to.equal(expected));
  }
});
