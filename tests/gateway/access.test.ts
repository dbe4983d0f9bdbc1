import { expect } from "chai";
import { callApi, chatBody, type ApiError } from "../support/apiCall";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";

const CONFIG = `
clients:
  default:
    max: 100.0
    refresh: 0.05
    starting: 100.0
    model_access:
      default: blacklist
      blacklist: []
      whitelist: [dummy]
  research-bot:
    max: 500.0
    refresh: 1.0
    starting: 500.0
    model_access:
      default: whitelist
      graylist: [careful]
models:
  - {name: dummy, input_cost_per_million: 1, output_cost_per_million: 1, endpoints: [{url: "demo:"}]}
  - {name: other, input_cost_per_million: 1, output_cost_per_million: 1, endpoints: [{url: "demo:"}]}
  - {name: careful, ack_message: "Mind the data.", input_cost_per_million: 1, output_cost_per_million: 1, endpoints: [{url: "demo:"}]}
  - {name: off, disabled: true, input_cost_per_million: 1, output_cost_per_million: 1, endpoints: [{url: "demo:"}]}
demo: {enabled: true}
`;

interface Explained {
  readonly verdict: string;
  readonly decidedBy: { readonly layer: string; readonly file: string; readonly line: number };
}

describe("who may use what, as the pages of the reference say", () => {
  let lumen: LumenProcess;
  let bot: string;
  let other: string;

  before(async () => {
    lumen = await startLumenProcess({ config: CONFIG });
    bot = await lumen.newKey("research-bot");
    other = await lumen.newKey("some-service");
  });
  after(() => lumen.remove());

  const call = (key: string, model: string) => callApi<ApiError>(lumen.url, "/v1/chat/completions", { key, body: chatBody(model, "x", { max_tokens: 2 }) });
  const listed = async (key: string) => (await callApi<{ data: { id: string }[] }>(lumen.url, "/v1/models", { key })).json.data.map((model) => model.id);

  it("A2: research-bot, with default whitelist, may use what is not listed", async () => {
    expect((await call(bot, "dummy")).status).to.equal(200);
    expect((await call(bot, "other")).status).to.equal(200);
  });

  it("A2: a client without an entry has the default's list and nothing else, and is told which layer decided", async () => {
    expect((await call(other, "dummy")).status).to.equal(200);
    const denied = await call(other, "other");
    expect([denied.status, denied.json.error.code]).to.deep.equal([403, "model_access_denied"]);
    expect(denied.json.error.message).to.contain("clients.default");
  });

  it("A1: a disabled model is not found", async () => {
    expect((await call(bot, "off")).json.error.code).to.equal("model_not_found");
  });

  it("A3, A8, S1: a graylisted model answers 403 consent_required and is not listed; after `lumen consent record` it is, and answers 200", async () => {
    const refused = await call(bot, "careful");
    expect([refused.status, refused.json.error.code]).to.deep.equal([403, "consent_required"]);
    expect(await listed(bot)).to.deep.equal(["dummy", "other"]);
    await lumen.json("consent", "record", "--client", "research-bot", "--model", "careful");
    expect((await call(bot, "careful")).status).to.equal(200);
    expect(await listed(bot)).to.deep.equal(["dummy", "other", "careful"]);
  });

  it("S5: consent that is withdrawn is asked for again", async () => {
    await lumen.json("consent", "withdraw", "--client", "research-bot", "--model", "careful");
    expect((await call(bot, "careful")).json.error.code).to.equal("consent_required");
  });

  it("A6: explain names the deciding layer, the file and the line", async () => {
    const explained = await lumen.json<Explained>("explain", "--client", "some-service", "--model", "other");
    expect(explained.verdict).to.equal("denied");
    expect(explained.decidedBy.layer).to.equal("clients.default");
    expect(explained.decidedBy).to.deep.include({ file: lumen.configFile, line: CONFIG.split("\n").findIndex((line) => line.includes("default: blacklist")) + 1 });
    const text = await lumen.cli("explain", "--client", "some-service", "--model", "other");
    expect(text.stdout).to.contain("clients.default").and.to.contain(`config.yaml:${explained.decidedBy.line}`);
  });

  it("K3: a revoked key dies on the next call", async () => {
    const { key, id } = await lumen.json<{ key: string; id: string }>("key", "create", "--client", "research-bot", "--name", "short");
    expect((await call(key, "dummy")).status).to.equal(200);
    await lumen.json("key", "revoke", id);
    expect((await call(key, "dummy")).status).to.equal(401);
  });

  it("K2: a key narrowed to one model reaches no other", async () => {
    const { key } = await lumen.json<{ key: string }>("key", "create", "--client", "research-bot", "--name", "narrow", "--models", "dummy");
    expect((await call(key, "dummy")).status).to.equal(200);
    expect((await call(key, "other")).json.error.code).to.equal("model_access_denied");
    expect(await listed(key)).to.deep.equal(["dummy"]);
  });
});
