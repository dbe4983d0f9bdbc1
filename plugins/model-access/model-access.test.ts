import { expect } from "chai";
import { gzipSync } from "node:zlib";
import { client } from "../../core/domain/testing/snapshots";
import type { JsonBody } from "../../core/gateway/body";
import { runPolicy, type PolicyRunOptions } from "../../core/gateway/testing/runPolicy";
import { policySnapshot } from "../../core/gateway/testing/snapshots";
import { testServices, type TestServices } from "../../core/gateway/testing/testServices";
import { recordConsent } from "../../core/services/recordConsent";
import { modelOf } from "../../core/services/testing/snapshots";
import { modelAccess } from "./policy";

const asking = modelOf({ name: "asking", needsAck: true });
const snapshot = policySnapshot({
  models: [
    { name: "dummy", capabilities: ["chat", "completions"] }, asking, { name: "off", disabled: true }, { name: "closed" },
    { name: "org/vectors", capabilities: ["embeddings"] },
  ],
  clients: { bot: { line: 40, access: { default: "whitelist", models: { closed: "blacklist" } } } },
});

describe("model-access", () => {
  let services: TestServices;
  beforeEach(async () => (services = await testServices()));

  const run = (body: unknown, more: PolicyRunOptions = {}) => runPolicy(modelAccess, { services, snapshot, body, ...more });

  it("allows, and leaves body, name, model and decision", async () => {
    const text = '{ "model":"dummy", "messages": [], "big": 12345678901234567890 }';
    const { nexted, exchange } = await run(text);
    expect(nexted).to.equal(true);
    expect(exchange.modelName).to.equal("dummy");
    expect(exchange.getModel().name).to.equal("dummy");
    expect(exchange.getDecision().verdict).to.equal("allowed");
    expect((exchange.getBody() as JsonBody).raw.toString()).to.equal(text);
    expect(exchange.getBody()).to.include({ stream: false, includeUsage: false });
  });

  it("reads a gzip body", async () => {
    const { nexted, exchange } = await run(gzipSync('{"model":"dummy","stream":true}'), { headers: { "content-encoding": "gzip" } });
    expect(nexted).to.equal(true);
    expect(exchange.getBody()).to.include({ stream: true });
  });

  it("passes a model that waits for consent on to the consent policy, and one whose consent was given as allowed", async () => {
    const waiting = await run({ model: "asking" });
    expect(waiting.nexted).to.equal(true);
    expect(waiting.exchange.getDecision()).to.include({ verdict: "consent_required", consent: "none" });
    await recordConsent({ store: services.store, clock: services.clock }, { owner: client("bot"), model: asking, by: "cli" });
    expect((await run({ model: "asking" })).exchange.getDecision().verdict).to.equal("allowed");
  });

  it("A2: denies with 403 model_access_denied, and names the deciding layer but not its line", async () => {
    const denied = await run({ model: "closed" });
    expect(denied).to.include({ nexted: false, status: 403, code: "model_access_denied" });
    expect(denied.text).to.include("clients.bot says blacklist").and.not.to.include("config.yaml");
    const quiet = await run({ model: "closed" }, { parameters: { explain: false } });
    expect(quiet).to.include({ status: 403, code: "model_access_denied" });
    expect(quiet.text).not.to.include("clients.bot");
  });

  it("K2: a key that is narrowed to other models is denied", async () => {
    const { apiKey } = (await run({ model: "dummy" })).exchange;
    const denied = await run({ model: "dummy" }, { apiKey: { ...apiKey!, models: ["asking"] } });
    expect(denied).to.include({ nexted: false, status: 403, code: "model_access_denied" });
  });

  it("A1: a disabled model and an unknown one read alike: 404 model_not_found", async () => {
    const answers = [];
    for (const model of ["off", "gone"]) {
      const { nexted, status, code, text } = await run({ model });
      expect({ nexted, status, code }).to.deep.equal({ nexted: false, status: 404, code: "model_not_found" });
      answers.push(text.replace(`'${model}'`, "'it'"));
    }
    expect(answers[0]).to.equal(answers[1]);
  });

  it("denies a path that the model does not serve with 400 endpoint_not_supported", async () => {
    const wrong = await run({ model: "org/vectors" });
    expect(wrong).to.include({ nexted: false, status: 400, code: "endpoint_not_supported" });
    expect(wrong.text).to.include("does not serve chat; it serves embeddings");
    expect((await run({ model: "org/vectors" }, { url: "/v1/embeddings" })).nexted).to.equal(true);
  });

  const malformed: [string, unknown, number, string][] = [
    ["no body", "", 400, "invalid_json"],
    ["half a body", '{"model": "dum', 400, "invalid_json"],
    ["a list", [{ model: "dummy" }], 400, "invalid_json"],
    ["a text", '"dummy"', 400, "invalid_json"],
    ["null", "null", 400, "invalid_json"],
    ["deep nesting", `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`, 400, "invalid_json"],
    ["no model", { messages: [] }, 400, "missing_required_parameter"],
    ["an empty model", { model: "" }, 400, "missing_required_parameter"],
    ["a model that is a number", { model: 7 }, 400, "missing_required_parameter"],
    ["a model that is an object", { model: { name: "dummy" } }, 400, "missing_required_parameter"],
    ["a model only in the prototype", '{"__proto__": {"model": "dummy"}}', 400, "missing_required_parameter"],
    ["a twin of a deciding parameter", { model: "dummy", Model: "closed" }, 400, "unsupported_parameter"],
    ["a twin in letters that only Go folds", { model: "dummy", max_tokens: 1, "max_to\u212aens": 100_000 }, 400, "unsupported_parameter"],
    ["a twin with a long s", { model: "dummy", "max_token\u017f": 100_000 }, 400, "unsupported_parameter"],
    ["a model of a megabyte", { model: "m".repeat(900_000) }, 404, "model_not_found"],
    ["NUL in the model's name", { model: "dummy\u0000" }, 404, "model_not_found"],
    ["the name of a member that every object has", { model: "constructor" }, 404, "model_not_found"],
    ["a body over the limit", { model: "dummy", pad: "x".repeat(1_100_000) }, 413, "request_too_large"],
  ];
  for (const [name, body, status, code] of malformed) {
    it(`refuses ${name} with ${status} ${code}`, async () => {
      const refused = await run(body, { method: "POST" });
      expect(refused).to.include({ nexted: false, status, code });
      expect(refused.text.length).to.be.lessThan(2_000);
      expect(refused.exchange.model).to.equal(undefined);
    });
  }

  it("refuses what it cannot read with 415 or 400: multipart, unknown and broken encodings", async () => {
    const body = '{"model":"dummy"}';
    expect(await run(body, { headers: { "content-type": "multipart/form-data; boundary=x" } })).to.include({ status: 415, code: "unsupported_media_type" });
    expect(await run(body, { headers: { "content-encoding": "br" } })).to.include({ status: 415, code: "unsupported_media_type" });
    expect(await run(body, { headers: { "content-encoding": "gzip" } })).to.include({ status: 400, code: "invalid_request" });
  });

  describe("W60, W62: a form", () => {
    const heard = policySnapshot({ models: [{ name: "whisper", capabilities: ["transcriptions"] }], clients: { bot: { line: 40, access: { default: "whitelist", models: {} } } } });
    const send = (body: string | Buffer, headers: Record<string, string> = {}) => run(body, {
      snapshot: heard, url: "/v1/audio/transcriptions", headers: { "content-type": "multipart/form-data; boundary=b", ...headers },
    });
    const field = (name: string, value: string, more = "") => `--b\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`;
    const file = (bytes = 10) => field("file", "x".repeat(bytes), '; filename="a.wav"');

    it("is read, whatever the order of its fields", async () => {
      for (const form of [field("model", "whisper") + file(), file() + field("model", "whisper"), file(1_200) + field("a[]", "1") + field("a[]", "2") + field("model", "whisper")]) {
        const { nexted, exchange } = await send(`${form}--b--\r\n`);
        expect(nexted).to.equal(true);
        expect(exchange.modelName).to.equal("whisper");
        const body = exchange.getBody();
        expect(body.kind).to.equal("form");
        expect(body.files.map(({ name }) => name)).to.deep.equal(["file"]);
        if (form.includes("a[]")) expect(body.json).to.deep.equal({ "a[]": ["1", "2"], model: "whisper" });
      }
    });

    it("may ask for a stream in all the words that servers read", async () => {
      for (const [word, stream] of [["true", true], ["1", true], ["False", false], ["", false]] as const) {
        expect((await send(`${field("stream", word)}${field("model", "whisper")}--b--`)).exchange.getBody().stream, word).to.equal(stream);
      }
    });

    const model = field("model", "whisper");
    const refused: [string, string, Record<string, string>, number, string][] = [
      ["no model", file(), {}, 400, "missing_required_parameter"],
      ["an empty model", field("model", ""), {}, 400, "missing_required_parameter"],
      ["two models", model + file() + model, {}, 400, "unsupported_parameter"],
      ["two files", model + file() + file(), {}, 400, "unsupported_parameter"],
      ...["Model", "model[]", "mo\\del", "%6dodel", " model", "model\t"].map((name): [string, string, Record<string, string>, number, string] =>
        [`a twin of model, ${JSON.stringify(name)}`, model + field(name, "other"), {}, 400, "unsupported_parameter"]),
      ["a model that is a file", field("model", "whisper", '; filename="m"'), {}, 400, "invalid_request"],
      ["a model in another character set", `--b\r\nContent-Disposition: form-data; name="model"\r\nContent-Type: text/plain; charset=utf-16\r\n\r\nwhisper\r\n`, {}, 400, "invalid_request"],
      ["a form that is not whole", `${model}--b`, {}, 400, "invalid_request"],
      ["no boundary", model, { "content-type": "multipart/form-data" }, 400, "invalid_request"],
      ["JSON", '{"model":"whisper"}', { "content-type": "application/json" }, 415, "unsupported_media_type"],
      ["a compressed form", model, { "content-encoding": "gzip" }, 415, "unsupported_media_type"],
      ["a form over the limit", file(1_100_000) + model, {}, 413, "request_too_large"],
    ];
    for (const [what, form, headers, status, code] of refused) {
      it(`refuses ${what} with ${status} ${code}`, async () => {
        const answer = await send(form.endsWith("--b") ? form : `${form}--b--\r\n`, headers);
        expect(answer).to.include({ nexted: false, status, code });
        expect(answer.exchange.model).to.equal(undefined);
      });
    }
  });

  it("refuses a small gzip body that unpacks to more than the limit", async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000, " "));
    expect(await run(bomb, { headers: { "content-encoding": "gzip" } })).to.include({ nexted: false, status: 413, code: "request_too_large" });
  });

  it("denies with 503 store_unavailable when the store is down", async () => {
    await services.store.close();
    const denied = await run({ model: "dummy" });
    expect(denied).to.include({ nexted: false, status: 503, code: "store_unavailable" });
    expect(denied.exchange.decision).to.equal(undefined);
  });

  it("lets a second request see nothing of the first one", async () => {
    expect((await run({ model: "dummy", stream: true })).nexted).to.equal(true);
    const second = await run({ messages: [] });
    expect(second).to.include({ nexted: false, status: 400 });
    expect(second.exchange.modelName).to.equal(undefined);
  });
});
