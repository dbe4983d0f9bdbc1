import { expect } from "chai";
import { HOUR_MS } from "../domain/coinPool";
import { client, coins, user } from "../domain/testing/snapshots";
import { createMemoryStore } from "../stores/memory";
import type { Store } from "../stores/types";
import { describeAccount } from "./ownerAccount";
import { modelOf, serviceSnapshot } from "./testing/snapshots";

describe("an owner's account", () => {
  let store: Store;
  let now = 0;
  beforeEach(async () => {
    now = Date.parse("2026-03-01T10:00:00Z");
    store = await createMemoryStore({ now: () => now });
  });
  afterEach(() => store.close());

  const bot = client("bot");
  const snapshot = serviceSnapshot({
    groups: { staff: { max: "200", refresh: "5" } },
    users: { "ana@example.edu": { groups: ["staff"] } },
    clients: { rich: { max: "-2" }, shut: { max: "0" }, poor: { groups: [] } },
    defaultPool: { max: "100", refresh: "10", starting: "40" },
  });
  const terms = { kind: "limited", maxNano: coins("100"), refreshNanoPerHour: coins("10"), startingNano: coins("40") } as const;
  const facts = { ownerId: bot.id, via: "api", operation: "chat", model: "dummy", price: modelOf({ name: "dummy" }).price, startedAt: 0 } as const;
  const hold = (amount: string) => store.ledger.hold({ id: "r1", facts, lines: [{ pool: bot.id, wantNano: coins(amount), terms }] }, now);
  const told = (owner: Parameters<typeof describeAccount>[2] = bot) => describeAccount({ store, clock: () => now }, snapshot, owner);

  it("P7: shows a pool that was never used at its starting balance, without opening it", async () => {
    expect((await told()).pool).to.deep.equal({
      kind: "limited", balance: "40", available: "40", max: "100", refresh_per_hour: "10", next_refill_at: "2026-03-01T11:00:00.000Z",
    });
    expect(await store.ledger.pool(bot.id, now)).to.equal(undefined);
  });

  it("H2: tells what is held apart from what is available", async () => {
    await hold("15.5");
    expect((await told()).pool).to.include({ balance: "40", available: "24.5" });
  });

  it("P6: counts the hours that have passed, and names the next refill by the pool's own clock", async () => {
    await hold("1");
    now += 2 * HOUR_MS + 20 * 60_000;
    expect((await told()).pool).to.include({ balance: "60", next_refill_at: "2026-03-01T13:00:00.000Z" });
    now += 100 * HOUR_MS;
    const { pool } = await told();
    expect(pool).to.include({ balance: "100" });
    expect(pool).not.to.have.property("next_refill_at");
  });

  it("P1, P3: tells unlimited, blocked and missing pools apart", async () => {
    const kinds = [];
    for (const name of ["rich", "shut", "poor"]) kinds.push((await told(client(name))).pool);
    expect(kinds).to.deep.equal([{ kind: "unlimited" }, { kind: "blocked" }, { kind: "none" }]);
  });

  it("names the owner, its groups and the limits on its requests", async () => {
    const limited = { ...snapshot, rateLimiting: { windows: [{ limit: 3, seconds: 60, text: "3 per minute" }], concurrent: 2 } };
    const account = await describeAccount({ store, clock: () => now }, limited, user("ana@example.edu"));
    expect(account).to.deep.include({
      id: "u-ana@example.edu", object: "owner", kind: "user", name: "ana@example.edu", groups: ["staff"],
      limits: { rate: ["3 per minute"], concurrent: 2 },
    });
    expect(account.pool).to.include({ max: "200" });
  });
});
