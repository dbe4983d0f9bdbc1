import { connect } from "node:net";
import { expect } from "chai";
import { callApi, chatBody, type ApiError } from "../support/apiCall";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { testConfig } from "../support/testConfig";

describe("what a caller is told when something is wrong", () => {
  let lumen: LumenProcess;
  let key: string;

  before(async () => {
    lumen = await startLumenProcess({
      config: testConfig({ models: [{ name: "org/embedder", capabilities: ["embeddings"], endpoints: [{ url: "demo:" }] }], more: { server: { body_limit_mb: 1 } } }),
    });
    key = await lumen.newKey("bot");
  });
  after(() => lumen.remove());

  const cases: [what: string, path: string, options: Parameters<typeof callApi>[2], status: number, code: string][] = [
    ["no key", "/v1/models", {}, 401, "invalid_api_key"],
    ["a key of the wrong shape", "/v1/models", { key: "sk_x" }, 401, "invalid_api_key"],
    ["an unknown path", "/v1/nothing", {}, 404, "not_found"],
    ["a path of a backend's administration", "/flush_cache", { method: "POST" }, 404, "not_found"],
    ["a malformed path", "/v1/models/%zz", {}, 400, "invalid_request"],
    ["a wrong method", "/v1/chat/completions", {}, 405, "method_not_allowed"],
    ["no body", "/v1/chat/completions", { method: "POST" }, 400, "invalid_json"],
    ["a body that is no JSON", "/v1/chat/completions", { body: "{" }, 400, "invalid_json"],
    ["a body that is no object", "/v1/chat/completions", { body: "[]" }, 400, "invalid_json"],
    ["a body nested beyond reason", "/v1/chat/completions", { body: `{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}` }, 400, "invalid_json"],
    ["no model", "/v1/chat/completions", { body: { messages: [] } }, 400, "missing_required_parameter"],
    ["a model that is a number", "/v1/chat/completions", { body: { model: 7 } }, 400, "missing_required_parameter"],
    ["a member that differs from model in case alone", "/v1/chat/completions", { body: { model: "m", MODEL: "x" } }, 400, "unsupported_parameter"],
    ["a model that is named twice", "/v1/chat/completions", { body: '{"model":"m","messages":[],"model":"m"}' }, 400, "unsupported_parameter"],
    ["a path in other case", "/V1/models", {}, 404, "not_found"],
    ["a path with a slash at its end", "/v1/chat/completions/", { body: chatBody("m") }, 404, "not_found"],
    ["an unknown model", "/v1/chat/completions", { body: chatBody("zzz") }, 404, "model_not_found"],
    ["a model's name of 100 kB", "/v1/chat/completions", { body: chatBody("z".repeat(100_000)) }, 404, "model_not_found"],
    ["a model named __proto__", "/v1/chat/completions", { body: chatBody("__proto__") }, 404, "model_not_found"],
    ["a path that the model does not serve", "/v1/chat/completions", { body: chatBody("org/embedder") }, 400, "endpoint_not_supported"],
    ["a body over the limit", "/v1/chat/completions", { body: chatBody("m", "x".repeat(1_100_000)) }, 413, "request_too_large"],
    ["an encoding that nobody knows", "/v1/chat/completions", { body: chatBody("m"), headers: { "content-encoding": "zstd" } }, 415, "unsupported_media_type"],
    ["multipart where JSON is wanted", "/v1/chat/completions", { body: "--x", headers: { "content-type": "multipart/form-data; boundary=x" } }, 415, "unsupported_media_type"],
  ];
  for (const [what, path, options, status, code] of cases) {
    it(`${status} ${code}: ${what}`, async () => {
      const answer = await callApi<ApiError>(lumen.url, path, { ...(status === 401 ? {} : { key }), ...options });
      expect(answer.status).to.equal(status);
      expect(answer.headers.get("content-type")).to.contain("application/json");
      expect(answer.headers.get("x-request-id")).to.match(/^[0-9a-f-]{36}$/);
      expect(Object.keys(answer.json.error)).to.include.members(["message", "type", "param", "code"]);
      expect(answer.json.error.code).to.equal(code);
      expect(answer.text).not.to.match(/ at .*\.[jt]s/);
      if (status === 401) expect(answer.headers.get("www-authenticate")).to.equal("Bearer");
      if (status === 405) expect(answer.headers.get("allow")).to.equal("POST");
    });
  }

  it("refuses two different keys at once, and takes one in any of its headers", async () => {
    const both = await callApi(lumen.url, "/v1/models", { key, headers: { "x-api-key": "sk_other" } });
    expect(both.status).to.equal(401);
    const ways: Record<string, string>[] = [{ "x-api-key": key }, { "api-key": key }, { authorization: `bEARER   ${key}  ` }, { authorization: `Bearer ${key}`, "x-api-key": key }];
    for (const headers of ways) {
      expect((await callApi(lumen.url, "/v1/models", { headers })).status).to.equal(200);
    }
    expect((await callApi(lumen.url, `/v1/models?api_key=${key}`)).status).to.equal(401);
  });

  it("finds a model by an id with a slash, plain and percent-encoded", async () => {
    for (const id of ["org/embedder", "org%2Fembedder"]) {
      expect((await callApi(lumen.url, `/v1/models/${id}`, { key })).json).to.include({ id: "org/embedder" });
    }
  });

  for (const [what, bytes, status] of [
    ["a request line that is none", "HELLO\r\n\r\n", 400],
    ["headers without end", `GET / HTTP/1.1\r\nx: ${"y".repeat(40_000)}\r\n\r\n`, 431],
    ["two lengths at once", "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}", 400],
  ] as const) {
    it(`answers ${status} in JSON to ${what}`, async () => {
      const text = await rawCall(lumen.url, bytes);
      expect(text).to.match(new RegExp(`^HTTP/1.1 ${status} `));
      expect(JSON.parse(text.slice(text.indexOf("\r\n\r\n") + 4))).to.have.nested.property("error.type", "invalid_request_error");
    });
  }

  it("answers a request with an absolute target as any other", async () => {
    const text = await rawCall(lumen.url, `DELETE http://elsewhere.example/v1/models HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    expect(text).to.match(/^HTTP\/1.1 405 /);
  });

  it("takes a gzip body, and refuses one that unpacks beyond the limit", async () => {
    const { gzipSync } = await import("node:zlib");
    const send = (text: string) =>
      fetch(`${lumen.url}/v1/chat/completions`, {
        method: "POST", headers: { authorization: `Bearer ${key}`, "content-encoding": "gzip", "content-type": "application/json" }, body: new Uint8Array(gzipSync(text)),
      });
    expect((await send(JSON.stringify(chatBody("m", "hi", { max_tokens: 3 })))).status).to.equal(200);
    expect((await send(JSON.stringify(chatBody("m", "x".repeat(3_000_000))))).status).to.equal(413);
  });

  it("answers health and readiness without a key", async () => {
    expect((await callApi(lumen.url, "/healthz")).json).to.include({ status: "ok" });
    expect((await callApi(lumen.url, "/readyz")).json).to.include({ status: "ready", config: "current", store: "ok" });
  });
});

function rawCall(base: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.on("data", (chunk) => (text += chunk.toString("latin1"))).on("close", () => resolve(text)).on("error", reject);
  });
}
