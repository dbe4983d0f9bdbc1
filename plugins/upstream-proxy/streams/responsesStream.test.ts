import { expect } from "chai";
import { coins } from "../../../core/domain/testing/snapshots";
import { policySnapshot } from "../../../core/gateway/testing/snapshots";
import type { Responder } from "../../../tests/support/fakeUpstream";
import { eventsOf, RelayBench, sendNamed } from "../testing/relayBench";

const ASK = { model: "dummy", input: "Hello", stream: true };
const PATH = { url: "/v1/responses" };

/** The official opening: the response, its first item, and the part that the text goes into. */
async function begin(respond: Responder): Promise<void> {
  await respond.stream();
  const response = { id: "resp_1", object: "response", created_at: 1, status: "in_progress", model: "fake-model", output: [], instructions: null };
  await sendNamed(respond, { type: "response.created", sequence_number: 0, response });
  await sendNamed(respond, { type: "response.output_item.added", sequence_number: 1, output_index: 0, item: { id: "msg_1", type: "message", status: "in_progress", role: "assistant", content: [] } });
  await sendNamed(respond, { type: "response.content_part.added", sequence_number: 2, item_id: "msg_1", output_index: 0, content_index: 0, part: { type: "output_text", text: "", annotations: [] } });
}

const say = (respond: Responder, sequence_number: number, delta: string) =>
  sendNamed(respond, { type: "response.output_text.delta", sequence_number, item_id: "msg_1", output_index: 0, content_index: 0, delta });

const end = (respond: Responder, type: string, more: object = {}) =>
  sendNamed(respond, {
    type, sequence_number: 9,
    response: { id: "resp_1", object: "response", status: type.slice(9), model: "fake-model", output: [], usage: { input_tokens: 100, input_tokens_details: { cached_tokens: 40 }, output_tokens: 20 }, ...more },
  });

describe("a stream of responses through upstream-proxy", () => {
  const bench = new RelayBench();

  it("W54: passes as it came but for response.model, is charged by its last event, and ends with it", async () => {
    const odd = 'event: response.output_text.delta\r\ndata: {"type":"response.output_text.delta", "sequence_number":3,"delta":"h\\u00e9","model":"inner","n":1.0}\r\n\r\n';
    bench.upstream.next(async (_request, respond) => {
      await begin(respond);
      await respond.body(odd);
      await end(respond, "response.completed");
      await respond.done();
    });
    const answer = await bench.run(ASK, PATH);
    expect(answer.headers).to.include({ "content-type": "text/event-stream; charset=utf-8" });
    expect(answer.text).to.include(odd).and.not.to.include("[DONE]");
    const events = eventsOf(answer.text);
    expect(events.map(({ type }) => type)).to.deep.equal([
      "response.created", "response.output_item.added", "response.content_part.added", "response.output_text.delta", "response.completed",
    ]);
    expect(events[0]?.["response"]).to.include({ model: "dummy", id: "resp_1" });
    expect(events.at(-1)?.["response"]).to.deep.include({ model: "dummy", usage: { input_tokens: 100, input_tokens_details: { cached_tokens: 40 }, output_tokens: 20 } });
    const { path, body } = await bench.upstream.received();
    expect(path).to.equal("/v1/responses");
    expect(JSON.parse(body.toString())).to.deep.equal({ ...ASK, model: "fake-model", max_output_tokens: 4_096 });
    const entry = await bench.entryOf(answer);
    expect(entry).to.deep.include({ costNano: coins("0.0003"), operation: "responses", flags: [], status: 200 });
    expect(entry.usage).to.include({ inputTokens: 100, cachedInputTokens: 40, outputTokens: 20 });
  });

  it("W54: of which the server says that it is incomplete, is whole; of which it says that it failed, is not", async () => {
    bench.upstream.next(async (_request, respond) => {
      await begin(respond);
      await end(respond, "response.incomplete", { incomplete_details: { reason: "max_output_tokens" } });
      await respond.end();
    });
    expect((await bench.entryOf(await bench.run(ASK, PATH))).flags).to.deep.equal([]);
    bench.upstream.next(async (_request, respond) => {
      await begin(respond);
      await say(respond, 3, "half");
      await end(respond, "response.failed", { error: { code: "server_error", message: "out of memory" } });
      await respond.end();
    });
    const failed = await bench.run(ASK, PATH);
    expect(eventsOf(failed.text).at(-1)).to.deep.include({ type: "response.failed", sequence_number: 9 });
    expect(failed.text).to.include("out of memory").and.not.to.include("upstream_incomplete").and.not.to.include("fake-model");
    expect((await bench.entryOf(failed)).flags).to.deep.equal(["failed"]);
  });

  it("W54: that breaks off is delivered as far as it came, then fails with the next number", async () => {
    bench.upstream.next(async (_request, respond) => {
      await begin(respond);
      await say(respond, 7, "Some words that came");
      respond.cut();
    });
    const answer = await bench.run(ASK, PATH);
    const [last, error] = eventsOf(answer.text).slice(-2);
    expect(answer.text).to.match(/Some words.*\n\nevent: response\.failed\ndata: [^\n]*\n\nevent: error\ndata: [^\n]*\n\n$/s);
    expect(error).to.deep.include({ type: "error", sequence_number: 9, error: { type: "server_error", code: "upstream_incomplete", message: error?.["message"], param: null } });
    expect(last).to.include({ type: "response.failed", sequence_number: 8 });
    expect(last?.["response"]).to.deep.include({ id: "resp_1", object: "response", status: "failed", model: "dummy" });
    expect((last?.["response"] as { error: object }).error).to.include({ code: "server_error" });
    const entry = await bench.entryOf(answer);
    expect(entry.flags).to.have.members(["failed", "estimated"]);
    expect(entry.usage.outputTokens).to.be.greaterThan(0);
  });

  it("W54: that falls silent fails, too", async () => {
    bench.upstream.next((_request, respond) => begin(respond));
    const answer = await bench.run(ASK, { ...PATH, endpoints: [bench.endpoint({ timeouts: { connectMs: 1_000, headersMs: 1_000, idleMs: 50 } })] });
    expect(eventsOf(answer.text).at(-2)).to.include({ type: "response.failed", sequence_number: 3 });
    expect(await bench.entryOf(answer)).to.deep.include({ costNano: 0n });
  });

  it("W54: in which the server puts an error of another shape fails in the shape of responses", async () => {
    bench.upstream.next(async (_request, respond) => {
      await begin(respond);
      await respond.event({ error: { message: "out of memory" } });
      await respond.end();
    });
    expect(eventsOf((await bench.run(ASK, PATH)).text).at(-2)).to.include({ type: "response.failed" });
  });

  it("H4: ends as incomplete with all that came when the coins have ended", async () => {
    bench.snapshot = policySnapshot({ defaultPool: { max: "1", refresh: "0", starting: "0.0211" } });
    bench.upstream.next(async (_request, respond) => {
      await begin(respond);
      for (let at = 3; !respond.isClosed; at++) await say(respond, at, "word ");
    });
    const answer = await bench.run({ ...ASK, max_output_tokens: 100_000 }, PATH);
    const events = eventsOf(answer.text);
    const text = events.filter(({ type }) => type === "response.output_text.delta").map(({ delta }) => delta as string).join("");
    expect(events.slice(-4).map(({ type }) => type)).to.deep.equal([
      "response.output_text.done", "response.content_part.done", "response.output_item.done", "response.incomplete",
    ]);
    expect(events.map(({ sequence_number }) => sequence_number)).to.deep.equal(events.map((_event, at) => at));
    const { response } = events.at(-1) as { response: Record<string, unknown> };
    const entry = await bench.entryOf(answer);
    expect(response).to.deep.include({
      status: "incomplete", incomplete_details: { reason: "max_output_tokens" }, lumen: { stopped: "insufficient_quota" }, model: "dummy",
      output: [{ id: "msg_1", type: "message", status: "incomplete", role: "assistant", content: [{ type: "output_text", text, annotations: [], logprobs: [] }] }],
    });
    expect(response["usage"]).to.include({ output_tokens: entry.usage.outputTokens });
    expect(entry.flags).to.include("stopped");
    await (await bench.upstream.received()).closed;
  });

  it("W50: of an answer that is not streamed the same bytes pass, and its usage is read", async () => {
    const whole = '{"id":"resp_1", "object":"response","model" : "fake-model","output":[],"usage":{"input_tokens":100,"output_tokens":20},"n":1e400}';
    bench.upstream.next((_request, respond) => respond.json(200, whole));
    const answer = await bench.run({ model: "dummy", input: "Hello", max_output_tokens: 50 }, PATH);
    expect(answer.text).to.equal(whole.replace('"fake-model"', '"dummy"'));
    expect(answer.headers).to.include({ "x-lumen-cost": "0.0003" });
    expect((await bench.upstream.received()).json()).to.deep.equal({ model: "fake-model", input: "Hello", max_output_tokens: 50 });
  });
});
