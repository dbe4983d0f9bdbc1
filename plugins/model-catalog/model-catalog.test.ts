import { expect } from "chai";
import { client } from "../../core/domain/testing/snapshots";
import { runPolicy, type PolicyRunOptions } from "../../core/gateway/testing/runPolicy";
import { policySnapshot } from "../../core/gateway/testing/snapshots";
import { testServices, type TestServices } from "../../core/gateway/testing/testServices";
import { recordConsent } from "../../core/services/recordConsent";
import { modelOf } from "../../core/services/testing/snapshots";
import { modelCatalog } from "./policy";

const asking = modelOf({ name: "asking", needsAck: true });
const snapshot = policySnapshot({
  models: [
    { name: "dummy", contextWindow: 8_192, price: { inputPerMillionNano: 500_000_000n, outputPerMillionNano: 1_000_000_000n, cachedInputPerMillionNano: 50_000_000n } },
    asking, { name: "off", disabled: true }, { name: "closed" }, { name: "org/big model" },
  ],
  clients: { bot: { access: { default: "whitelist", models: { closed: "blacklist" } } } },
});

interface Listed {
  readonly data: readonly { readonly id: string }[];
}

describe("model-catalog", () => {
  let services: TestServices;
  beforeEach(async () => (services = await testServices()));

  const run = (url: string, more: PolicyRunOptions = {}) => runPolicy(modelCatalog, { services, snapshot, url, ...more });
  const ids = async (more: PolicyRunOptions = {}) => ((await run("/v1/models", more)).json as Listed).data.map(({ id }) => id);

  it("A8: lists what the caller can use now; a model that waits for consent appears once it is given", async () => {
    const listed = await run("/v1/models");
    expect(listed).to.include({ nexted: false, status: 200 });
    expect(listed.json).to.deep.include({ object: "list" });
    expect(await ids()).to.deep.equal(["dummy", "org/big model"]);
    await recordConsent({ store: services.store, clock: services.clock }, { owner: client("bot"), model: asking, by: "cli" });
    expect(await ids()).to.deep.equal(["dummy", "asking", "org/big model"]);
  });

  it("K2: lists what the key is narrowed to", async () => {
    const { apiKey } = (await run("/v1/models")).exchange;
    expect(await ids({ apiKey: { ...apiKey!, models: ["dummy", "closed"] } })).to.deep.equal(["dummy"]);
  });

  it("shows one model with its price and limits as exact texts", async () => {
    const shown = await run("/v1/models/dummy");
    expect(shown.status).to.equal(200);
    expect(shown.json).to.deep.include({
      id: "dummy", object: "model", context_window: 8_192, needs_consent: false, capabilities: ["chat"],
      price: { unit: "coins", input_per_million: "0.5", output_per_million: "1", cached_input_per_million: "0.05" },
    });
    expect(shown.json).to.have.property("created").that.is.a("number");
    expect(shown.json).to.have.property("status");
  });

  it("finds ids with a slash, plain or as %2F", async () => {
    for (const url of ["/v1/models/org/big%20model", "/v1/models/org%2Fbig%20model", "/v1/models/org%2fbig%20model?x=1"]) {
      expect((await run(url)).json, url).to.include({ id: "org/big model" });
    }
  });

  it("answers unknown, disabled, denied and waiting models alike: 404 model_not_found", async () => {
    const answers = new Set<string>();
    for (const id of ["gone", "off", "closed", "asking"]) {
      const { nexted, status, code, text } = await run(`/v1/models/${id}`);
      expect({ nexted, status, code }).to.deep.equal({ nexted: false, status: 404, code: "model_not_found" });
      answers.add(text.replace(`'${id}'`, "'it'"));
    }
    expect(answers.size).to.equal(1);
  });

  it("cuts an id of any length in its message", async () => {
    const long = await run(`/v1/models/${"m".repeat(10_000)}`);
    expect(long).to.include({ status: 404, code: "model_not_found" });
    expect(long.text.length).to.be.lessThan(1_000);
  });

  it("denies with 503 store_unavailable when the store is down", async () => {
    await services.store.close();
    for (const url of ["/v1/models", "/v1/models/dummy"]) {
      expect(await run(url)).to.include({ nexted: false, status: 503, code: "store_unavailable" });
    }
  });

  it("lets a second request see nothing of the first one", async () => {
    expect((await run("/v1/models/dummy")).status).to.equal(200);
    expect(await ids({ owner: client("other") })).to.include("closed");
    expect(await ids()).not.to.include("closed");
  });
});
