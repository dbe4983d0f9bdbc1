import { expect } from "chai";
import { createUpstreamPool } from "../../core/adapters/upstream/upstreamPool";
import { client, coins } from "../../core/domain/testing/snapshots";
import type { Exchange } from "../../core/gateway/exchange";
import { testServices } from "../../core/gateway/testing/testServices";
import { modelOf } from "../../core/services/testing/snapshots";
import { answerWell, startFakeUpstream, type FakeUpstream } from "../../tests/support/fakeUpstream";
import { CHAT, RelayBench } from "./testing/relayBench";

describe("upstream-proxy", () => {
  const bench = new RelayBench();

  describe("a whole answer", () => {
    it("passes byte for byte but for the model, with its cost, settled", async () => {
      const odd = '{"id":"x", "model" : "fake-model","n":1e400,"choices":[{"message":{"content":"h\\u00e9"}}],"usage":{"prompt_tokens":100,"completion_tokens":20}}';
      bench.upstream.next((_request, respond) => respond.json(200, odd, { "set-cookie": "a=b", server: "uvicorn", "openai-version": "1" }));
      const answer = await bench.run();
      expect(answer).to.include({ nexted: false, status: 200, text: odd.replace('"fake-model"', '"dummy"') });
      expect(answer.headers).to.include({ "x-lumen-cost": "0.0003", "x-lumen-upstream-model": "fake-model", "openai-version": "1" });
      expect(answer.headers).not.to.have.any.keys("set-cookie", "server");
      expect(await bench.entryOf(answer)).to.deep.include({ costNano: coins("0.0003"), status: 200, endpoint: "gpu1", flags: [] });
      expect(answer.exchange).to.include({ endpointId: "gpu1" });
      expect(answer.exchange.entry?.id).to.equal(answer.exchange.id);
    });

    it("comes of a request with the endpoint's key and name, and nothing of the caller's", async () => {
      await bench.run(CHAT, { headers: { authorization: "Bearer sk_caller", cookie: "a=b", "x-forwarded-for": "10.0.0.1" } });
      const { headers, body, path } = await bench.upstream.received();
      expect(path).to.equal("/v1/chat/completions");
      expect(headers).to.include({ authorization: "Bearer endpoint-key", "accept-encoding": "identity" });
      expect(headers).not.to.have.any.keys("cookie", "x-forwarded-for");
      expect(JSON.parse(body.toString())).to.include({ model: "fake-model" });
    });

    it("C2: is estimated where the server reports no usage", async () => {
      bench.upstream.next(answerWell({ reportsUsage: false, text: "one two three four five six" }));
      const entry = await bench.entryOf(await bench.run());
      expect(entry.flags).to.deep.equal(["estimated"]);
      expect(entry.usage.inputTokens).to.be.greaterThan(2);
      expect(entry.usage.outputTokens).to.be.within(5, 8);
    });

    it("C2: is not free where it cannot be read", async () => {
      bench.upstream.next((_request, respond) => respond.json(200, `not json ${"word ".repeat(300)}`));
      const answer = await bench.run();
      expect(answer).to.include({ status: 200 });
      const entry = await bench.entryOf(answer);
      expect(entry.flags).to.deep.equal(["estimated"]);
      expect(entry.usage.outputTokens).to.be.greaterThan(100);
    });

    it("passes also when it is larger than what waits whole, and is charged by the usage at its end", async () => {
      const text = "x".repeat(3_000_000);
      bench.upstream.next(answerWell({ text, promptTokens: 100, completionTokens: 20 }));
      const answer = await bench.run();
      expect(answer.status).to.equal(200);
      expect(answer.text).to.include(text);
      expect(answer.headers).not.to.have.property("x-lumen-cost");
      expect(await bench.entryOf(answer)).to.deep.include({ costNano: coins("0.0003"), flags: [] });
    });

    it("is read where a server compresses it though it was asked not to", async () => {
      bench.upstream.next((_request, respond) =>
        respond.gzip(200, { model: "fake-model", choices: [{ message: { content: "hi" } }], usage: { prompt_tokens: 100, completion_tokens: 20 } }));
      const answer = await bench.run();
      expect(answer.json).to.deep.include({ model: "dummy" });
      expect(await bench.entryOf(answer)).to.deep.include({ costNano: coins("0.0003") });
    });

    it("of embeddings costs its input alone", async () => {
      bench.upstream.next(answerWell({ promptTokens: 100, completionTokens: 0 }));
      const answer = await bench.run({ model: "dummy", input: "Hello", stream: true }, { url: "/v1/embeddings" });
      expect(answer.status).to.equal(200);
      expect((await bench.upstream.received()).path).to.equal("/v1/embeddings");
      expect(await bench.entryOf(answer)).to.deep.include({ costNano: coins("0.0001"), operation: "embeddings", flags: [] });
    });
  });

  describe("a server that fails", () => {
    it("keeps its 4xx, in our shape, and costs nothing (C4)", async () => {
      bench.upstream.next((_request, respond) => respond.json(422, { detail: "too long" }, { "retry-after": "3" }));
      const refused = await bench.run();
      expect(refused).to.include({ nexted: false, status: 422 });
      expect(refused.json).to.deep.equal({ error: { message: "too long", type: "invalid_request_error", param: null, code: null } });
      expect(await bench.entryOf(refused)).to.deep.include({ status: 422, costNano: 0n, endpoint: "gpu1" });
    });

    const failures: [string, Parameters<FakeUpstream["always"]>[0], number, string][] = [
      ["refuses the gateway's key", (_request, respond) => respond.json(401, { error: { message: "bad key" } }), 502, "upstream_error"],
      ["wants money", (_request, respond) => respond.json(402, {}), 503, "upstream_quota"],
      ["fails", (_request, respond) => respond.json(500, {}), 502, "upstream_error"],
      ["breaks off before its head", (_request, respond) => respond.cut(), 502, "upstream_error"],
      ["speaks no HTTP", (_request, respond) => respond.raw("SSH-2.0-OpenSSH\r\n\r\n"), 502, "upstream_error"],
      ["breaks off inside a whole answer", async (_request, respond) => {
        await respond.head(200, { "content-type": "application/json", "content-length": 1_000 });
        await respond.body('{"half":');
        respond.cut();
      }, 502, "upstream_incomplete"],
      ["opens a stream and breaks off", async (_request, respond) => {
        await respond.stream();
        respond.cut();
      }, 502, "upstream_incomplete"],
    ];
    for (const [name, handler, status, code] of failures) {
      it(`and ${name} is ${status} ${code}, and free (C4)`, async () => {
        bench.upstream.always(handler);
        const refused = await bench.run({ ...CHAT, stream: true });
        expect(refused).to.include({ nexted: false, status, code });
        expect(await bench.entryOf(refused)).to.deep.include({ status, costNano: 0n });
        expect(await bench.services.store.ledger.pool("c-bot", bench.services.clock())).to.include({ heldNano: 0n, balanceNano: coins("10") });
      });
    }

    it("and is silent is 504 upstream_timeout", async () => {
      bench.upstream.always(() => undefined);
      const timeouts = { connectMs: 1_000, headersMs: 30, idleMs: 1_000 };
      const refused = await bench.run(CHAT, { endpoints: [bench.endpoint({ timeouts })] });
      expect(refused).to.include({ status: 504, code: "upstream_timeout" });
      expect((await bench.entryOf(refused)).costNano).to.equal(0n);
    });

    it("and is not there is 503 no_healthy_endpoint, with Retry-After", async () => {
      await bench.upstream.refuse();
      const refused = await bench.run();
      expect(refused).to.include({ status: 503, code: "no_healthy_endpoint" });
      expect(refused.headers["retry-after"]).to.equal("5");
    });

    it("C6: gives the call to another before its first byte, and the caller pays for one", async () => {
      const other = await startFakeUpstream();
      other.always(async (_request, respond) => {
        await respond.stream();
        respond.cut();
      });
      const answer = await bench.run({ ...CHAT, stream: true }, { endpoints: [bench.endpoint({ url: other.url,  id: "gpu0", weight: 1_000 }), bench.endpoint()] });
      expect(answer.text).to.match(/\[DONE\]\n\n$/).and.not.to.include("error");
      expect(await bench.entryOf(answer)).to.deep.include({ costNano: coins("0.00006"), endpoint: "gpu1" });
      await other.close();
    });
  });

  it("C3: costs the input where the caller leaves before a whole answer, once the server has the call", async () => {
    let exchange!: Exchange;
    bench.upstream.next(async (_request, respond) => {
      await respond.head(200, { "content-type": "application/json", "content-length": 1_000 });
      await respond.body('{"half":');
      exchange.res.destroy();
    });
    const entry = await bench.entryOf(await bench.run(CHAT, { touch: (seen) => void (exchange = seen) }));
    expect(entry).to.include({ status: 499 });
    expect(entry.flags).to.have.members(["aborted", "estimated"]);
    expect(entry.usage).to.include({ outputTokens: 0 });
    expect(entry.costNano > 0n).to.equal(true);
  });

  it("refuses to call anybody without a meter: that would be free inference", async () => {
    const refused = await bench.run(CHAT, { touch: (exchange) => void (exchange.meter = undefined) });
    expect(refused).to.include({ nexted: false, status: 500, code: "internal_error" });
    expect(bench.upstream.requests).to.have.length(0);
  });

  it("W35: tells the longest time that any of the refusing servers asked to wait, in seconds and in milliseconds", async () => {
    for (const headers of [[{ "retry-after": "30" }, { "retry-after": "2", "retry-after-ms": "1500" }], [{ "retry-after-ms": "29500" }, { "retry-after": "2" }]] as const) {
      for (const one of headers) bench.upstream.next((_request, respond) => respond.json(429, { error: { message: "slow down" } }, one));
      const refused = await bench.run(CHAT, { endpoints: ["gpu1", "gpu2"].map((id) => bench.endpoint({ id })) });
      expect([refused.status, refused.headers["retry-after"]]).to.deep.equal([429, "30"]);
      if ("retry-after-ms" in headers[1]) expect(refused.headers["retry-after-ms"]).to.equal("30000");
    }
  });

  it("W71: sends calls of one session to one server, and spreads those of many", async () => {
    const endpoints = ["gpu1", "gpu2", "gpu3"].map((id) => bench.endpoint({ id, headers: { "x-endpoint": id } }));
    const serverOf = async (body: object) => {
      await bench.run({ ...CHAT, ...body }, { endpoints });
      return (await bench.upstream.received()).headers["x-endpoint"];
    };
    const homes = new Set<string | undefined>();
    for (let session = 0; session < 12; session++) {
      const [first, second] = [await serverOf({ prompt_cache_key: `s${session}` }), await serverOf({ prompt_cache_key: `s${session}`, temperature: 1 })];
      expect(second).to.equal(first);
      homes.add(first);
    }
    expect([...homes].sort()).to.deep.equal(["gpu1", "gpu2", "gpu3"]);
  });

  it("W36, W74: waits in line under its owner's name, then is 503 overloaded with Retry-After, and free", async () => {
    const endpoints = [bench.endpoint({ maxConcurrency: 1, health: { path: "/models", intervalMs: 0, timeoutMs: 1_000 } })];
    const model = modelOf({ name: "dummy", endpoints });
    const upstreams = createUpstreamPool({ caller: bench.services.upstreamCaller, logger: bench.services.logger });
    upstreams.sync([model]);
    upstreams.choose(model, new Set());
    const waited: (string | undefined)[] = [];
    upstreams.waitForPlace = ({ owner }) => {
      waited.push(owner);
      return Promise.resolve(undefined);
    };
    const refused = await bench.run(CHAT, { endpoints, owner: client("a"), services: { ...bench.services, upstreams } });
    expect(refused).to.include({ status: 503, code: "overloaded" });
    expect([waited, refused.headers["retry-after"]]).to.deep.equal([["c-a"], "5"]);
    expect((await bench.entryOf(refused)).costNano).to.equal(0n);
    upstreams.close();
  });

  it("W70: asks a server at its own path", async () => {
    await bench.run(CHAT, { endpoints: [bench.endpoint({ paths: { chat: "/api/chat/completions" } })] });
    expect((await bench.upstream.received()).path).to.equal("/v1/api/chat/completions");
  });

  it("gives no answer that could not be settled: 503 store_unavailable, or a stream cut off before its end", async () => {
    bench.upstream.always(async (request, respond) => {
      await bench.services.store.close();
      await answerWell()(request, respond);
    });
    expect(await bench.run()).to.include({ nexted: false, status: 503, code: "store_unavailable" });
    bench.services = await testServices();
    const cut = await bench.run({ ...CHAT, stream: true });
    expect(cut.text).not.to.include("[DONE]");
  });

  it("lets a second request see nothing of the first one", async () => {
    const first = await bench.run({ ...CHAT, stream: true }, { owner: client("a") });
    const second = await bench.run(CHAT, { owner: client("b") });
    expect(second.headers["content-type"]).to.include("application/json");
    expect((await bench.entryOf(first)).ownerId).to.equal("c-a");
    expect((await bench.entryOf(second)).ownerId).to.equal("c-b");
  });
});
