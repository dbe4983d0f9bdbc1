import { expect } from "chai";
import type { Handler } from "../support/fakeUpstream";
import { AnswerReader } from "./support/answerReader";
import { runRows, type WireTable } from "./support/rows";
import { CHAT, CHAT_PATH, errorOf, wireBench, type CallSpec } from "./support/wireBench";

const chat = (more: object): CallSpec => ({ body: { ...CHAT, ...more } });
const json = (status: number, body: unknown, headers: Record<string, string> = {}): { upstream: Handler } => ({ upstream: (_request, respond) => respond.json(status, body, headers) });

describe("the wire: errors", () => {
  const bench = wireBench({ config: { more: { app: { base_url: "https://lumen.example.edu" } } } });
  let poor = "";
  let paused = "";
  before(async () => {
    poor = (await bench.newKey("poor", { coinCap: "0.000001" })).key;
    paused = (await bench.newKey("paused")).key;
    await bench.command("client.deactivate", { name: "paused" });
  });

  runRows(bench, {
    "W6: an error of an unknown path is JSON of the one shape": { send: { method: "GET", path: "/v1/nothing" }, status: 404, code: "not_found" },
    "W6: so is one of a method that nobody knows": { send: { method: "PROPFIND", path: "/v1/models" }, status: 405, code: "method_not_allowed" },
    "W6: so is one of a pipeline": { send: { body: "{" }, status: 400, code: "invalid_json" },
    "W7: 400 invalid_json": { send: { body: '{"model":"m",}' }, status: 400, code: "invalid_json" },
    "W7: 400 missing_required_parameter": { send: { body: { messages: [] } }, status: 400, code: "missing_required_parameter" },
    "W7: 400 unsupported_parameter": { send: chat({ Model: "x" }), status: 400, code: "unsupported_parameter" },
    "W7: 400 endpoint_not_supported": { send: chat({ model: "embedder" }), status: 400, code: "endpoint_not_supported" },
    "W7: 401 with its challenge": { send: { key: null }, status: 401, code: "invalid_api_key", headers: { "www-authenticate": "Bearer" } },
    "W7: 403 account_disabled": { send: () => ({ key: paused }), status: 403, code: "account_disabled" },
    "W7: 403 model_access_denied": { send: chat({ model: "closed" }), status: 403, code: "model_access_denied" },
    "W7: 403 consent_required": { send: chat({ model: "asks" }), status: 403, code: "consent_required" },
    "W7: 404 for an unknown model": { send: chat({ model: "nobody" }), status: 404, code: "model_not_found" },
    "W7: 404 for a disabled model, in the same words": { send: chat({ model: "off" }), status: 404, code: "model_not_found", message: /There is no model/ },
    "W7: 405 with Allow": { send: { method: "GET", path: CHAT_PATH }, status: 405, code: "method_not_allowed", headers: { allow: /POST/ } },
    "W7: 415 for an encoding that is not known": { send: { headers: [["content-encoding", "br"]] }, status: 415, code: "unsupported_media_type" },
    "W7: 503 no_healthy_endpoint with Retry-After": { send: chat({ model: "dead" }), status: 503, code: "no_healthy_endpoint", headers: { "retry-after": /^\d+$/ } },
  });

  describe("W8: the order of checks", () => {
    const steps: readonly [what: string, worse: () => CallSpec, code: string][] = [
      ["the path before the key", () => ({ path: "/v1/nothing", key: null }), "not_found"],
      ["the method before the key", () => ({ method: "PUT", key: null }), "method_not_allowed"],
      ["the key before the body", () => ({ key: "sk_no", body: "{" }), "invalid_api_key"],
      ["the account before the body", () => ({ key: paused, body: "{" }), "account_disabled"],
      ["the body before the model", () => ({ body: '{"model":"nobody"' }), "invalid_json"],
      ["the model before its capability", () => chat({ model: "nobody" }), "model_not_found"],
      ["access before capability", () => ({ path: "/v1/embeddings", body: { model: "closed", input: "x" } }), "model_access_denied"],
      ["capability before consent", () => ({ path: "/v1/embeddings", body: { model: "asks", input: "x" } }), "endpoint_not_supported"],
      ["the balance before the endpoint", () => ({ key: poor, ...chat({ model: "dead" }) }), "insufficient_quota"],
    ];
    for (const [what, worse, code] of steps) {
      it(`W8: ${what}`, async () => expect(errorOf(await bench.call(worse())).code).to.equal(code));
    }
  });

  runRows(bench, {
    "W9: coins that do not cover a call are 429 insufficient_quota, not to be tried again": {
      send: () => ({ key: poor }), status: 429, code: "insufficient_quota", headers: { "x-should-retry": "false" }, message: /coins are available.*refill/, arrives: "nothing",
    },
    "W9: a stream that coins do not cover is refused before it begins": { send: () => ({ key: poor, ...chat({ stream: true }) }), status: 429, code: "insufficient_quota", headers: { "content-type": /json/ } },
    "W10: consent_required says who gives it, and where": { send: chat({ model: "asks" }), status: 403, code: "consent_required", message: /manager.*https:\/\/lumen\.example\.edu\/models\/asks/, body: /"consent_url":"https:/ },
  });

  describe("W11: the upstream's errors", () => {
    const shapes: WireTable = {
      "W11: a nested error keeps status, message, type, code and param": { ...json(400, { error: { message: "too hot", type: "bad_request", code: "temperature", param: "temperature" } }), status: 400, code: "temperature", message: /^too hot$/, body: /"type":"bad_request","param":"temperature"/ },
      "W11: a flat error": { ...json(404, { object: "error", message: "no such adapter", type: "NotFoundError", code: 404 }), status: 404, message: /^no such adapter$/ },
      "W11: an error that is a text": { ...json(413, { error: "prompt too long" }), status: 413, message: /^prompt too long$/ },
      "W11: a detail": { ...json(422, { detail: "field required" }), status: 422, message: /^field required$/ },
      "W11: a list of details": { ...json(422, { detail: [{ loc: ["body", "n"], msg: "not an integer" }] }), status: 422, message: /not an integer/ },
      "W11: plain text": { ...json(400, "nope, not like that", { "content-type": "text/plain" }), status: 400, message: /^nope, not like that$/ },
      "W11: HTML is not shown": { ...json(400, "<html><h1>Bad Request</h1></html>", { "content-type": "text/html" }), status: 400, message: /^(?!.*<)/ },
      "W11: an empty body": { ...json(400, ""), status: 400, message: /400/ },
      "W11: a JSON that is no object": { ...json(400, "[1,2]"), status: 400 },
      "W11: a null": { ...json(400, "null"), status: 400 },
      "W11: an error that is null": { ...json(400, { error: null, message: "still said" }), status: 400, message: /still said/ },
    };
    runRows(bench, shapes);

    const statuses: readonly [status: number, here: number, code: string | null][] = [
      [300, 502, "upstream_error"], [301, 502, "upstream_error"], [304, 502, "upstream_error"], [307, 502, "upstream_error"], [401, 502, "upstream_error"], [402, 503, "upstream_quota"], [403, 502, "upstream_error"],
      [404, 404, null], [405, 405, null], [407, 502, "upstream_error"], [408, 408, null], [409, 409, null], [418, 418, null], [422, 422, null], [451, 451, null],
      [429, 429, "rate_limit_exceeded"], [500, 502, "upstream_error"], [501, 502, "upstream_error"], [502, 502, "upstream_error"], [503, 503, "overloaded"], [504, 504, "upstream_timeout"],
      [520, 502, "upstream_error"], [599, 502, "upstream_error"],
    ];
    runRows(bench, Object.fromEntries(statuses.map(([status, here, code]) => [
      `W11: ${status} from upstream is ${here} ${code ?? "with its own code"}`,
      { ...json(status, { error: { message: "said upstream", type: "x", code: null } }, status === 301 ? { location: "http://127.0.0.1:1/" } : {}), status: here, code, headers: { location: undefined } },
    ])));
    runRows(bench, {
      "W11: a quota of the institution is not the caller's": { ...json(429, { error: { message: "You exceeded your current quota", type: "insufficient_quota", code: "insufficient_quota" } }), status: 503, code: "upstream_quota", message: /institution/ },
      "W11: how long to wait is passed on": { ...json(429, { error: { message: "slow" } }, { "retry-after": "7" }), status: 429, headers: { "retry-after": "7" } },
      "W11: a refusal is never relayed compressed": { upstream: (_request, respond) => respond.gzip(400, { error: { message: "squeezed" } }), status: 400, headers: { "content-encoding": undefined }, message: /^squeezed$/ },
      "W11: words of our key are not the caller's to read": { ...json(401, { error: { message: "Incorrect API key provided: sk-institution-1234" } }), status: 502, message: /^(?!.*sk-institution)/ },
    });
  });

  describe("W12: early answers", () => {
    const early: readonly [what: string, bytes: string, status: number, code: string][] = [
      ["a request line that is none", "HELLO\r\n\r\n", 400, "invalid_request"],
      ["a method of nobody's", "BREW /v1/models HTTP/1.1\r\nhost: x\r\n\r\n", 400, "invalid_request"],
      ["a version of nobody's", "GET /v1/models HTTP/9.9\r\nhost: x\r\n\r\n", 400, "invalid_request"],
      ["no host", "GET /v1/models HTTP/1.1\r\n\r\n", 400, "invalid_request"],
      ["headers of 40 kB", `GET /v1/models HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(40_000)}\r\n\r\n`, 431, "headers_too_large"],
      ["a target of 40 kB", `GET /v1/models?${"y".repeat(40_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, 431, "headers_too_large"],
      ["two framings at once", `POST ${CHAT_PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}`, 400, "invalid_request"],
      ["two lengths", `POST ${CHAT_PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}`, 400, "invalid_request"],
      ["a length that is no number", `POST ${CHAT_PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: two\r\n\r\n{}`, 400, "invalid_request"],
      ["a length below zero", `POST ${CHAT_PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n`, 400, "invalid_request"],
      ["a header without a name", "GET /v1/models HTTP/1.1\r\nhost: x\r\n: y\r\n\r\n", 400, "invalid_request"],
      ["a header with a bare CR", "GET /v1/models HTTP/1.1\r\nhost: x\r\nx: a\rb\r\n\r\n", 400, "invalid_request"],
      ["a space before the colon", "GET /v1/models HTTP/1.1\r\nhost : x\r\n\r\n", 400, "invalid_request"],
      ["NUL in a header", "GET /v1/models HTTP/1.1\r\nhost: x\r\nx: \0\r\n\r\n", 400, "invalid_request"],
      ["TLS on a port without TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "invalid_request"],
      ["chunks that are none", `POST ${CHAT_PATH} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n`, 400, "invalid_request"],
    ];
    for (const [what, bytes, status, code] of early) {
      it(`W12: ${what} is ${status} in JSON, and the connection ends`, async () => {
        const client = await bench.open();
        try {
          await client.write(Buffer.from(bytes, "latin1"));
          const answer = await client.answer();
          expect(answer.status, answer.statusLine).to.equal(status);
          expect(errorOf(answer).code).to.equal(code);
          expect(answer.headers).to.include.keys("x-request-id", "content-length");
          await client.closed;
        } finally {
          client.leave();
        }
      });
    }

    it("W12: what comes before a broken request on one connection is answered as ever", async () => {
      const client = await bench.open();
      try {
        await client.send(bench.request({ method: "GET", path: "/v1/models" }));
        expect((await client.answer("GET")).status).to.equal(200);
        await client.write("NONSENSE\r\n\r\n");
        expect((await client.answer()).status).to.equal(400);
      } finally {
        client.leave();
      }
    });

    it("W12: an answer of the reader itself is read byte by byte as at once", () => {
      const bytes = Buffer.from("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nx: 1\r\nX: 2\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\nrest".replace("1;x=y", "1"));
      const reader = new AnswerReader("GET");
      const rest: Buffer[] = [];
      for (const byte of bytes) rest.push(reader.feed(Buffer.from([byte])));
      const { status, headers, body, whole } = reader.read();
      expect({ status, x: headers["x"], body: body.toString(), whole, rest: Buffer.concat(rest).toString() }).to.deep.equal({ status: 200, x: "1, 2", body: "abc", whole: true, rest: "rest" });
    });
  });
});
