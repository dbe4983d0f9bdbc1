import { expect } from "chai";
import { testEndpoint } from "../../core/adapters/upstream/testServers";
import type { Price } from "../../core/domain/price";
import type { UpstreamEndpoint } from "../../core/domain/modelCatalog";
import type { LedgerEntry } from "../../core/domain/ledgerEntry";
import { client, coins } from "../../core/domain/testing/snapshots";
import type { Exchange } from "../../core/gateway/exchange";
import { runPolicy, type PolicyRun, type PolicyRunOptions } from "../../core/gateway/testing/runPolicy";
import { policySnapshot } from "../../core/gateway/testing/snapshots";
import { testServices, type TestServices } from "../../core/gateway/testing/testServices";
import { modelOf } from "../../core/services/testing/snapshots";
import { answerWell, startFakeUpstream, type FakeUpstream } from "../../tests/support/fakeUpstream";
import { upstreamProxy } from "./policy";

const PRICE: Price = { inputPerMillionNano: coins("1"), outputPerMillionNano: coins("10") };
const CHAT = { model: "dummy", messages: [{ role: "user", content: "Hello there" }] };

describe("upstream-proxy", () => {
  let upstream: FakeUpstream;
  let services: TestServices;
  let snapshot = policySnapshot();

  beforeEach(async () => {
    upstream = await startFakeUpstream();
    services = await testServices();
    snapshot = policySnapshot({ defaultPool: { max: "100", refresh: "0", starting: "10" } });
  });
  afterEach(async () => {
    services.upstreamCaller.close();
    await upstream.close();
  });

  const at = (url: string, changes: Partial<UpstreamEndpoint> = {}) => testEndpoint(url, { id: "gpu1", model: "fake-model", ...changes });
  const meterOf = async (exchange: Exchange) => {
    exchange.meter = await services.callMeter.open({
      requestId: exchange.id, owner: exchange.getOwner(), via: "api", operation: exchange.match?.route.operation ?? "chat",
      model: exchange.getModel(), snapshot: exchange.snapshot, body: exchange.getBody(), startedAt: exchange.startedAt,
    });
  };
  interface More extends PolicyRunOptions {
    readonly endpoints?: readonly UpstreamEndpoint[];
    readonly touch?: (exchange: Exchange) => void;
  }
  const run = (body: object = CHAT, more: More = {}) =>
    runPolicy(upstreamProxy, {
      services, snapshot, body, model: modelOf({ name: "dummy", price: PRICE, endpoints: more.endpoints ?? [at(upstream.url)] }), ...more,
      prepare: async (exchange) => {
        await meterOf(exchange);
        more.touch?.(exchange);
      },
    });
  const entryOf = async ({ exchange }: PolicyRun): Promise<LedgerEntry> => {
    const entry = await services.store.usage.entry(exchange.id);
    if (!entry) throw new Error("there is no entry");
    expect(await services.store.ledger.openHolds()).to.equal(0);
    expect((await services.store.verifyBooks()).exact).to.equal(true);
    return entry;
  };
  const dataOf = (text: string): unknown[] =>
    text.split("\n\n").filter((event) => event.startsWith("data: {")).map((event) => JSON.parse(event.slice(6)) as unknown);

  describe("a whole answer", () => {
    it("passes byte for byte but for the model, with its cost, settled", async () => {
      const odd = '{"id":"x", "model" : "fake-model","n":1e400,"choices":[{"message":{"content":"h\\u00e9"}}],"usage":{"prompt_tokens":100,"completion_tokens":20}}';
      upstream.next((_request, respond) => respond.json(200, odd, { "set-cookie": "a=b", server: "uvicorn", "openai-version": "1" }));
      const answer = await run();
      expect(answer).to.include({ nexted: false, status: 200, text: odd.replace('"fake-model"', '"dummy"') });
      expect(answer.headers).to.include({ "x-lumen-cost": "0.0003", "x-lumen-upstream-model": "fake-model", "openai-version": "1" });
      expect(answer.headers).not.to.have.any.keys("set-cookie", "server");
      expect(await entryOf(answer)).to.deep.include({ costNano: coins("0.0003"), status: 200, endpoint: "gpu1", flags: [] });
      expect(answer.exchange).to.include({ endpointId: "gpu1" });
      expect(answer.exchange.entry?.id).to.equal(answer.exchange.id);
    });

    it("comes of a request with the endpoint's key and name, and nothing of the caller's", async () => {
      await run(CHAT, { headers: { authorization: "Bearer sk_caller", cookie: "a=b", "x-forwarded-for": "10.0.0.1" } });
      const { headers, body, path } = await upstream.received();
      expect(path).to.equal("/v1/chat/completions");
      expect(headers).to.include({ authorization: "Bearer endpoint-key", "accept-encoding": "identity" });
      expect(headers).not.to.have.any.keys("cookie", "x-forwarded-for");
      expect(JSON.parse(body.toString())).to.include({ model: "fake-model" });
    });

    it("C2: is estimated where the server reports no usage", async () => {
      upstream.next(answerWell({ reportsUsage: false, text: "one two three four five six" }));
      const entry = await entryOf(await run());
      expect(entry.flags).to.deep.equal(["estimated"]);
      expect(entry.usage.inputTokens).to.be.greaterThan(2);
      expect(entry.usage.outputTokens).to.be.within(5, 8);
    });

    it("C2: is not free where it cannot be read", async () => {
      upstream.next((_request, respond) => respond.json(200, `not json ${"word ".repeat(300)}`));
      const answer = await run();
      expect(answer).to.include({ status: 200 });
      const entry = await entryOf(answer);
      expect(entry.flags).to.deep.equal(["estimated"]);
      expect(entry.usage.outputTokens).to.be.greaterThan(100);
    });

    it("passes also when it is larger than what waits whole, and is charged by the usage at its end", async () => {
      const text = "x".repeat(3_000_000);
      upstream.next(answerWell({ text, promptTokens: 100, completionTokens: 20 }));
      const answer = await run();
      expect(answer.status).to.equal(200);
      expect(answer.text).to.include(text);
      expect(answer.headers).not.to.have.property("x-lumen-cost");
      expect(await entryOf(answer)).to.deep.include({ costNano: coins("0.0003"), flags: [] });
    });

    it("is read where a server compresses it though it was asked not to", async () => {
      upstream.next((_request, respond) =>
        respond.gzip(200, { model: "fake-model", choices: [{ message: { content: "hi" } }], usage: { prompt_tokens: 100, completion_tokens: 20 } }));
      const answer = await run();
      expect(answer.json).to.deep.include({ model: "dummy" });
      expect(await entryOf(answer)).to.deep.include({ costNano: coins("0.0003") });
    });

    it("of embeddings costs its input alone", async () => {
      upstream.next(answerWell({ promptTokens: 100, completionTokens: 0 }));
      const answer = await run({ model: "dummy", input: "Hello", stream: true }, { url: "/v1/embeddings" });
      expect(answer.status).to.equal(200);
      expect((await upstream.received()).path).to.equal("/v1/embeddings");
      expect(await entryOf(answer)).to.deep.include({ costNano: coins("0.0001"), operation: "embeddings", flags: [] });
    });
  });

  describe("a stream", () => {
    const STREAM = { ...CHAT, stream: true };

    it("passes event by event, with the public name; the usage that only we asked for is kept back", async () => {
      const answer = await run(STREAM);
      expect(answer.status).to.equal(200);
      expect(answer.headers).to.include({ "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache, no-transform", "x-accel-buffering": "no" });
      expect(answer.text).to.match(/data: \[DONE\]\n\n$/).and.not.to.include("usage");
      expect(dataOf(answer.text).every((chunk) => (chunk as { model: string }).model === "dummy")).to.equal(true);
      expect((await upstream.received()).json()).to.deep.include({ stream_options: { include_usage: true } });
      expect(await entryOf(answer)).to.deep.include({ costNano: coins("0.00006"), status: 200, flags: [] });
    });

    it("carries usage and cost where the caller asked for them", async () => {
      const answer = await run({ ...STREAM, stream_options: { include_usage: true } });
      expect(dataOf(answer.text).at(-1)).to.deep.include({ choices: [], usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, cost: "0.00006" } });
    });

    it("C8: carries the estimate that is charged, where the server gives no usage", async () => {
      upstream.next(answerWell({ reportsUsage: false }));
      const answer = await run({ ...STREAM, stream_options: { include_usage: true } });
      const { usage } = dataOf(answer.text).at(-1) as { usage: Record<string, unknown> };
      const entry = await entryOf(answer);
      expect(entry.flags).to.deep.equal(["estimated"]);
      expect(usage).to.include({ prompt_tokens: entry.usage.inputTokens, completion_tokens: entry.usage.outputTokens, estimated: true });
    });

    it("of an endpoint that does not know stream_options is asked for none", async () => {
      await run(STREAM, { endpoints: [at(upstream.url, { streamUsage: false })] });
      expect((await upstream.received()).json()).not.to.have.property("stream_options");
    });

    it("gets the [DONE] that a server forgot after its finish reason", async () => {
      upstream.next(async (_request, respond) => {
        await respond.stream();
        await respond.delta("hi");
        await respond.finish();
        await respond.end();
      });
      const answer = await run(STREAM);
      expect(answer.text).to.match(/data: \[DONE\]\n\n$/).and.not.to.include("error");
      expect((await entryOf(answer)).flags).to.deep.equal(["estimated"]);
    });

    it("C5: that breaks off says so, ends, and costs what was produced", async () => {
      upstream.next(async (_request, respond) => {
        await respond.stream();
        await respond.delta("Some words that came");
        respond.cut();
      });
      const answer = await run(STREAM);
      expect(answer.text).to.match(/"code":"upstream_incomplete".*\n\ndata: \[DONE\]\n\n$/s);
      const entry = await entryOf(answer);
      expect(entry.flags).to.have.members(["failed", "estimated"]);
      expect(entry.usage.outputTokens).to.be.greaterThan(0);
    });

    it("that ends without a finish reason is broken, too: it never passes for whole", async () => {
      upstream.next(async (_request, respond) => {
        await respond.stream();
        await respond.delta("half");
        await respond.end();
      });
      expect((await run(STREAM)).text).to.include("upstream_incomplete");
    });

    it("hands on the error that the server puts into it", async () => {
      upstream.next(async (_request, respond) => {
        await respond.stream();
        await respond.delta("half");
        await respond.event({ error: { message: "out of memory" } });
        await respond.end();
      });
      const answer = await run(STREAM);
      expect(answer.text).to.include("out of memory").and.not.to.include("upstream_incomplete");
      expect((await entryOf(answer)).flags).to.include("failed");
    });

    it("H4: ends cleanly when the coins have ended, and costs what was produced", async () => {
      // 1 coin is 100,000 tokens of output at this price; there are some 2,100 of them.
      snapshot = policySnapshot({ defaultPool: { max: "1", refresh: "0", starting: "0.0211" } });
      upstream.next(async (_request, respond) => {
        await respond.stream();
        while (!respond.isClosed) await respond.delta("word ");
      });
      const answer = await run({ ...STREAM, max_tokens: 100_000 });
      expect(answer.text).to.match(/"finish_reason":"length"}\],"lumen":{"stopped":"insufficient_quota"}}\n\ndata: \[DONE\]\n\n$/);
      const entry = await entryOf(answer);
      expect(entry.flags).to.include("stopped");
      expect((await services.store.ledger.pool("c-bot", services.clock()))?.balanceNano).to.satisfy((left: bigint) => left >= 0n);
      await (await upstream.received()).closed;
    });

    it("says with a comment that it still runs, where the server is silent", async () => {
      let pinged: () => void = () => undefined;
      const ping = new Promise<void>((resolve) => (pinged = resolve));
      upstream.next(async (_request, respond) => {
        await respond.stream();
        await ping;
        await respond.delta("late");
        await respond.finish();
        await respond.done();
      });
      const answer = await run(STREAM, {
        parameters: { ping_seconds: 0.03 },
        touch: ({ res }) => {
          const write = res.write.bind(res) as (chunk: Buffer) => boolean;
          res.write = ((chunk: Buffer) => {
            if (chunk.toString() === ": ping\n\n") pinged();
            return write(chunk);
          }) as typeof res.write;
        },
      });
      expect(answer.text).to.match(/^: ping\n\n/).and.to.include("late").and.to.match(/\[DONE\]\n\n$/);
    });

    it("C3: closes the connection to the server when the caller leaves, and charges what was produced", async () => {
      let exchange!: Exchange;
      upstream.next(async (_request, respond) => {
        await respond.stream();
        await respond.delta("Some words that came");
        exchange.res.destroy();
      });
      const left = await run(STREAM, { touch: (seen) => void (exchange = seen) });
      await (await upstream.received()).closed;
      const entry = await entryOf(left);
      expect(entry).to.include({ status: 499 });
      expect(entry.flags).to.include("aborted");
      expect(entry.costNano > 0n).to.equal(true);
    });
  });

  describe("a server that fails", () => {
    it("keeps its 4xx, in our shape, and costs nothing (C4)", async () => {
      upstream.next((_request, respond) => respond.json(422, { detail: "too long" }, { "retry-after": "3" }));
      const refused = await run();
      expect(refused).to.include({ nexted: false, status: 422 });
      expect(refused.json).to.deep.equal({ error: { message: "too long", type: "invalid_request_error", param: null, code: null } });
      expect(await entryOf(refused)).to.deep.include({ status: 422, costNano: 0n, endpoint: "gpu1" });
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
        upstream.always(handler);
        const refused = await run({ ...CHAT, stream: true });
        expect(refused).to.include({ nexted: false, status, code });
        expect(await entryOf(refused)).to.deep.include({ status, costNano: 0n });
        expect(await services.store.ledger.pool("c-bot", services.clock())).to.include({ heldNano: 0n, balanceNano: coins("10") });
      });
    }

    it("and is silent is 504 upstream_timeout", async () => {
      upstream.always(() => undefined);
      const timeouts = { connectMs: 1_000, headersMs: 30, idleMs: 1_000 };
      const refused = await run(CHAT, { endpoints: [at(upstream.url, { timeouts })] });
      expect(refused).to.include({ status: 504, code: "upstream_timeout" });
      expect((await entryOf(refused)).costNano).to.equal(0n);
    });

    it("and is not there is 503 no_healthy_endpoint, with Retry-After", async () => {
      await upstream.refuse();
      const refused = await run();
      expect(refused).to.include({ status: 503, code: "no_healthy_endpoint" });
      expect(refused.headers["retry-after"]).to.equal("5");
    });

    it("C6: gives the call to another before its first byte, and the caller pays for one", async () => {
      const other = await startFakeUpstream();
      other.always(async (_request, respond) => {
        await respond.stream();
        respond.cut();
      });
      const answer = await run({ ...CHAT, stream: true }, { endpoints: [at(other.url, { id: "gpu0", weight: 1_000 }), at(upstream.url)] });
      expect(answer.text).to.match(/\[DONE\]\n\n$/).and.not.to.include("error");
      expect(await entryOf(answer)).to.deep.include({ costNano: coins("0.00006"), endpoint: "gpu1" });
      await other.close();
    });
  });

  it("C3: costs the input where the caller leaves before a whole answer, once the server has the call", async () => {
    let exchange!: Exchange;
    upstream.next(async (_request, respond) => {
      await respond.head(200, { "content-type": "application/json", "content-length": 1_000 });
      await respond.body('{"half":');
      exchange.res.destroy();
    });
    const entry = await entryOf(await run(CHAT, { touch: (seen) => void (exchange = seen) }));
    expect(entry).to.include({ status: 499 });
    expect(entry.flags).to.have.members(["aborted", "estimated"]);
    expect(entry.usage).to.include({ outputTokens: 0 });
    expect(entry.costNano > 0n).to.equal(true);
  });

  it("refuses to call anybody without a meter: that would be free inference", async () => {
    const refused = await run(CHAT, { touch: (exchange) => void (exchange.meter = undefined) });
    expect(refused).to.include({ nexted: false, status: 500, code: "internal_error" });
    expect(upstream.requests).to.have.length(0);
  });

  it("gives no answer that could not be settled: 503 store_unavailable, or a stream cut off before its end", async () => {
    upstream.always(async (request, respond) => {
      await services.store.close();
      await answerWell()(request, respond);
    });
    expect(await run()).to.include({ nexted: false, status: 503, code: "store_unavailable" });
    services = await testServices();
    const cut = await run({ ...CHAT, stream: true });
    expect(cut.text).not.to.include("[DONE]");
  });

  it("lets a second request see nothing of the first one", async () => {
    const first = await run({ ...CHAT, stream: true }, { owner: client("a") });
    const second = await run(CHAT, { owner: client("b") });
    expect(second.headers["content-type"]).to.include("application/json");
    expect((await entryOf(first)).ownerId).to.equal("c-a");
    expect((await entryOf(second)).ownerId).to.equal("c-b");
  });
});
