import { expect } from "chai";
import type { Decision } from "../../core/domain/accessPolicy";
import type { ConsentState } from "../../core/domain/consent";
import { user } from "../../core/domain/testing/snapshots";
import { runPolicy, type PolicyRunOptions } from "../../core/gateway/testing/runPolicy";
import { policySnapshot } from "../../core/gateway/testing/snapshots";
import { modelOf } from "../../core/services/testing/snapshots";
import { consent } from "./policy";

const model = modelOf({ name: "org/asking", needsAck: true });
const snapshot = policySnapshot({ models: [model], app: { baseUrl: "https://lumen.example.edu" } });

describe("consent", () => {
  const decided = (verdict: Decision["verdict"], state: ConsentState = "none"): PolicyRunOptions["prepare"] => (exchange) => {
    exchange.decision = { ...exchange.getDecision(), verdict, consent: state, needsConsent: true };
  };
  const run = (options: PolicyRunOptions) => runPolicy(consent, { snapshot, model, ...options });

  it("allows what is allowed", async () => {
    expect((await run({})).nexted).to.equal(true);
    expect((await run({ prepare: decided("allowed", "valid") })).nexted).to.equal(true);
  });

  it("S1: denies with 403 consent_required, and names the page", async () => {
    const denied = await run({ prepare: decided("consent_required") });
    expect(denied).to.include({ nexted: false, status: 403, code: "consent_required" });
    const { error } = denied.json as { error: { message: string; consent_url: string; param: string } };
    expect(error.consent_url).to.equal("https://lumen.example.edu/models/org%2Fasking");
    expect(error.message).to.include("one-time consent").and.to.include(error.consent_url);
    expect(error.param).to.equal("model");
  });

  it("S2: says that it is the notice which is new, where an older one was accepted", async () => {
    expect((await run({ prepare: decided("consent_required", "outdated") })).text).to.include("new notice");
    expect((await run({ prepare: decided("consent_required", "withdrawn") })).text).to.include("one-time consent");
  });

  it("S3: says who gives it: a manager for a client, oneself for a user", async () => {
    expect((await run({ prepare: decided("consent_required") })).text).to.include("a manager of this client");
    expect((await run({ prepare: decided("consent_required"), owner: user("ana@example.edu") })).text).to.include("given by you");
  });

  it("names no page where the gateway does not know its own address", async () => {
    const denied = await run({ prepare: decided("consent_required"), snapshot: policySnapshot({ models: [model] }) });
    expect(denied).to.include({ status: 403, code: "consent_required" });
    expect(denied.json).not.to.have.nested.property("error.consent_url");
    expect(denied.text).to.include("in the web interface");
  });

  it("denies whatever is neither allowed nor waiting: denied and disabled do not slip through", async () => {
    for (const verdict of ["denied", "disabled"] as const) {
      expect(await run({ prepare: decided(verdict) })).to.include({ nexted: false, status: 403, code: "model_access_denied" });
    }
  });

  it("denies a request that model-access has not seen: there is nothing to let it pass on", async () => {
    const denied = await run({ prepare: (exchange) => void (exchange.decision = undefined) });
    expect(denied).to.include({ nexted: false, status: 500, code: "internal_error" });
    expect(denied.text).not.to.include("model-access");
  });

  it("lets a second request see nothing of the first one", async () => {
    expect((await run({})).nexted).to.equal(true);
    expect((await run({ prepare: decided("consent_required") })).nexted).to.equal(false);
  });
});
