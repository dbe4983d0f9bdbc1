import { expect } from "chai";
import fc from "fast-check";
import { client, user } from "../domain/testing/snapshots";
import type { AccessWord } from "../domain/accessPolicy";
import { createMemoryStore } from "../stores/memory";
import type { Store } from "../stores/types";
import { explainAccess } from "./explainAccess";
import { modelDecision } from "./modelAccess";
import { recordConsent } from "./recordConsent";
import { modelOf, serviceSnapshot } from "./testing/snapshots";
import { withdrawConsent } from "./withdrawConsent";

describe("access and consent", () => {
  let store: Store;
  let now = 1_000;
  const deps = () => ({ store, clock: () => now });
  beforeEach(async () => (store = await createMemoryStore()));
  afterEach(() => store.close());

  const ana = user("ana@example.edu");
  const asking = modelOf({ name: "asking", needsAck: true });
  const text = { models: [{ name: "dummy" }, asking, { name: "off", disabled: true }] };
  const snapshot = serviceSnapshot(text);
  const verdict = async (model: string, via: "api" | "chat" = "api", from = snapshot) =>
    (await modelDecision(deps(), from, ana, undefined, model, via)).decision?.verdict;

  it("knows no model that is not in the catalog", async () => {
    expect(await modelDecision(deps(), snapshot, ana, undefined, "gone", "api")).to.deep.equal({});
    expect(await explainAccess(deps(), snapshot, { owner: ana, model: "gone" })).to.include({ ok: false });
  });

  it("K2: a key narrows its owner", async () => {
    const of = async (models: readonly string[]) =>
      (await modelDecision(deps(), snapshot, ana, { models }, "dummy", "api")).decision;
    expect((await of(["dummy"]))?.verdict).to.equal("allowed");
    expect(await of(["other"])).to.deep.include({ verdict: "denied" });
  });

  it("S1 to S5: consent is asked for, recorded, outdated by a new text, withdrawn", async () => {
    expect(await verdict("asking")).to.equal("consent_required");
    await recordConsent(deps(), { owner: ana, model: asking, noticeHash: "hash-1", by: "u1" });
    expect(await verdict("asking")).to.equal("allowed");
    const changed = serviceSnapshot({ models: [{ ...asking, noticeHash: "hash-2" }] });
    expect(await verdict("asking", "api", changed)).to.equal("consent_required");
    const kept = serviceSnapshot({ models: [{ ...asking, noticeHash: "hash-2" }], renewOnChange: false });
    expect(await verdict("asking", "api", kept)).to.equal("allowed");
    const stale = await recordConsent(deps(), { owner: ana, model: { ...asking, noticeHash: "hash-2" }, noticeHash: "hash-1", by: "u1" });
    expect(stale).to.include({ ok: false, field: "noticeHash" });
    expect((await withdrawConsent(deps(), { owner: ana, model: "asking", by: "u1" })).ok).to.equal(true);
    expect(await verdict("asking")).to.equal("consent_required");
    const actions = (await store.auditLog.list()).rows.map(({ action }) => action).reverse();
    expect(actions).to.deep.equal(["consent.record", "consent.withdraw"]);
  });

  it("S1: recording or withdrawing again changes nothing, and keeps the first time", async () => {
    await recordConsent(deps(), { owner: ana, model: asking, by: "u1" });
    now += 500;
    const again = await recordConsent(deps(), { owner: ana, model: asking, by: "u2" });
    expect(again.ok && again.value).to.include({ givenBy: "u1", givenAt: 1_000 });
    await withdrawConsent(deps(), { owner: ana, model: "asking", by: "u1" });
    now += 500;
    const withdrawn = await withdrawConsent(deps(), { owner: ana, model: "asking", by: "u1" });
    expect(withdrawn.ok && withdrawn.value.withdrawnAt).to.equal(1_500);
    expect((await store.auditLog.list()).rows).to.have.length(2);
    expect((await withdrawConsent(deps(), { owner: ana, model: "dummy", by: "u1" })).ok).to.equal(false);
  });

  it("S3: one owner's consent is not another's", async () => {
    await recordConsent(deps(), { owner: client("bot"), model: asking, by: "u1" });
    expect(await verdict("asking")).to.equal("consent_required");
  });

  it("S4: api.consent: false frees the API alone", async () => {
    const free = serviceSnapshot({ ...text, apiConsent: false });
    expect(await verdict("asking", "api", free)).to.equal("allowed");
    expect(await verdict("asking", "chat", free)).to.equal("consent_required");
  });

  it("A6: names the deciding layer with its file and line, and all that were asked", async () => {
    const named = serviceSnapshot({ ...text, clients: { bot: { line: 40, access: { default: "whitelist", models: { dummy: "blacklist" } } } } });
    const explained = await explainAccess(deps(), named, { owner: client("bot"), model: "dummy" });
    if (!explained.ok) throw new Error(explained.message);
    expect(explained.value.summary).to.equal("bot may not use dummy: clients.bot has it on its blacklist (config.yaml:42).");
    expect(explained.value.decidedBy).to.deep.equal({ stage: "named", layer: "clients.bot", said: "blacklist", file: "config.yaml", line: 42 });
    expect(explained.value.reasons).to.deep.include(explained.value.decidedBy);
    const off = await explainAccess(deps(), named, { owner: { ...client("bot"), active: false }, model: "off" });
    expect(off.ok && off.value.summary).to.match(/cannot use off: the model is disabled .*account is deactivated/);
  });

  it("A6: what is explained is what is enforced, whatever the layers say", async () => {
    const word = fc.constantFrom<AccessWord>("whitelist", "blacklist", "graylist");
    const layer = fc.record({
      access: fc.option(fc.record({ default: fc.option(word, { nil: undefined }), models: fc.dictionary(fc.constantFrom("m", "n"), word) }), { nil: undefined }),
    });
    const texts = fc.record({
      users: fc.record({ default: layer, "ana@example.edu": layer }, { requiredKeys: [] }),
      groups: fc.record({ default: layer }, { requiredKeys: [] }),
      defaultAccess: word,
      needsAck: fc.boolean(), disabled: fc.boolean(), consented: fc.boolean(), via: fc.constantFrom("api" as const, "chat" as const),
      keyModels: fc.option(fc.subarray(["m", "n"]), { nil: undefined }),
    });
    await fc.assert(fc.asyncProperty(texts, async ({ needsAck, disabled, consented, via, keyModels, ...layers }) => {
      const drawn = serviceSnapshot({ ...layers, models: [{ name: "m", needsAck, disabled }] });
      if (consented) await recordConsent(deps(), { owner: ana, model: drawn.models.get("m")!, by: "cli" });
      else await withdrawConsent(deps(), { owner: ana, model: "m", by: "cli" });
      const apiKey = { models: keyModels };
      const { decision } = await modelDecision(deps(), drawn, ana, apiKey, "m", via);
      const explained = await explainAccess(deps(), drawn, { owner: ana, apiKey, model: "m", via });
      if (!explained.ok || !decision) throw new Error("the model is there");
      expect(explained.value.verdict).to.equal(decision.verdict);
      expect(explained.value.reasons).to.have.length(decision.reasons.length);
      expect(explained.value.decidedBy).to.include({ layer: decision.decidedBy.layer, stage: decision.decidedBy.stage });
    }), { numRuns: 200 });
  });
});
