import { expect } from "chai";
import { client, user } from "../../core/domain/testing/snapshots";
import { runPolicy, type PolicyRunOptions } from "../../core/gateway/testing/runPolicy";
import { policySnapshot } from "../../core/gateway/testing/snapshots";
import { testServices, type TestServices } from "../../core/gateway/testing/testServices";
import { account } from "./policy";

const snapshot = policySnapshot({
  defaultPool: { max: "100", refresh: "0.05", starting: "40" },
  clients: { rich: { max: "-2" }, shut: { max: "0" }, poor: { groups: [] } },
  rateLimiting: { windows: [{ limit: 30, seconds: 60, text: "30 per minute" }], concurrent: 4 },
});

describe("account", () => {
  let services: TestServices;
  const now = Date.parse("2026-03-01T10:00:00Z");
  beforeEach(async () => (services = await testServices({ clock: () => now })));

  const run = (options: PolicyRunOptions = {}) => runPolicy(account, { services, snapshot, url: "/v1/me", ...options });

  it("tells who the caller is and how the coins stand, and is never to be cached", async () => {
    const told = await run();
    expect(told).to.include({ nexted: false, status: 200 });
    expect(told.headers["cache-control"]).to.equal("no-store");
    expect(told.json).to.deep.equal({
      id: "c-bot", object: "owner", kind: "client", name: "bot", groups: [],
      pool: {
        kind: "limited", balance: "40", available: "40", max: "100", refresh_per_hour: "0.05", next_refill_at: "2026-03-01T11:00:00.000Z",
      },
      limits: { rate: ["30 per minute"], concurrent: 4 },
    });
  });

  it("P1, P3: tells unlimited, blocked and missing pools apart", async () => {
    const kinds = [];
    for (const name of ["rich", "shut", "poor"]) kinds.push((await run({ owner: client(name) })).json);
    expect(kinds.map((told) => (told as { pool: unknown }).pool)).to.deep.equal([{ kind: "unlimited" }, { kind: "blocked" }, { kind: "none" }]);
  });

  it("answers HEAD without a body", async () => {
    const told = await run({ method: "HEAD" });
    expect(told).to.include({ status: 200, text: "" });
    expect(Number(told.headers["content-length"])).to.be.greaterThan(100);
  });

  it("denies a request without an owner", async () => {
    expect(await run({ prepare: (exchange) => void (exchange.owner = undefined) })).to.include({ nexted: false, status: 500, code: "internal_error" });
  });

  it("denies with 503 store_unavailable when the store is down", async () => {
    await services.store.close();
    expect(await run()).to.include({ nexted: false, status: 503, code: "store_unavailable" });
  });

  it("lets a second request see nothing of the first one", async () => {
    expect((await run({ owner: user("ana@example.edu") })).json).to.include({ id: "u-ana@example.edu", kind: "user" });
    expect((await run()).json).to.include({ id: "c-bot", kind: "client" });
  });
});
