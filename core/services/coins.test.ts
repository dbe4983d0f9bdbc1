import { expect } from "chai";
import { client, coins } from "../domain/testing/snapshots";
import type { Owner } from "../domain/owner";
import { NO_USAGE } from "../domain/usage";
import { createMemoryStore } from "../stores/memory";
import type { Store } from "../stores/types";
import { adjustCoins, type CoinAdjustment } from "./adjustCoins";
import { describeUsage } from "./describeUsage";
import { modelOf, serviceSnapshot } from "./testing/snapshots";
import { verifyLedger } from "./verifyLedger";

describe("coins", () => {
  let store: Store;
  const now = 1_700_000_000_000;
  const deps = () => ({ store, clock: () => now });
  beforeEach(async () => (store = await createMemoryStore({ now: () => now })));
  afterEach(() => store.close());

  const bot: Owner = client("bot");
  const snapshot = serviceSnapshot({
    clients: { rich: { max: "-2" }, shut: { max: "0" }, poor: { groups: [] } },
    defaultPool: { max: "100", refresh: "1", starting: "40" },
  });
  const adjust = (fields: Partial<CoinAdjustment>) =>
    adjustCoins(deps(), { owner: bot, snapshot, kind: "grant", reason: "course", by: "cli", ...fields });

  it("P7: grants, takes and resets, each with a reason in the ledger and the audit log", async () => {
    const balances: unknown[] = [];
    for (const step of [
      { kind: "grant", amountNano: coins("0.5") }, { kind: "take", amountNano: coins("10") },
      { kind: "take", amountNano: coins("1000") }, { kind: "reset" },
    ] as const) {
      const made = await adjust(step);
      balances.push(made.ok && [made.value.adjustment.amountNano, made.value.balanceNano]);
    }
    expect(balances).to.deep.equal([
      [coins("0.5"), coins("40.5")], [coins("-10"), coins("30.5")], [coins("-30.5"), 0n], [coins("40"), coins("40")],
    ]);
    const events = (await store.auditLog.list()).rows.map(({ action, details }) => `${action} ${details?.["amount"]} ${details?.["reason"]}`);
    expect(events.reverse()).to.deep.equal(["coins.grant 0.5 course", "coins.take -10 course", "coins.take -30.5 course", "coins.reset 40 course"]);
    expect((await verifyLedger({ store })).exact).to.equal(true);
  });

  const bad: [string, Partial<CoinAdjustment>, RegExp][] = [
    ["no reason", { amountNano: 1n, reason: " " }, /reason is needed/],
    ["no amount", {}, /above 0/],
    ["a negative amount", { amountNano: -1n }, /above 0/],
    ["an unlimited pool", { amountNano: 1n, owner: client("rich") }, /unlimited \(clients\.rich\)/],
    ["a blocked pool", { amountNano: 1n, owner: client("shut") }, /blocked by max: 0 \(clients\.shut\)/],
    ["no pool", { amountNano: 1n, owner: client("poor") }, /no coin pool/],
  ];
  for (const [name, fields, message] of bad) {
    it(`refuses ${name}`, async () => {
      const made = await adjust(fields);
      expect(made.ok).to.equal(false);
      if (!made.ok) expect(made.message).to.match(message);
      expect((await store.auditLog.list()).rows).to.have.length(0);
    });
  }

  it("tells what was used and what is left, exactly", async () => {
    expect(await describeUsage(deps(), snapshot, bot)).to.deep.include({
      requests: 0, tokens: 0, coins: "0", uncollected: "0", lastUsed: null, balance: "40",
    });
    const facts = {
      ownerId: bot.id, via: "api" as const, operation: "chat" as const, model: "dummy", price: modelOf({ name: "dummy" }).price, startedAt: now,
    };
    const costNano = coins("0.0008");
    const terms = { kind: "limited" as const, maxNano: coins("100"), refreshNanoPerHour: coins("1"), startingNano: coins("40") };
    await store.ledger.hold({ id: "r1", facts, lines: [{ pool: bot.id, wantNano: costNano, terms }] }, now);
    const usage = { ...NO_USAGE, inputTokens: 1_000, outputTokens: 300 };
    await store.ledger.settle({ id: "r1", facts, usage, costNano, settledAt: now, status: 200, flags: [] });
    expect(await describeUsage(deps(), snapshot, bot)).to.deep.include({
      owner: "bot", kind: "client", requests: 1, tokens: 1_300, inputTokens: 1_000, outputTokens: 300,
      coins: "0.0008", lastUsed: new Date(now).toISOString(), balance: "39.9992",
    });
    expect(await describeUsage(deps(), snapshot, client("rich"))).to.deep.include({ balance: null, pool: { kind: "unlimited" } });
    expect(await verifyLedger({ store })).to.deep.include({ exact: true, entries: 1, coins: "0.0008", differences: [] });
  });
});
