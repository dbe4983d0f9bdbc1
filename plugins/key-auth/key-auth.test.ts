import { expect } from "chai";
import { client } from "../../core/domain/testing/snapshots";
import type { ApiKey } from "../../core/domain/apiKey";
import { runPolicy, type PolicyRunOptions } from "../../core/gateway/testing/runPolicy";
import { testServices, type TestServices } from "../../core/gateway/testing/testServices";
import { authenticateApiKey } from "../../core/services/authenticateApiKey";
import { createApiKey } from "../../core/services/createApiKey";
import { testKeys } from "../../core/services/testing/keys";
import { policySnapshot } from "../../core/gateway/testing/snapshots";
import { keyAuth } from "./policy";

describe("key-auth", () => {
  let services: TestServices;
  let key: string;
  let apiKey: ApiKey;
  const now = 1_700_000_000_000;
  const bot = client("research-bot");

  before(async () => {
    const keys = await testKeys();
    const clock = () => now;
    services = await testServices({ clock });
    const { store } = services;
    services = { ...services, authenticate: (presented) => authenticateApiKey({ store, keys, clock }, presented) };
    await store.clients.put(bot);
    const made = await createApiKey({ store, keys, clock }, { owner: bot, snapshot: policySnapshot(), name: "test", by: "cli" });
    if (!made.ok) throw new Error(made.message);
    ({ secret: key, apiKey } = made.value);
  });

  const run = (headers: NonNullable<PolicyRunOptions["headers"]>, more: PolicyRunOptions = {}) =>
    runPolicy(keyAuth, { services, headers, body: { model: "dummy" }, ...more });

  it("allows a good key, in any header and whatever the spaces and the case of Bearer", async () => {
    for (const headers of [
      { authorization: `Bearer ${key}` }, { authorization: `bearer   ${key} ` }, { authorization: `BEARER\t${key}` },
      { authorization: key }, { "x-api-key": key }, { "api-key": ` ${key} ` },
      { authorization: `Bearer ${key}`, "x-api-key": key },
    ]) {
      const { nexted, exchange } = await run(headers);
      expect(nexted, JSON.stringify(headers)).to.equal(true);
      expect(exchange.owner).to.deep.include({ id: bot.id, name: "research-bot" });
      expect(exchange.apiKey).to.deep.include({ id: apiKey.id });
    }
  });

  const refused: [string, Record<string, string>, RegExp][] = [
    ["no key at all", {}, /No API key was sent/],
    ["an empty key", { authorization: "Bearer " }, /No API key was sent/],
    ["another scheme", { authorization: "Basic dXNlcjpwYXNz" }, /No API key was sent/],
    ["text that is no key", { authorization: "Bearer nonsense" }, /missing or not valid/],
    ["a key of another gateway", { "x-api-key": "sk_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }, /missing or not valid/],
    ["a key as long as a book", { "x-api-key": `sk_${"a".repeat(10_000)}` }, /missing or not valid/],
  ];
  for (const [name, headers, message] of refused) {
    it(`denies ${name} with 401 invalid_api_key, and says how to send one`, async () => {
      const { nexted, status, code, headers: sent, json, exchange } = await run(headers, { prepare: forgetOwner });
      expect({ nexted, status, code }).to.deep.equal({ nexted: false, status: 401, code: "invalid_api_key" });
      expect(sent["www-authenticate"]).to.equal("Bearer");
      expect((json as { error: { message: string } }).error.message).to.match(message);
      expect(exchange.owner).to.equal(undefined);
    });
  }

  it("denies two different keys at once: nobody can tell which one is meant", async () => {
    const both = await run({ authorization: `Bearer ${key}`, "x-api-key": "sk_other" });
    expect(both).to.include({ nexted: false, status: 401, code: "invalid_api_key" });
    expect(both.text).to.include("Different API keys");
  });

  it("never takes a key from the query or a cookie", async () => {
    const asked = await run({ cookie: `key=${key}` }, { url: `/v1/chat/completions?api_key=${key}&key=${key}` });
    expect(asked).to.include({ nexted: false, status: 401 });
  });

  it("looks only into the headers that it is told to", async () => {
    const parameters = { headers: ["x-api-key"] };
    expect(await run({ "x-api-key": key }, { parameters })).to.include({ nexted: true });
    expect(await run({ authorization: `Bearer ${key}` }, { parameters })).to.include({ nexted: false, status: 401 });
    expect(() => keyAuth.parameters?.parse({ headers: [] })).to.throw();
    expect(() => keyAuth.parameters?.parse({ headers: ["cookie"] })).to.throw();
  });

  it("K3: a revoked or expired key is 401, without saying which", async () => {
    const { store } = services;
    for (const change of [{ status: "revoked" as const }, { expiresAt: now - 1 }]) {
      await store.keys.put({ ...apiKey, ...change });
      const denied = await run({ "x-api-key": key });
      expect(denied).to.include({ nexted: false, status: 401, code: "invalid_api_key" });
      expect(denied.text).not.to.match(/revoked|expired/);
    }
    await store.keys.put(apiKey);
    expect(await run({ "x-api-key": key })).to.include({ nexted: true });
  });

  it("K4: the key of a deactivated owner is 403 account_disabled", async () => {
    await services.store.clients.put({ ...bot, active: false });
    expect(await run({ "x-api-key": key })).to.include({ nexted: false, status: 403, code: "account_disabled" });
    await services.store.clients.put(bot);
  });

  it("answers OPTIONS as any other method that a path does not know", async () => {
    const asked = await run({}, { method: "OPTIONS", body: undefined });
    expect(asked).to.include({ nexted: false, status: 405, code: "method_not_allowed" });
    expect(asked.headers.allow).to.equal("POST");
  });

  it("denies with 503 store_unavailable when the store is down: nobody is waved through", async () => {
    const { store, clock } = await testServices();
    const keys = await testKeys();
    await store.close();
    const authenticate = (presented: string) => authenticateApiKey({ store, keys, clock }, presented);
    const denied = await run({ "x-api-key": key }, { services: { ...services, authenticate }, prepare: forgetOwner });
    expect(denied).to.include({ nexted: false, status: 503, code: "store_unavailable" });
    expect(denied.headers["retry-after"]).to.equal("5");
    expect(denied.exchange.owner).to.equal(undefined);
  });

  it("lets a second request see nothing of the first one", async () => {
    expect(await run({ "x-api-key": key })).to.include({ nexted: true });
    expect(await run({})).to.include({ nexted: false, status: 401 });
  });

  const forgetOwner: PolicyRunOptions["prepare"] = (exchange) => {
    exchange.owner = undefined;
    exchange.apiKey = undefined;
  };
});
