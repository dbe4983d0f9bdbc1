import { expect } from "chai";
import { client, coins, user } from "../../core/domain/testing/snapshots";
import { uuidv7 } from "../../core/ids";
import { runPolicy, type PolicyRunOptions } from "../../core/gateway/testing/runPolicy";
import { policySnapshot } from "../../core/gateway/testing/snapshots";
import { testServices, type TestServices } from "../../core/gateway/testing/testServices";
import { account } from "./policy";
import { receipt } from "./receipt";

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

describe("receipt", () => {
  const price = { inputPerMillionNano: coins("0.5"), outputPerMillionNano: coins("1.0") };
  const startedAt = Date.parse("2026-03-01T10:00:00Z");
  const facts = { ownerId: "c-bot", keyId: "k1", via: "api" as const, operation: "chat" as const, model: "dummy", price, startedAt };
  const terms = { kind: "limited" as const, maxNano: coins("10"), refreshNanoPerHour: 0n, startingNano: coins("10") };
  const used = { inputTokens: 1_000, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 300, audioMs: 0, images: 0, characters: 0 };
  let services: TestServices;
  let id: string;
  beforeEach(async () => {
    services = await testServices({ clock: () => startedAt });
    id = uuidv7(startedAt);
    await services.store.ledger.hold({ id, facts, lines: [{ pool: "c-bot", wantNano: coins("0.002"), terms }] }, startedAt);
  });

  const run = (requestId: string, options: PolicyRunOptions = {}) => runPolicy(receipt, { services, url: `/v1/requests/${requestId}`, ...options });
  const settle = () => services.store.ledger.settle({
    id, facts, usage: used, costNano: coins("0.0008"), endpoint: "e1", settledAt: startedAt + 1_500, firstTokenMs: 200, status: 200, flags: ["estimated"],
  });

  it("W80, C7: tells what a call used and cost, at the price of its start, in exact decimal texts", async () => {
    await settle();
    const told = await run(id);
    expect(told).to.include({ nexted: false, status: 200 });
    expect(told.headers["cache-control"]).to.equal("no-store");
    expect(told.json).to.deep.equal({
      id, object: "request", status: "completed", model: "dummy", operation: "chat", via: "api", key: "k1", endpoint: { id: "e1", model: null },
      price: { unit: "coins", input_per_million: "0.5", output_per_million: "1" },
      usage: { input_tokens: 1_000, cached_input_tokens: 0, cache_write_tokens: 0, output_tokens: 300, audio_ms: 0, images: 0, characters: 0 },
      cost: "0.0008", held: "0", uncollected: "0", http_status: 200, flags: ["estimated"],
      started_at: "2026-03-01T10:00:00.000Z", settled_at: "2026-03-01T10:00:01.500Z", duration_ms: 1_500, first_token_ms: 200,
    });
  });

  it("W80: tells of a running call what is held, and how far it has come", async () => {
    expect((await run(id)).json).to.deep.include({ status: "running", held: "0.002", usage: null, cost: null, http_status: null, settled_at: null });
    services.store.ledger.progress(id, { usage: used, costNano: 1n, endpoint: "e1" });
    expect((await run(id)).json).to.nested.include({ "usage.output_tokens": 300, "endpoint.id": "e1" });
  });

  it("W80: finds nothing of somebody else's, running or booked, nor what never was", async () => {
    const owner = client("other");
    expect(await run(id, { owner })).to.include({ nexted: false, status: 404, code: "not_found" });
    await settle();
    expect(await run(id, { owner })).to.include({ status: 404, code: "not_found" });
    expect((await run(id)).status).to.equal(200);
    for (const unknown of [uuidv7(), "r1", "%00", "x".repeat(5_000), `${id}x`]) expect(await run(unknown), unknown).to.include({ status: 404, code: "not_found" });
  });

  it("denies with 503 store_unavailable when the store is down", async () => {
    await services.store.close();
    expect(await run(id)).to.include({ nexted: false, status: 503, code: "store_unavailable" });
  });
});
