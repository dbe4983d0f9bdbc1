import { expect } from "chai";
import { coins } from "../../core/domain/testing/snapshots";
import type { Exchange } from "../../core/gateway/exchange";
import { policySnapshot } from "../../core/gateway/testing/snapshots";
import { answerWell } from "../../tests/support/fakeUpstream";
import { CHAT, chunksOf, RelayBench } from "./testing/relayBench";

describe("a stream through upstream-proxy", () => {
  const bench = new RelayBench();
  const STREAM = { ...CHAT, stream: true };

  it("passes event by event, with the public name; the usage that only we asked for is kept back", async () => {
    const answer = await bench.run(STREAM);
    expect(answer.status).to.equal(200);
    expect(answer.headers).to.include({ "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache, no-transform", "x-accel-buffering": "no" });
    expect(answer.text).to.match(/data: \[DONE\]\n\n$/).and.not.to.include("usage");
    expect(chunksOf(answer.text).every((chunk) => chunk["model"] === "dummy")).to.equal(true);
    expect((await bench.upstream.received()).json()).to.deep.include({ stream_options: { include_usage: true } });
    expect(await bench.entryOf(answer)).to.deep.include({ costNano: coins("0.00006"), status: 200, flags: [] });
  });

  it("carries usage and cost where the caller asked for them", async () => {
    const answer = await bench.run({ ...STREAM, stream_options: { include_usage: true } });
    expect(chunksOf(answer.text).at(-1)).to.deep.include({ choices: [], usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, cost: "0.00006" } });
  });

  it("C8: carries the estimate that is charged, where the server gives no usage", async () => {
    bench.upstream.next(answerWell({ reportsUsage: false }));
    const answer = await bench.run({ ...STREAM, stream_options: { include_usage: true } });
    const { usage } = chunksOf(answer.text).at(-1) as { usage: Record<string, unknown> };
    const entry = await bench.entryOf(answer);
    expect(entry.flags).to.deep.equal(["estimated"]);
    expect(usage).to.include({ prompt_tokens: entry.usage.inputTokens, completion_tokens: entry.usage.outputTokens, estimated: true });
  });

  it("of an endpoint that does not know stream_options is asked for none", async () => {
    await bench.run(STREAM, { endpoints: [bench.endpoint({ streamUsage: false })] });
    expect((await bench.upstream.received()).json()).not.to.have.property("stream_options");
  });

  it("gets the [DONE] that a server forgot after its finish reason", async () => {
    bench.upstream.next(async (_request, respond) => {
      await respond.stream();
      await respond.delta("hi");
      await respond.finish();
      await respond.end();
    });
    const answer = await bench.run(STREAM);
    expect(answer.text).to.match(/data: \[DONE\]\n\n$/).and.not.to.include("error");
    expect((await bench.entryOf(answer)).flags).to.deep.equal(["estimated"]);
  });

  it("C5: that breaks off says so, ends, and costs what was produced", async () => {
    bench.upstream.next(async (_request, respond) => {
      await respond.stream();
      await respond.delta("Some words that came");
      respond.cut();
    });
    const answer = await bench.run(STREAM);
    expect(answer.text).to.match(/"code":"upstream_incomplete".*\n\ndata: \[DONE\]\n\n$/s);
    const entry = await bench.entryOf(answer);
    expect(entry.flags).to.have.members(["failed", "estimated"]);
    expect(entry.usage.outputTokens).to.be.greaterThan(0);
  });

  it("that ends without a finish reason is broken, too: it never passes for whole", async () => {
    bench.upstream.next(async (_request, respond) => {
      await respond.stream();
      await respond.delta("half");
      await respond.end();
    });
    expect((await bench.run(STREAM)).text).to.include("upstream_incomplete");
  });

  it("hands on the error that the server puts into it", async () => {
    bench.upstream.next(async (_request, respond) => {
      await respond.stream();
      await respond.delta("half");
      await respond.event({ error: { message: "out of memory" } });
      await respond.end();
    });
    const answer = await bench.run(STREAM);
    expect(answer.text).to.include("out of memory").and.not.to.include("upstream_incomplete");
    expect((await bench.entryOf(answer)).flags).to.include("failed");
  });

  it("H4: ends cleanly when the coins have ended, and costs what was produced", async () => {
    // 1 coin is 100,000 tokens of output at this price; there are some 2,100 of them.
    bench.snapshot = policySnapshot({ defaultPool: { max: "1", refresh: "0", starting: "0.0211" } });
    bench.upstream.next(async (_request, respond) => {
      await respond.stream();
      while (!respond.isClosed) await respond.delta("word ");
    });
    const answer = await bench.run({ ...STREAM, max_tokens: 100_000 });
    expect(answer.text).to.match(/"finish_reason":"length"}\],"lumen":{"stopped":"insufficient_quota"}}\n\ndata: \[DONE\]\n\n$/);
    const entry = await bench.entryOf(answer);
    expect(entry.flags).to.include("stopped");
    expect((await bench.services.store.ledger.pool("c-bot", bench.services.clock()))?.balanceNano).to.satisfy((left: bigint) => left >= 0n);
    await (await bench.upstream.received()).closed;
  });

  describe("W76: with usage in each chunk", () => {
    const CONTINUOUS = { include_usage: true, continuous_usage_stats: true };
    const counted = (completion: number) => ({ usage: { prompt_tokens: 20, completion_tokens: completion, total_tokens: 20 + completion } });
    const continuous = () => ({ endpoints: [bench.endpoint({ continuousUsage: true })] });
    /** One token in each chunk, `many` in all, or until the gateway has enough. */
    const tokens = (many: number) =>
      bench.upstream.next(async (_request, respond) => {
        await respond.stream();
        for (let token = 1; token <= many && !respond.isClosed; token++) await respond.delta("w ", counted(token));
        await respond.finish("stop", counted(many));
        await respond.usage(20, many);
        await respond.done();
      });

    it("hides it from a caller who did not ask for it, and no other byte", async () => {
      for (const stream_options of [undefined, { include_usage: true }, CONTINUOUS]) {
        tokens(3);
        const answer = await bench.run({ ...STREAM, stream_options }, continuous());
        expect((await bench.upstream.received()).json()["stream_options"]).to.deep.equal(CONTINUOUS);
        const chunks = chunksOf(answer.text);
        const inChunks = chunks.filter((chunk) => (chunk["choices"] as unknown[]).length > 0 && "usage" in chunk);
        expect(inChunks, JSON.stringify(stream_options)).to.have.length(stream_options === CONTINUOUS ? 4 : 0);
        expect("usage" in (chunks.at(-1) ?? {})).to.equal(stream_options !== undefined);
        expect(await bench.entryOf(answer)).to.deep.include({ flags: [], costNano: coins("0.00005") });
      }
    });

    for (const [starting, covered] of [["0.0213", 2_128], ["0.02131", 2_129], ["0.021319", 2_129], ["0.0300", 2_998]] as const) {
      it(`H4: a pool of ${starting} coins ends with token ${covered}, which is the last that is passed on and charged`, async () => {
        bench.snapshot = policySnapshot({ defaultPool: { max: "1", refresh: "0", starting } });
        tokens(100_000);
        const answer = await bench.run({ ...STREAM, max_tokens: 100_000, stream_options: { include_usage: true } }, continuous());
        expect(answer.text.match(/"w "/g)).to.have.length(covered);
        expect(answer.text).to.include('"lumen":{"stopped":"insufficient_quota"}').and.to.match(/data: \[DONE\]\n\n$/);
        expect(chunksOf(answer.text).at(-1)).to.have.nested.property("usage.completion_tokens", covered);
        const entry = await bench.entryOf(answer);
        expect(entry.flags).to.deep.equal(["stopped"]);
        expect(entry.usage).to.include({ inputTokens: 20, outputTokens: covered });
        expect(entry.charges[0]?.uncollectedNano).to.equal(0n);
        const left = (await bench.services.store.ledger.pool("c-bot", bench.services.clock()))?.balanceNano;
        expect(left).to.satisfy((nano: bigint) => nano >= 0n && nano < coins("0.00001"));
      });
    }

    it("H4: ends with the very same token where the whole answer comes at once", async () => {
      bench.snapshot = policySnapshot({ defaultPool: { max: "1", refresh: "0", starting: "0.0213" } });
      const chunk = (token: number) => JSON.stringify({ object: "chat.completion.chunk", choices: [{ index: 0, delta: { content: "w " } }], ...counted(token) });
      bench.upstream.next(async (_request, respond) => {
        await respond.stream();
        await respond.body(Array.from({ length: 3_000 }, (_, at) => `data: ${chunk(at + 1)}\n\n`).join(""));
        await respond.done();
      });
      const answer = await bench.run({ ...STREAM, max_tokens: 100_000 }, continuous());
      expect(answer.text.match(/"w "/g)).to.have.length(2_128);
      expect((await bench.entryOf(answer)).usage.outputTokens).to.equal(2_128);
    });

    it("lets an answer that ends with the last token of the pool end as it is", async () => {
      bench.snapshot = policySnapshot({ defaultPool: { max: "1", refresh: "0", starting: "0.0213" } });
      tokens(2_128);
      const answer = await bench.run({ ...STREAM, max_tokens: 100_000 }, continuous());
      expect(answer.text).to.include('"finish_reason":"stop"').and.not.to.include("insufficient_quota");
      expect((await bench.entryOf(answer)).flags).to.deep.equal([]);
    });

    it("C3, C5: charges what was reported with the last chunk where the stream breaks off, and estimates nothing", async () => {
      bench.upstream.next(async (_request, respond) => {
        await respond.stream();
        for (let token = 1; token <= 7; token++) await respond.delta("w ", counted(token));
        respond.cut();
      });
      const entry = await bench.entryOf(await bench.run(STREAM, continuous()));
      expect(entry.flags).to.deep.equal(["failed"]);
      expect(entry.usage).to.include({ inputTokens: 20, outputTokens: 7 });
    });
  });

  it("says with a comment that it still runs, where the server is silent", async () => {
    let pinged: () => void = () => undefined;
    const ping = new Promise<void>((resolve) => (pinged = resolve));
    bench.upstream.next(async (_request, respond) => {
      await respond.stream();
      await ping;
      await respond.delta("late");
      await respond.finish();
      await respond.done();
    });
    const answer = await bench.run(STREAM, {
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

  it("W27, W35: that broke off while the hold was being written goes to another endpoint", async () => {
    bench.upstream.next(async (_request, respond) => {
      await respond.stream();
      respond.cut();
    });
    const { upstreamCaller } = bench.services;
    const call = upstreamCaller.call.bind(upstreamCaller);
    let brokeOff!: () => void;
    const written = new Promise<void>((resolve) => (brokeOff = resolve));
    upstreamCaller.call = async (request) => {
      const answer = await call(request);
      answer.stream.once("close", brokeOff).on("error", () => undefined);
      return answer;
    };
    const answer = await bench.run(STREAM, {
      endpoints: [bench.endpoint(), bench.endpoint({ id: "gpu2" })],
      touch: (exchange) => Object.defineProperty(exchange.getMeter(), "durable", { value: written }),
    });
    expect(answer.text).to.include("Hello").and.to.match(/data: \[DONE\]\n\n$/).and.not.to.include("error");
    expect(bench.upstream.requests).to.have.length(2);
  });

  it("C3: closes the connection to the server when the caller leaves, and charges what was produced", async () => {
    let exchange!: Exchange;
    bench.upstream.next(async (_request, respond) => {
      await respond.stream();
      await respond.delta("Some words that came");
      exchange.res.destroy();
    });
    const left = await bench.run(STREAM, { touch: (seen) => void (exchange = seen) });
    await (await bench.upstream.received()).closed;
    const entry = await bench.entryOf(left);
    expect(entry).to.include({ status: 499 });
    expect(entry.flags).to.include("aborted");
    expect(entry.costNano > 0n).to.equal(true);
  });
});
