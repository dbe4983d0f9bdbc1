import { expect } from "chai";
import { HOUR_MS } from "../domain/coinPool";
import { client, coins, user } from "../domain/testing/snapshots";
import { createMemoryStore } from "../stores/memory";
import type { Store } from "../stores/types";
import { adjustCoins } from "./adjustCoins";
import { applyPoolTerms } from "./applyPoolTerms";
import { serviceSnapshot } from "./testing/snapshots";

describe("putting pool terms in force", () => {
  let store: Store;
  let now = 0;
  const deps = () => ({ store, clock: () => now });
  beforeEach(async () => {
    now = 1_700_000_000_000;
    store = await createMemoryStore({ now: () => now });
  });
  afterEach(() => store.close());

  const bot = client("bot");
  const ana = user("ana@example.edu");
  const withRate = (refresh: string, max = "100") => serviceSnapshot({ defaultPool: { max, refresh, starting: "10" } });
  const opened = async (...owners: (typeof bot | typeof ana)[]) => {
    for (const owner of owners) {
      if (owner.kind === "client") await store.clients.put(owner);
      else await store.users.put(owner);
      await adjustCoins(deps(), { owner, snapshot: withRate("1"), kind: "reset", reason: "start", by: "cli" });
    }
  };
  const balance = async (id = bot.id) => (await store.ledger.pool(id, now))?.balanceNano;

  it("P6: closes the hours before a change at the old rate, though nobody called meanwhile", async () => {
    await opened(bot, ana);
    now += 5 * HOUR_MS;
    await applyPoolTerms(deps(), withRate("7"));
    now += 2 * HOUR_MS;
    // 5 hours at 1, then 2 at 7.
    expect([await balance(), await balance(ana.id)]).to.deep.equal([coins("29"), coins("29")]);
  });

  it("P6: does not lose the minutes of the hour that is running", async () => {
    await opened(bot);
    now += HOUR_MS + 50 * 60_000;
    await applyPoolTerms(deps(), withRate("7"));
    now += 10 * 60_000;
    expect(await balance()).to.equal(coins("18"));
  });

  it("P6: changes nothing where nothing has changed, however often it is done", async () => {
    await opened(bot);
    now += 90 * 60_000;
    for (let i = 0; i < 3; i++) await applyPoolTerms(deps(), withRate("1"));
    expect(await balance()).to.equal(coins("11"));
    now += 30 * 60_000;
    expect(await balance()).to.equal(coins("12"));
  });

  it("P6: leaves a balance above a lowered max alone", async () => {
    await opened(bot);
    await applyPoolTerms(deps(), withRate("1", "5"));
    now += 10 * HOUR_MS;
    expect(await balance()).to.equal(coins("10"));
  });

  it("P7: keeps the balance aside while the pool is unlimited", async () => {
    await opened(bot);
    await applyPoolTerms(deps(), withRate("1", "-2"));
    now += 10 * HOUR_MS;
    await applyPoolTerms(deps(), withRate("1"));
    expect(await balance()).to.equal(coins("10"));
  });

  it("opens no pool of an owner who never called", async () => {
    await store.clients.put(bot);
    await applyPoolTerms(deps(), withRate("1"));
    expect(await balance()).to.equal(undefined);
  });

  it("reaches every owner of a listing that is longer than a page", async () => {
    const owners = Array.from({ length: 1_203 }, (_, index) => client(`bot-${index}`));
    await opened(...owners);
    now += HOUR_MS;
    await applyPoolTerms(deps(), withRate("0"));
    now += HOUR_MS;
    for (const { id } of [owners[0]!, owners[600]!, owners[1_202]!]) expect(await balance(id)).to.equal(coins("11"));
  });
});
