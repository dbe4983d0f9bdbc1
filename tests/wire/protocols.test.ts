import { expect } from "chai";
import type { Handler } from "../support/fakeUpstream";
import { runRows } from "./support/rows";
import { wireBench } from "./support/wireBench";

const RESPONSES = "/v1/responses";
const MESSAGES = "/v1/messages";
const ALL = ["chat", "responses", "messages", "moderations", "rerank"];
const FREE = { input_cost_per_million: 0, output_cost_per_million: 0 };

/** A JSON answer, written as it stands here. */
const says = (text: string, status = 200): Handler => (_request, respond) => respond.json(status, text);
/** A stream of these bytes; whole unless it is cut. */
const streams = (text: string, end: "end" | "cut" = "end"): Handler => async (_request, respond) => {
  await respond.stream();
  await respond.body(text);
  if (end === "cut") respond.cut();
  else await respond.end();
};
const event = (name: string, data: object): string => `event: ${name}\ndata: ${JSON.stringify({ type: name, ...data })}\n\n`;

const CREATED = event("response.created", { sequence_number: 0, response: { id: "resp_1", model: "other/name", status: "in_progress", output: [] } });
const DELTA = event("response.output_text.delta", { sequence_number: 1, item_id: "msg_1", output_index: 0, content_index: 0, delta: "Hello" });
const COMPLETED = event("response.completed", {
  sequence_number: 2, response: { id: "resp_1", model: "other/name", status: "completed", output: [], usage: { input_tokens: 7, output_tokens: 3, total_tokens: 10 } },
});
const START = event("message_start", { message: { id: "msg_1", model: "other/name", role: "assistant", content: [], usage: { input_tokens: 5, cache_read_input_tokens: 2, output_tokens: 1 } } });
const PIECE = `${event("content_block_start", { index: 0, content_block: { type: "text", text: "" } })}${event("content_block_delta", { index: 0, delta: { type: "text_delta", text: "Hello" } })}`;
const STOP = `${event("content_block_stop", { index: 0 })}${event("message_delta", { delta: { stop_reason: "end_turn" }, usage: { output_tokens: 3 } })}${event("message_stop", {})}`;

const ask = (path: string, more: object = {}) => ({ path, body: { model: "many", input: "Hello", max_tokens: 16, messages: [{ role: "user", content: "Hello" }], ...more } });
const free = (path: string, body: string) => ({ path, body });

describe("the wire: responses and messages", () => {
  const bench = wireBench({
    config: ({ url }) => ({
      models: [
        { name: "many", input_cost_per_million: 1, output_cost_per_million: 1, capabilities: ALL, endpoints: [{ url, model: "other/name" }] },
        { name: "trusting", ...FREE, capabilities: ALL, stored_references: true, endpoints: [{ url }] },
        { name: "gratis", ...FREE, capabilities: ALL, endpoints: [{ url }] },
        { name: "counted", ...FREE, capabilities: ["messages"], endpoints: [{ url, auth: "x-api-key", api_key: "of-the-server", model: "other/name" }] },
      ],
    }),
  });

  const BODIES = {
    [RESPONSES]: '{"model":"gratis" , "input":[{"role":"user","content":"Hi"}],"seed":12345678901234567890,"x":0.10}',
    [MESSAGES]: '{"max_tokens":9,"model":"gratis","messages":[{"role":"user","content":"\\u00e9"}],"x":{"y":[1e400]}}',
    "/v1/moderations": '{"model":"gratis","input":["a","b"]}',
    "/v1/rerank": '{"model":"gratis","query":"q","documents":["a","b"],"top_n":1}',
  };
  describe("W50: protocols pass through", () => {
    for (const [path, body] of Object.entries(BODIES)) {
      const answer = '{"id" : "x","seed":12345678901234567890,"results":[]}';
      runRows(bench, {
        [`W50: ${path} goes out byte for byte, and its answer comes back so`]: { send: free(path, body), upstream: says(answer), body: answer, arrives: { path, body } },
        [`W50: ${path} is served without /v1 too`]: { send: free(path.slice(3), body), upstream: says("{}"), arrives: { path, body } },
        [`W3: ${path} is 400 for a model that does not serve it`]: { send: free(path, body.replace("gratis", "embedder")), status: 400, arrives: "nothing" },
      });
    }
    runRows(bench, {
      "W50: the output limit of responses is max_output_tokens, and nothing else is added": {
        send: free(RESPONSES, '{"model":"many","input":"Hi","stream":true}'), upstream: streams(CREATED + COMPLETED),
        arrives: { body: '{"model":"other/name","input":"Hi","stream":true,"max_output_tokens":4096}' },
      },
      "W50: the limit of messages that was asked for stays": {
        send: free(MESSAGES, '{"model":"many","max_tokens":16,"messages":[],"stream":true}'), upstream: streams(START + STOP),
        arrives: { body: '{"model":"other/name","max_tokens":16,"messages":[],"stream":true}' },
      },
    });
  });

  describe("W51: responses keep no state", () => {
    for (const [name, value] of Object.entries({ previous_response_id: "resp_1", conversation: { id: "conv_1" }, background: true })) {
      runRows(bench, {
        [`W51: ${name} is refused by name`]: {
          send: ask(RESPONSES, { [name]: value }), status: 400, code: "unsupported_parameter", message: new RegExp(name), arrives: "nothing",
        },
        [`W51: ${name} of null is nothing`]: { send: ask(RESPONSES, { [name]: null }), upstream: says("{}") },
      });
    }
    for (const method of ["GET", "DELETE"]) {
      runRows(bench, { [`W51: ${method} of a response is 404`]: { send: { method, path: `${RESPONSES}/resp_1` }, status: 404, code: "not_found", arrives: "nothing" } });
    }
  });

  describe("W44: what is stored at the provider", () => {
    const REFERENCE = { input: [{ role: "user", content: "Hi" }, { type: "item_reference", id: "msg_1" }] };
    const FILE = { messages: [{ role: "user", content: [{ type: "file", file: { file_id: "file-1" } }] }] };
    const STORED = '{"model":"trusting","prompt":{"id":"pmpt_1"},"input":[{"id":"msg_1"}],"tools":[{"type":"file_search","vector_store_ids":["vs_1"]}]}';
    const no = { status: 400, code: "unsupported_parameter", arrives: "nothing" } as const;
    runRows(bench, {
      "W44: an item that is only a reference is refused, and told how else": { send: ask(RESPONSES, REFERENCE), ...no, message: /'input\[1\]'.*'store' is false/ },
      "W44: a stored prompt is refused by name": { send: ask(RESPONSES, { prompt: { id: "pmpt_1" } }), ...no, message: /'prompt'/ },
      "W44: a stored file of chat is refused by its place": { send: ask("/v1/chat/completions", FILE), ...no, message: /'messages\[0\]\.content\[0\]\.file\.file_id'/ },
      "W44: the names as text are nobody's business": { send: ask(RESPONSES, { input: "item_reference file_id" }), upstream: says("{}") },
      "W44: a model with stored_references takes them": {
        send: free(RESPONSES, STORED), upstream: says("{}"), arrives: { body: STORED },
      },
    });
  });

  it("W52: counting tokens passes, and is in nobody's ledger", async () => {
    bench.upstream.always(says('{"input_tokens":14}'));
    const answer = await bench.call(ask(`${MESSAGES}/count_tokens`));
    expect([answer.status, answer.body.toString()]).to.deep.equal([200, '{"input_tokens":14}']);
    expect(bench.upstream.requests.at(-1)?.path).to.equal(`${MESSAGES}/count_tokens`);
    expect(await bench.booked(answer.headers["x-request-id"])).to.equal(undefined);
  });

  describe("W53: errors of messages have Anthropic's shape", () => {
    const rows: [what: string, send: Parameters<typeof bench.call>[0], status: number, type: string, code: string, upstream?: Handler][] = [
      ["no key", { ...ask(MESSAGES), key: null }, 401, "authentication_error", "invalid_api_key"],
      ["an unknown model", ask(MESSAGES, { model: "nobody" }), 404, "not_found_error", "model_not_found"],
      ["another method", { method: "GET", path: MESSAGES }, 405, "invalid_request_error", "method_not_allowed"],
      ["a body that is no JSON", { path: MESSAGES, body: "{" }, 400, "invalid_request_error", "invalid_json"],
      ["a path below it", { path: `${MESSAGES}/batches` }, 404, "not_found_error", "not_found"],
      ["a refusal of the server", ask(MESSAGES), 400, "invalid_request_error", "invalid_request", says('{"type":"error","error":{"type":"invalid_request_error","message":"too long"}}', 400)],
      ["a server that fails", ask(MESSAGES), 502, "api_error", "upstream_error", says("{}", 500)],
    ];
    for (const [what, send, status, type, code, upstream] of rows) {
      it(`W53: ${what}`, async () => {
        if (upstream) bench.upstream.always(upstream);
        const answer = await bench.call(send);
        const { error, ...envelope } = JSON.parse(answer.body.toString()) as { type: string; request_id: string; error: { type: string; message: string; details?: { error_code?: string } } };
        expect(answer.status).to.equal(status);
        expect(envelope).to.deep.equal({ type: "error", request_id: answer.headers["x-request-id"] });
        expect(answer.headers["request-id"]).to.equal(envelope.request_id);
        expect(error).to.include({ type });
        if (what !== "a refusal of the server") expect(error.details?.error_code).to.equal(code);
        expect(error.message).to.not.equal("");
      });
    }
  });

  const streamed = { stream: true };
  runRows(bench, {
    "W54: a stream of responses passes but for its model, and has no [DONE]": {
      send: ask(RESPONSES, streamed), upstream: streams(CREATED + DELTA + COMPLETED), body: (CREATED + DELTA + COMPLETED).replaceAll("other/name", "many"),
      headers: { "content-type": /^text\/event-stream/, "x-lumen-upstream-model": "other/name" },
    },
    "W54: one that breaks off ends with response.failed, one number on, and an error": {
      send: ask(RESPONSES, streamed), upstream: streams(CREATED + DELTA, "cut"), body: /delta":"Hello"}\n\nevent: response\.failed\ndata: \{.*"sequence_number":2.*\}\n\nevent: error\ndata: /,
    },
    "W55: a stream of messages passes, ping too, but for its model": {
      send: ask(MESSAGES, streamed), upstream: streams(`${START}event: ping\ndata: {"type": "ping"}\n\n${PIECE}${STOP}`),
      body: `${START}event: ping\ndata: {"type": "ping"}\n\n${PIECE}${STOP}`.replaceAll("other/name", "many"),
    },
    "W55: a message_stop that is missing is added": { send: ask(MESSAGES, streamed), upstream: streams((START + PIECE + STOP).replace(event("message_stop", {}), "")), body: /"end_turn".*\n\nevent: message_stop\n/s },
    "W55: one that breaks off ends with an error": { send: ask(MESSAGES, streamed), upstream: streams(START + PIECE, "cut"), body: /"Hello"\}\}\n\nevent: error\ndata: \{"type":"error".*\n\n$/ },
    "W18: the server's key of messages goes in its own header, versions pass": {
      send: { ...ask(MESSAGES, { model: "counted" }), headers: [["anthropic-version", "2023-06-01"], ["anthropic-beta", "x-1"]] }, upstream: says("{}"),
      arrives: { headers: { "x-api-key": "of-the-server", authorization: undefined, "anthropic-version": "2023-06-01", "anthropic-beta": "x-1" } },
    },
  });

  it("W55: input is that of message_start with its cache, output that of message_delta (C1)", async () => {
    bench.upstream.always(streams(START + PIECE + STOP));
    const answer = await bench.call(ask(MESSAGES, streamed));
    const entry = await bench.booked(answer.headers["x-request-id"]);
    expect(entry?.usage).to.include({ inputTokens: 7, cachedInputTokens: 2, outputTokens: 3 });
  });

  it("W54: usage is that of the last event (C1)", async () => {
    bench.upstream.always(streams(CREATED + DELTA + COMPLETED));
    const answer = await bench.call(ask(RESPONSES, streamed));
    expect((await bench.booked(answer.headers["x-request-id"]))?.usage).to.include({ inputTokens: 7, outputTokens: 3 });
  });
});
