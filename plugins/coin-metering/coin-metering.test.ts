import { expect } from "chai";
import { client, coins } from "../../core/domain/testing/snapshots";
import { runPolicy, type PolicyRunOptions } from "../../core/gateway/testing/runPolicy";
import { policySnapshot } from "../../core/gateway/testing/snapshots";
import { testServices, type TestServices } from "../../core/gateway/testing/testServices";
import { modelOf } from "../../core/services/testing/snapshots";
import { coinMetering } from "./policy";

const model = modelOf({ name: "dummy" });
const snapshot = policySnapshot({
  models: [model],
  defaultPool: { max: "100", refresh: "1", starting: "1" },
  clients: { rich: { max: "-2" }, shut: { max: "0" }, poor: { groups: [] }, broke: { max: "10", refresh: "2", starting: "0" } },
});

describe("coin-metering", () => {
  let services: TestServices;
  const now = 1_700_000_000_000;
  beforeEach(async () => (services = await testServices({ clock: () => now })));

  const run = (options: PolicyRunOptions = {}) => runPolicy(coinMetering, { services, snapshot, model, ...options });
  const pool = (id = "c-bot") => services.store.ledger.pool(id, now);
  const released = async () => {
    for (let i = 0; i < 10 && (await services.store.ledger.openHolds()) > 0; i++) await Promise.resolve();
  };

  it("allows, sets coins aside, and leaves a meter", async () => {
    const { nexted, exchange } = await run({ body: { model: "dummy", messages: [], max_tokens: 1_000 } });
    expect(nexted).to.equal(true);
    expect(exchange.getMeter().ended).to.equal(false);
    const held = (await pool())?.heldNano ?? 0n;
    // 1,000 tokens of output at 1 coin a million, and some input.
    expect(held > coins("0.001") && held < coins("0.0011")).to.equal(true);
  });

  it("C3: gives everything back where the request ends before anybody settled it", async () => {
    const { exchange } = await run();
    exchange.end();
    await released();
    expect(await pool()).to.include({ heldNano: 0n, balanceNano: coins("1") });
    expect((await services.store.usage.entries({})).rows).to.have.length(0);
  });

  it("leaves a settled call as it is when the request ends", async () => {
    const { exchange } = await run();
    await exchange.getMeter().settle({ status: 200, reported: { inputTokens: 1_000, outputTokens: 300 } });
    exchange.end();
    expect((await services.store.usage.entry(exchange.id))?.costNano).to.equal(coins("0.0008"));
    expect(await pool()).to.include({ heldNano: 0n, balanceNano: coins("0.9992") });
  });

  const refused: [string, string, number, string][] = [
    ["an owner without a pool", "poor", 403, "no_budget"],
    ["a blocked owner", "shut", 403, "no_budget"],
    ["an owner without coins", "broke", 429, "insufficient_quota"],
  ];
  for (const [name, owner, status, code] of refused) {
    it(`denies ${name} with ${status} ${code}`, async () => {
      const denied = await run({ owner: client(owner) });
      expect(denied).to.include({ nexted: false, status, code });
      expect(denied.headers["x-should-retry"]).to.equal(status === 429 ? "false" : undefined);
      expect(denied.exchange.meter).to.equal(undefined);
      expect(await services.store.ledger.openHolds()).to.equal(0);
    });
  }

  it("H5: lets an unlimited owner through without a hold on coins", async () => {
    expect((await run({ owner: client("rich") })).nexted).to.equal(true);
    expect(await pool("c-rich")).to.equal(undefined);
  });

  it("denies a decision that is not allowed, and a path that is not metered: nothing runs unpaid", async () => {
    const waiting = await run({ prepare: (exchange) => void (exchange.decision = { ...exchange.getDecision(), verdict: "consent_required" }) });
    expect(waiting).to.include({ nexted: false, status: 403, code: "model_access_denied" });
    expect(await run({ url: "/v1/me" })).to.include({ nexted: false, status: 403, code: "model_access_denied" });
    expect(await services.store.ledger.openHolds()).to.equal(0);
  });

  it("holds for the most, not for nothing, where the limits of a body are malformed", async () => {
    for (const [index, odd] of [{ max_tokens: "many" }, { max_tokens: -5 }, { n: {} }, { messages: 7 }].entries()) {
      const owner = client(`odd-${index}`);
      const { nexted } = await run({ owner, body: { model: "dummy", ...odd } });
      expect(nexted).to.equal(true);
      // The default of 4,096 tokens at 1 coin a million.
      expect(((await pool(owner.id))?.heldNano ?? 0n) >= coins("0.004096"), JSON.stringify(odd)).to.equal(true);
    }
  });

  it("denies with 503 store_unavailable when the store is down, an unlimited owner too", async () => {
    await services.store.close();
    for (const owner of ["bot", "rich"]) {
      expect(await run({ owner: client(owner) })).to.include({ nexted: false, status: 503, code: "store_unavailable" });
    }
  });

  it("lets a second request see nothing of the first one: each has its own hold", async () => {
    const [first, second] = [await run(), await run()];
    expect(first.exchange.getMeter()).not.to.equal(second.exchange.getMeter());
    expect(await services.store.ledger.openHolds()).to.equal(2);
    first.exchange.end();
    await released();
    expect(await services.store.ledger.openHolds()).to.equal(1);
    expect(second.exchange.getMeter().ended).to.equal(false);
  });
});
