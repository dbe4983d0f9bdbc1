import { expect } from "chai";
import { testEndpoint, TestLogger } from "../../core/adapters/upstream/testServers";
import { createUpstreamPool } from "../../core/adapters/upstream/upstreamPool";
import type { UpstreamEndpoint } from "../../core/domain/modelCatalog";
import { modelOf } from "../../core/services/testing/snapshots";
import { answerWell, type Handler } from "../../tests/support/fakeUpstream";
import { CHAT, chunksOf, RelayBench } from "./testing/relayBench";

const STREAM = { ...CHAT, stream: true };
const DAY_MS = 86_400_000;

/** How servers say that they do not know the field. */
const REFUSALS: Readonly<Record<string, [status: number, body: unknown]>> = {
  "vLLM": [400, { object: "error", message: "[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options'), 'msg': 'Extra inputs are not permitted'}]", type: "BadRequestError", code: 400 }],
  "TGI": [422, "Failed to deserialize the JSON body into the target type: unknown field `stream_options`, expected one of `messages`, `model`"],
  "Ollama": [400, { error: { message: "json: unknown field \"stream_options\"", type: "invalid_request_error", param: null, code: null } }],
  "llama.cpp": [400, { error: { code: 400, message: "Unsupported param: stream_options", type: "invalid_request_error" } }],
  "LiteLLM": [400, { error: { message: "litellm.UnsupportedParamsError: azure does not support parameters: {'stream_options': {'include_usage': True}}, for model=x", code: "400" } }],
  "OpenAI": [400, { error: { message: "Unrecognized request argument supplied: stream_options", type: "invalid_request_error", param: null, code: null } }],
  "FastAPI": [422, { detail: [{ type: "extra_forbidden", loc: ["body", "stream_options"], msg: "Extra inputs are not permitted", input: { include_usage: true } }] }],
  "a server in camel case": [400, { message: "streamOptions: Extra inputs are not permitted" }],
};

const refusing = ([status, body]: [number, unknown], refused = "stream_options"): Handler => async (request, respond) => {
  const asked = JSON.stringify(request.json()["stream_options"] ?? null);
  if (refused === "stream_options" ? asked === "null" : !asked.includes(refused)) return answerWell({ reportsUsage: asked !== "null" })(request, respond);
  return respond.json(status, body);
};

describe("W75: a server that refuses stream_options", () => {
  const bench = new RelayBench();
  let now = 0;
  let logger: TestLogger;

  /** One endpoint in a pool that knows it, and what it was asked in its calls. */
  function known(changes: Partial<UpstreamEndpoint> = {}) {
    logger = new TestLogger();
    const pool = createUpstreamPool({ caller: bench.services.upstreamCaller, logger, clock: () => now });
    const endpoints = [testEndpoint(bench.upstream.url, { id: "gpu1", model: "fake-model", health: { path: "/models", intervalMs: 0, timeoutMs: 1_000 }, ...changes })];
    const sync = () => pool.sync([modelOf({ name: "dummy", endpoints })]);
    sync();
    const run = (body: object = STREAM) => bench.run(body, { endpoints, services: { ...bench.services, upstreams: pool } });
    return { run, sync, pool };
  }
  const askedFor = () => bench.upstream.requests.filter(({ method }) => method === "POST").map((request) => request.json()["stream_options"] ?? null);
  const FINAL = { include_usage: true };
  const CONTINUOUS = { include_usage: true, continuous_usage_stats: true };

  for (const [name, refusal] of Object.entries(REFUSALS)) {
    it(`is asked again without it, as ${name} says it, and not asked for it in the next call`, async () => {
      bench.upstream.always(refusing(refusal));
      const { run, pool } = known();
      const answers = [await run(), await run()];
      expect(answers.map(({ status, text }) => [status, text.endsWith("data: [DONE]\n\n")])).to.deep.equal([[200, true], [200, true]]);
      expect(askedFor()).to.deep.equal([FINAL, null, null]);
      expect([logger.lines.length, pool.endpoint(testEndpoint("", { id: "gpu1" })).failed]).to.deep.equal([1, 0]);
    });
  }

  it("loses the caller's own wish for usage, who gets what was estimated", async () => {
    bench.upstream.always(refusing(REFUSALS["TGI"]!));
    const answer = await known().run({ ...STREAM, stream_options: FINAL });
    expect(askedFor()).to.deep.equal([FINAL, null]);
    expect(chunksOf(answer.text).at(-1)).to.deep.include({ choices: [] }).and.to.have.nested.property("usage.estimated", true);
  });

  it("is asked again after a day, and after a reload", async () => {
    bench.upstream.always(refusing(REFUSALS["vLLM"]!));
    const { run, sync } = known();
    await run();
    now += DAY_MS - 1;
    await run();
    now += 1;
    await run();
    sync();
    await run();
    expect(askedFor()).to.deep.equal([FINAL, null, null, FINAL, null, FINAL, null]);
  });

  it("W76: is asked for less of it where it refuses usage in each chunk alone", async () => {
    bench.upstream.always(refusing([400, { message: "stream_options.continuous_usage_stats: Extra inputs are not permitted" }], "continuous_usage_stats"));
    const { run } = known({ continuousUsage: true });
    expect([(await run()).status, (await run()).status]).to.deep.equal([200, 200]);
    expect(askedFor()).to.deep.equal([CONTINUOUS, FINAL, FINAL]);
  });

  it("W76: is asked for usage in the last chunk alone where several answers are wanted", async () => {
    const { run } = known({ continuousUsage: true });
    await run({ ...STREAM, n: 2 });
    await run({ ...STREAM, n: 1 });
    expect(askedFor()).to.deep.equal([FINAL, CONTINUOUS]);
  });

  it("is believed only where it takes the rest: it may print a body that it refuses for another reason", async () => {
    bench.upstream.always((_request, respond) => respond.json(422, { detail: [{ loc: ["body", "messages"], msg: "too long", input: { stream_options: FINAL } }] }));
    const { run } = known();
    const answer = await run();
    expect([answer.status, answer.text.includes("too long")]).to.deep.equal([422, true]);
    await run();
    expect(askedFor()).to.deep.equal([FINAL, null, FINAL, null]);
  });

  const kept: [sentence: string, refusal: [number, unknown], body: object][] = [
    ["names another field", [400, { error: { message: "temperature is too high" } }], STREAM],
    ["refuses what the caller put into it", [400, { error: { message: "stream_options.include_usage must be a boolean" } }], { ...STREAM, stream_options: { include_usage: "yes" } }],
    ["refuses our key", [401, { error: { message: "stream_options need a better plan" } }], STREAM],
  ];
  for (const [sentence, refusal, body] of kept) {
    it(`is not asked again where it ${sentence}`, async () => {
      bench.upstream.always((_request, respond) => respond.json(...refusal));
      expect((await known().run(body)).status).to.be.within(400, 502);
      expect(askedFor()).to.have.length(1);
    });
  }
});
