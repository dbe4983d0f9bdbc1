import { expect } from "chai";
import { runRows, type WireTable } from "./support/rows";
import { CHAT, CHAT_PATH, wireBench } from "./support/wireBench";

const get = (path: string) => ({ method: "GET", path });

describe("the wire: surface", () => {
  const bench = wireBench();

  describe("W1: an allow-list of paths", () => {
    const open: WireTable = Object.fromEntries([
      ["GET", "/v1/models"], ["HEAD", "/v1/models"], ["GET", "/v1/models/m"], ["HEAD", "/v1/models/m"], ["GET", "/v1/me"], ["HEAD", "/v1/me"],
      ["POST", "/v1/chat/completions"], ["POST", "/chat/completions"], ["POST", "/v1/completions"], ["POST", "/completions"],
      ["POST", "/v1/embeddings"], ["POST", "/embeddings"],
    ].map(([method, path]) => [`W1: ${method} ${path} is served`, { send: { method, path, body: method === "POST" ? { ...CHAT, prompt: "x", input: "x" } : undefined }, status: 200 }]));
    runRows(bench, open);

    const closed: WireTable = Object.fromEntries([
      "/v1", "/v1/", "/v2/chat/completions", "/v1/chat", "/v1/chat/completions/extra", "/v1/chat/completions/", "/V1/chat/completions", "/v1/Chat/Completions", "//v1/chat/completions",
      "/v1//chat/completions", "/v1/chat/completions%2f", "/v1/chat%2fcompletions", "/v1/./chat/completions", "/v1/x/../chat/completions", "/v1/chat/completions;x=1",
      "/flush_cache", "/api/delete", "/sleep", "/v1/load_lora_adapter", "/v1/files", "/v1/fine_tuning/jobs", "/tokenize", "/api/generate", "/server_info",
    ].map((path) => [`W1: POST ${path} is 404`, { send: { path }, status: 404, code: "not_found", arrives: "nothing" as const }]));
    runRows(bench, closed);

    runRows(bench, {
      "W1: a query does not change which path it is": { send: { path: `${CHAT_PATH}?api-version=2024-10-21` }, arrives: { path: CHAT_PATH } },
      "W1: a target with a host of its own is the same path": { send: { path: `http://elsewhere.example${CHAT_PATH}` } },
      "W1: a path that is not percent-encoding is 400": { send: get("/v1/models/%zz"), status: 400, code: "invalid_request" },
      "W1: a method that the path does not know is 405 and says which it does": { send: { method: "DELETE", path: CHAT_PATH }, status: 405, code: "method_not_allowed", headers: { allow: /\bPOST\b/ } },
      "W1: POST on the list of models is 405": { send: { path: "/v1/models" }, status: 405, code: "method_not_allowed", headers: { allow: /GET, HEAD/ } },
    });
  });

  describe("W2: ids with slashes", () => {
    runRows(bench, Object.fromEntries(["org/named:7b", "org%2Fnamed:7b", "org%2fnamed%3A7b", "org/named%3a7b"].map((id) => [
      `W2: /v1/models/${id} is the one model`, { send: get(`/v1/models/${id}`), body: /"id":"org\/named:7b"/ },
    ])));
    runRows(bench, {
      "W2: an id that is encoded twice is another id": { send: get("/v1/models/org%252Fnamed:7b"), status: 404, code: "model_not_found" },
      "W2: the id of a body is taken as it is": { send: { body: { ...CHAT, model: "org/named:7b" } }, arrives: { body: '{"model":"real/name","messages":[{"role":"user","content":"Hello there"}]}' } },
      "W2: an escaped slash in JSON is a slash": { send: { body: '{"model":"org\\/named:7b","messages":[]}' }, arrives: { body: '{"model":"real/name","messages":[]}' } },
    });
  });

  runRows(bench, {
    "W3: a call of another kind is 400 and says what the model serves": {
      send: { body: { ...CHAT, model: "embedder" } }, status: 400, code: "endpoint_not_supported", message: /embeddings/, arrives: "nothing",
    },
    "W3: what the model serves is served": { send: { path: "/v1/embeddings", body: { model: "embedder", input: "x" } } },
    "W4: a denied, a disabled and an unknown model are one 404: denied": { send: get("/v1/models/closed"), status: 404, code: "model_not_found" },
    "W4: a denied, a disabled and an unknown model are one 404: disabled": { send: get("/v1/models/off"), status: 404, code: "model_not_found" },
    "W4: a denied, a disabled and an unknown model are one 404: unknown": { send: get("/v1/models/nobody"), status: 404, code: "model_not_found" },
    "W4: a model that waits for consent is not there yet": { send: get("/v1/models/asks"), status: 404, code: "model_not_found" },
    "W4: prices are exact decimal strings": { send: get("/v1/models/m"), body: /"input_per_million":"0\.5","output_per_million":"1"/ },
  });

  it("W4: the list holds what the caller can use at this moment, with status, capabilities and price", async () => {
    const answer = await bench.call(get("/v1/models"));
    const { object, data } = JSON.parse(answer.body.toString()) as { object: string; data: Record<string, unknown>[] };
    expect(object).to.equal("list");
    expect(data.map(({ id }) => id)).to.deep.equal(["m", "free", "org/named:7b", "embedder", "dead"]);
    for (const model of data) expect(model).to.include.all.keys("id", "object", "created", "owned_by", "status", "capabilities", "needs_consent", "price");
    expect(data[0]).to.deep.include({ object: "model", status: "ok", capabilities: ["chat", "completions", "embeddings"] });
  });

  describe("W5: credentials", () => {
    const way = (name: string, value: () => string) => () => ({ ...get("/v1/models"), key: null, headers: [[name, value()]] as const });
    const other = `sk_${"x".repeat(60)}`;
    runRows(bench, {
      "W5: Authorization: Bearer": { send: way("Authorization", () => `Bearer ${bench.key}`) },
      "W5: the word in any case": { send: way("AUTHORIZATION", () => `bEaReR ${bench.key}`) },
      "W5: any spaces around": { send: way("authorization", () => `  Bearer \t  ${bench.key}  `) },
      "W5: the word may be missing": { send: way("authorization", () => bench.key) },
      "W5: x-api-key": { send: way("x-api-key", () => bench.key) },
      "W5: api-key": { send: way("api-key", () => ` ${bench.key} `) },
      "W5: the same key in two headers is one key": { send: () => ({ ...get("/v1/models"), headers: [["x-api-key", bench.key]] }) },
      "W5: two headers with different keys are 401": { send: { ...get("/v1/models"), headers: [["x-api-key", other]] }, status: 401, code: "invalid_api_key", message: /Different/ },
      "W5: a key in the query is no key": { send: () => ({ ...get(`/v1/models?api_key=${bench.key}&key=${bench.key}&access_token=${bench.key}`), key: null }), status: 401, code: "invalid_api_key" },
      "W5: a cookie is no key": { send: () => ({ ...get("/v1/models"), key: null, headers: [["cookie", `session=${bench.key}; authorization=${bench.key}`]] }), status: 401, code: "invalid_api_key" },
      "W5: Basic is no key": { send: way("authorization", () => `Basic ${Buffer.from(`x:${bench.key}`).toString("base64")}`), status: 401, code: "invalid_api_key" },
      "W5: a key cut short is no key": { send: way("authorization", () => `Bearer ${bench.key.slice(0, -1)}`), status: 401, code: "invalid_api_key" },
      "W5: a key with something behind it is no key": { send: way("authorization", () => `Bearer ${bench.key} x`), status: 401, code: "invalid_api_key" },
    });
  });
});
