import { expect } from "chai";
import { answerWell, type Handler } from "../support/fakeUpstream";
import { runRows } from "./support/rows";
import { CHAT, STREAM, wireBench, type CallSpec, type ExchangeLine } from "./support/wireBench";

const METRICS = "token-of-the-metrics";
const WATCHER = "token-of-the-watcher";
const FREE = { input_cost_per_million: 0, output_cost_per_million: 0 };

const get = (path: string, key?: string | null): CallSpec => ({ method: "GET", path, ...(key === undefined ? {} : { key }) });
const of = (model: string, more: object = {}): CallSpec => ({ body: { ...CHAT, model, ...more } });

/** As servers do that read their bodies strictly. */
const refusesStreamOptions: Handler = (request, respond) =>
  request.body.includes("stream_options") ? respond.json(400, { error: { message: "Unrecognized request argument supplied: stream_options" } }) : answerWell()(request, respond);

/** Every chunk tells what was used so far. */
const countsAloud: Handler = async (_request, respond) => {
  await respond.stream();
  for (const [at, word] of ["Hello", " there"].entries()) await respond.delta(word, { usage: { prompt_tokens: 5, completion_tokens: at + 1, total_tokens: at + 6 } });
  await respond.finish("stop", { usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 } });
  await respond.usage(5, 2);
  await respond.done();
};

describe("the wire: servers, tokens and headers", () => {
  const bench = wireBench({
    config: ({ url }) => ({
      more: {
        api: { prometheus: { enabled: true, token: METRICS }, monitoring: { token: WATCHER }, cors: { origins: ["https://app.example"] } },
        server: { trust_proxy: true }, rate_limiting: { limit: ["100000 per hour"] },
      },
      models: [
        { name: "elsewhere", ...FREE, capabilities: ["chat", "messages"], endpoints: [{ url, api_key: "elsewhere", paths: { chat: "/own/talk", messages: "/anthropic/v1/messages" } }] },
        { name: "twins", ...FREE, endpoints: [{ url, api_key: "one" }, { url, api_key: "two" }] },
        { name: "strict", endpoints: [{ url, api_key: "strict" }], input_cost_per_million: 1, output_cost_per_million: 1 },
        { name: "loud", endpoints: [{ url, api_key: "loud", continuous_usage: true }], input_cost_per_million: 1, output_cost_per_million: 1 },
      ],
    }),
  });

  runRows(bench, {
    "W70: a path of the endpoint's own": {
      send: of("elsewhere"), upstream: (_request, respond) => respond.json(200, { choices: [] }), arrives: { path: "/v1/own/talk" },
    },
    "W70: what stands behind the usual path stays behind its own": {
      send: { path: "/v1/messages/count_tokens", body: { ...CHAT, model: "elsewhere" } }, upstream: (_request, respond) => respond.json(200, { input_tokens: 1 }), arrives: { path: "/v1/anthropic/v1/messages/count_tokens" },
    },
  });

  /** The endpoint's key that each of these calls came with. */
  const keysOf = async (...specs: CallSpec[]): Promise<(string | undefined)[]> => {
    bench.upstream.always(answerWell());
    const keys = [];
    for (const spec of specs) {
      await bench.call(spec);
      keys.push(bench.upstream.requests.at(-1)?.headers["authorization"]);
    }
    return keys;
  };

  it("W71: calls of one session keep to one endpoint, whatever names it", async () => {
    for (const spec of [of("twins", { prompt_cache_key: "s" }), { ...of("twins"), headers: [["session-id", "s"]] as const }, of("twins")]) {
      expect(new Set(await keysOf(...Array.from({ length: 6 }, () => spec))).size).to.equal(1);
    }
  });

  it("W71: sessions go to all endpoints", async () => {
    const sessions = Array.from({ length: 24 }, (_, at) => of("twins", { prompt_cache_key: `session ${at}` }));
    expect(new Set(await keysOf(...sessions)).size).to.equal(2);
  });

  it("W75: a server that refuses stream_options is asked again without it, and remembered", async () => {
    bench.upstream.always(refusesStreamOptions);
    const asked = bench.upstream.requests.length;
    const answers = [await bench.call(of("strict", { stream: true })), await bench.call(of("strict", { stream: true }))];
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200]);
    const bodies = bench.upstream.requests.slice(asked).map(({ body }) => body.includes("stream_options"));
    expect(bodies).to.deep.equal([true, false, false]);
  });

  runRows(bench, {
    "W76: usage in each chunk is asked for, and taken out again": {
      send: of("loud", { stream: true }), upstream: countsAloud, body: /^(?!.*"usage").*"content":" there".*\[DONE\]\n\n$/s,
      arrives: { body: JSON.stringify({ ...STREAM, model: "loud", max_tokens: 4_096, stream_options: { include_usage: true, continuous_usage_stats: true } }) },
    },
    "W76: who asks for it by the same field gets it": {
      send: of("loud", { stream: true, stream_options: { include_usage: true, continuous_usage_stats: true } }), upstream: countsAloud, body: /"content":"Hello".*"completion_tokens":1,/,
    },
  });

  it("W77: a call into a connection that the server was closing is sent once more, unseen", async () => {
    bench.upstream.always(answerWell());
    await bench.call(of("free"));
    const asked = bench.upstream.requests.length;
    bench.upstream.next((_request, respond) => respond.reset());
    expect((await bench.call(of("free"))).status).to.equal(200);
    const [first, second, ...more] = bench.upstream.requests.slice(asked);
    expect(first?.body.equals(second?.body ?? Buffer.alloc(0))).to.equal(true);
    expect(more).to.have.length(0);
  });

  it("W80: the receipt is its owner's alone, and has what the ledger has", async () => {
    bench.upstream.always(answerWell());
    const id = (await bench.call()).headers["x-request-id"] ?? "";
    const receipt = JSON.parse((await bench.call(get(`/v1/requests/${id}`))).body.toString()) as Record<string, unknown>;
    expect(receipt).to.include({ id, model: "m", status: "completed", http_status: 200, cost: "0.00001" });
    const { key } = await bench.newKey("stranger");
    expect((await bench.call(get(`/v1/requests/${id}`, key))).status).to.equal(404);
  });

  runRows(bench, {
    "W80: an id that never was is 404": { send: get("/v1/requests/01a1ffec-bc6f-70dc-8d1c-1bc2c6229e1f"), status: 404, code: "not_found" },
    "W80: what is no id is 404": { send: get("/v1/requests/..%2f..%2fme"), status: 404, code: "not_found" },
    "W82: the watcher's token reads the models, disabled ones too": { send: get("/v1/models/off", WATCHER), body: /"status":"disabled"/, headers: { "x-ratelimit-limit-requests": undefined } },
    "W82: it is no key for anything else": { send: { key: WATCHER }, status: 401, code: "invalid_api_key", arrives: "nothing" },
    "W83: a preflight needs no key": {
      send: { method: "OPTIONS", path: "/v1/chat/completions", key: null, headers: [["origin", "https://app.example"], ["access-control-request-method", "POST"], ["access-control-request-headers", "authorization, cookie, x-own"]] },
      status: 204, headers: { "access-control-allow-origin": "https://app.example", "access-control-allow-headers": "authorization, x-own", "access-control-allow-credentials": undefined },
    },
    "W83: an error may be read by the page too": { send: { key: null, headers: [["origin", "https://app.example"]] }, status: 401, headers: { "access-control-allow-origin": "https://app.example", "access-control-expose-headers": /x-request-id/ } },
    "W83: a page that is not listed may read nothing": { send: { headers: [["origin", "https://evil.example"]] }, headers: { "access-control-allow-origin": undefined, vary: /origin/ } },
    "W85: a reset is written as OpenAI writes it": { send: {}, headers: { "x-ratelimit-limit-requests": "100000", "x-ratelimit-remaining-requests": /^\d+$/, "x-ratelimit-reset-requests": /^(1h0m0s|\d+m\d+s)$/ } },
    "W85: on messages the window is told as Anthropic tells it": {
      send: { path: "/v1/messages", body: { ...CHAT, model: "elsewhere", max_tokens: 1 } }, upstream: (_request, respond) => respond.json(200, {}),
      headers: { "anthropic-ratelimit-requests-limit": "100000", "anthropic-ratelimit-requests-remaining": /^\d+$/, "anthropic-ratelimit-requests-reset": /^\d{4}-\d\d-\d\dT/ },
    },
  });

  it("W81: metrics are for who has their token", async () => {
    for (const [key, status] of [[null, 401], [bench.key, 401], [METRICS, 200]] as const) expect((await bench.call(get("/metrics", key))).status, String(key)).to.equal(status);
    const text = (await bench.call(get("/metrics", METRICS))).body.toString();
    expect(text).to.match(/^# HELP /m).and.to.contain('model="m"').and.to.not.contain("bot").and.to.not.contain("stranger");
  });

  it("W84: the log has the address that the trusted proxy saw", async () => {
    const answer = await bench.call({ headers: [["x-forwarded-for", "1.1.1.1, 203.0.113.7"]] });
    const line = (await bench.ended(answer.headers["x-request-id"])) as ExchangeLine & { readonly from?: string };
    expect(line.from).to.equal("203.0.113.7");
  });
});
