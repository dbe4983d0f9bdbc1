import { expect } from "chai";
import { coins } from "../../../core/domain/testing/snapshots";
import { policySnapshot } from "../../../core/gateway/testing/snapshots";
import type { Responder } from "../../../tests/support/fakeUpstream";
import { eventsOf, RelayBench, sendNamed } from "../testing/relayBench";

const ASK = { model: "dummy", max_tokens: 100, messages: [{ role: "user", content: "Hello" }], stream: true };
const PATH = { url: "/v1/messages" };

async function begin(respond: Responder): Promise<void> {
  await respond.stream();
  const usage = { input_tokens: 60, cache_read_input_tokens: 40, cache_creation_input_tokens: 0, output_tokens: 1 };
  await sendNamed(respond, { type: "message_start", message: { id: "msg_1", type: "message", role: "assistant", model: "fake-model", content: [], stop_reason: null, usage } });
  await sendNamed(respond, { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } });
}

const say = (respond: Responder, text: string) => sendNamed(respond, { type: "content_block_delta", index: 0, delta: { type: "text_delta", text } });

async function close(respond: Responder): Promise<void> {
  await sendNamed(respond, { type: "content_block_stop", index: 0 });
  await sendNamed(respond, { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 20 } });
}

describe("a stream of messages through upstream-proxy", () => {
  const bench = new RelayBench();

  it("W55: passes as it came, pings too, but for message.model; its usage is that of its start and its end", async () => {
    bench.upstream.next(async (_request, respond) => {
      await begin(respond);
      await sendNamed(respond, { type: "ping" });
      await say(respond, "Hello");
      await close(respond);
      await sendNamed(respond, { type: "message_stop" });
      await respond.end();
    });
    const answer = await bench.run(ASK, { ...PATH, headers: { "anthropic-version": "2023-06-01", "anthropic-beta": "a,b", "x-api-key": "sk_caller" } });
    const events = eventsOf(answer.text);
    expect(events.map(({ type }) => type)).to.deep.equal([
      "message_start", "content_block_start", "ping", "content_block_delta", "content_block_stop", "message_delta", "message_stop",
    ]);
    expect(events[0]?.["message"]).to.include({ model: "dummy" });
    expect(answer.text).to.match(/event: message_stop\ndata: {"type":"message_stop"}\n\n$/).and.not.to.include("fake-model");
    const { path, headers, body } = await bench.upstream.received();
    expect(path).to.equal("/v1/messages");
    expect(headers).to.include({ "anthropic-version": "2023-06-01", "anthropic-beta": "a,b", authorization: "Bearer endpoint-key" }).and.not.to.have.property("x-api-key");
    expect(JSON.parse(body.toString())).to.deep.equal({ ...ASK, model: "fake-model" });
    const entry = await bench.entryOf(answer);
    expect(entry).to.deep.include({ costNano: coins("0.0003"), operation: "messages", flags: [] });
    expect(entry.usage).to.include({ inputTokens: 100, cachedInputTokens: 40, outputTokens: 20 });
  });

  it("W55: gets the message_stop that a server forgot", async () => {
    bench.upstream.next(async (_request, respond) => {
      await begin(respond);
      await close(respond);
      await respond.end();
    });
    const answer = await bench.run(ASK, PATH);
    expect(eventsOf(answer.text).at(-1)).to.deep.equal({ type: "message_stop" });
    expect((await bench.entryOf(answer)).flags).to.deep.equal([]);
  });

  it("W55: that breaks off is delivered as far as it came, then says so by an error event", async () => {
    bench.upstream.next(async (_request, respond) => {
      await begin(respond);
      await say(respond, "Some words that came");
      respond.cut();
    });
    const answer = await bench.run(ASK, PATH);
    expect(answer.text).to.match(/Some words.*\n\nevent: error\ndata: [^\n]*\n\n$/s);
    const last = eventsOf(answer.text).at(-1);
    expect(last).to.include({ type: "error", request_id: answer.exchange.id });
    expect(last?.["error"]).to.include({ type: "api_error", code: "upstream_incomplete" });
    const entry = await bench.entryOf(answer);
    expect(entry.flags).to.have.members(["failed", "estimated"]);
    // What the start said of the output was said before it was written.
    expect(entry.usage.outputTokens).to.be.greaterThan(2);
    expect(entry.usage.inputTokens).to.equal(100);
  });

  it("W55: hands on the error that the server puts into it, and tells one of another shape anew", async () => {
    bench.upstream.always(async (_request, respond) => {
      await begin(respond);
      await sendNamed(respond, { type: "error", error: { type: "overloaded_error", message: "Overloaded" } });
      await respond.end();
    });
    const answer = await bench.run(ASK, PATH);
    expect(eventsOf(answer.text).at(-1)).to.deep.equal({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } });
    bench.upstream.always(async (_request, respond) => {
      await begin(respond);
      await respond.event({ error: { message: "out of memory" } });
      await respond.end();
    });
    expect((await bench.run(ASK, PATH)).text).to.match(/event: error\ndata: {"type":"error","error":{"type":"api_error"[^\n]*\n\n$/);
  });

  it("H4: closes the open block and ends at its limit when the coins have ended", async () => {
    bench.snapshot = policySnapshot({ defaultPool: { max: "1", refresh: "0", starting: "0.0211" } });
    bench.upstream.next(async (_request, respond) => {
      await begin(respond);
      while (!respond.isClosed) await say(respond, "word ");
    });
    const answer = await bench.run({ ...ASK, max_tokens: 100_000 }, PATH);
    const entry = await bench.entryOf(answer);
    expect(eventsOf(answer.text).slice(-3)).to.deep.equal([
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason: "max_tokens", stop_sequence: null }, usage: { output_tokens: entry.usage.outputTokens }, lumen: { stopped: "insufficient_quota" } },
      { type: "message_stop" },
    ]);
    expect(entry.flags).to.include("stopped");
    await (await bench.upstream.received()).closed;
  });

  it("W53: a refusal of the server keeps status and message, in Anthropic's shape", async () => {
    bench.upstream.next((_request, respond) => respond.json(400, { type: "error", error: { type: "invalid_request_error", message: "max_tokens: too large" } }));
    const refused = await bench.run(ASK, PATH);
    expect(refused.status).to.equal(400);
    expect(refused.json).to.deep.equal({ type: "error", error: { type: "invalid_request_error", message: "max_tokens: too large" }, request_id: refused.exchange.id });
    bench.upstream.next((_request, respond) => respond.json(529, { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }));
    const busy = await bench.run(ASK, PATH);
    expect(busy).to.include({ status: 503, code: "overloaded" });
    expect(busy.json).to.have.nested.property("error.type", "overloaded_error");
    await bench.upstream.refuse();
    expect((await bench.run(ASK, PATH)).json).to.deep.include({ type: "error" }).and.have.nested.property("error.code", "no_healthy_endpoint");
  });

  it("W52: counting tokens passes, is free, and is in no ledger", async () => {
    bench.upstream.next((_request, respond) => respond.json(200, { input_tokens: 14 }));
    const { stream: _stream, max_tokens: _limit, ...body } = ASK;
    const answer = await bench.run(body, { url: "/v1/messages/count_tokens" });
    expect(answer.json).to.deep.equal({ input_tokens: 14 });
    const { path, body: sent } = await bench.upstream.received();
    expect(path).to.equal("/v1/messages/count_tokens");
    expect(JSON.parse(sent.toString())).to.deep.equal({ ...body, model: "fake-model" });
    expect(await bench.services.store.usage.entry(answer.exchange.id)).to.equal(undefined);
    expect((await bench.services.store.ledger.pool("c-bot", bench.services.clock()))?.balanceNano ?? coins("10")).to.equal(coins("10"));
  });
});
