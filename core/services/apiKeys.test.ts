import { expect } from "chai";
import { client } from "../domain/testing/snapshots";
import type { Owner } from "../domain/owner";
import { createMemoryStore } from "../stores/memory";
import type { Store } from "../stores/types";
import { authenticateApiKey } from "./authenticateApiKey";
import { createApiKey, type CreateApiKeyDeps } from "./createApiKey";
import { issueApiKey, PENDING_MS } from "./issueApiKey";
import type { KeyTerms } from "./keyTerms";
import { listApiKeys } from "./listApiKeys";
import { revokeApiKey } from "./revokeApiKey";
import { discardApiKey, saveApiKey } from "./saveApiKey";
import { serviceSnapshot } from "./testing/snapshots";
import { testKeys } from "./testing/keys";

const START = 1_700_000_000_000;

describe("API keys", () => {
  let store: Store;
  let deps: CreateApiKeyDeps & { readonly store: Store };
  let owner: Owner;
  let now = START;
  const snapshot = serviceSnapshot();

  beforeEach(async () => {
    now = START;
    store = await createMemoryStore();
    deps = { store, keys: await testKeys(), clock: () => now };
    owner = await store.clients.put(client("bot"));
  });
  afterEach(() => store.close());

  const create = async (terms: Partial<KeyTerms> = {}) => {
    const made = await createApiKey(deps, { owner, snapshot, name: "nightly", by: "cli", ...terms });
    if (!made.ok) throw new Error(made.message);
    return made.value;
  };
  const works = async (secret: string) => (await authenticateApiKey(deps, secret)).ok;

  it("shows the secret once: the store and the audit log never hold it", async () => {
    const { secret, apiKey } = await create({ expiresAt: now + 1, models: ["dummy", "dummy"], coinCapNano: 5n });
    expect(apiKey).to.include({ status: "active", name: "nightly", ownerId: owner.id, expiresAt: now + 1, coinCapNano: 5n });
    expect(apiKey.models).to.deep.equal(["dummy"]);
    expect(apiKey.hint).to.equal(`${secret.slice(0, 4)}…${secret.slice(-4)}`);
    const { verifier: _verifier, ...rest } = (await store.keys.get(apiKey.id))!;
    const kept = JSON.stringify([rest, (await store.auditLog.list()).rows], (_, value: unknown) => (typeof value === "bigint" ? `${value}` : value));
    expect(kept).to.not.include(secret.slice(15, 58));
  });

  const bad: [string, Partial<KeyTerms>, RegExp][] = [
    ["no name", { name: "  " }, /needs a name/],
    ["a long name", { name: "x".repeat(101) }, /at most 100/],
    ["a name of two lines", { name: "a\nb" }, /one line/],
    ["an expiry in the past", { expiresAt: START }, /future/],
    ["an expiry that is no time", { expiresAt: NaN }, /future/],
    ["an empty list of models", { models: [] }, /at least one/],
    ["a cap of nothing", { coinCapNano: 0n }, /above 0/],
  ];
  for (const [name, terms, message] of bad) {
    it(`K2: refuses ${name}, and makes no key`, async () => {
      const made = await createApiKey(deps, { owner, snapshot, name: "ok", by: "cli", ...terms });
      expect(made.ok).to.equal(false);
      if (!made.ok) expect(made.message).to.match(message);
      expect((await store.keys.list()).rows).to.have.length(0);
    });
  }

  it("A7: warns of a model that is not in the configuration", async () => {
    const made = await createApiKey(deps, { owner, snapshot, name: "ok", by: "cli", models: ["dummy", "gone"] });
    expect(made).to.deep.include({ ok: true, warnings: ["There is no model named 'gone' in the configuration."] });
  });

  describe("K1: issued first, saved with a name", () => {
    const save = (keyId: string, fields: { owner?: Owner; name?: string } = {}) =>
      saveApiKey(deps, { keyId, owner, snapshot, name: "nightly", by: "u1", ...fields });

    it("is good once it is saved, and not before", async () => {
      const { secret, apiKey } = await issueApiKey(deps, owner);
      expect(await works(secret)).to.equal(false);
      expect(await listApiKeys(deps)).to.have.length(0);
      expect((await save(apiKey.id)).ok).to.equal(true);
      expect(await works(secret)).to.equal(true);
      expect((await save(apiKey.id)).ok, "saved twice").to.equal(false);
    });

    it("can be saved until 15 minutes have passed", async () => {
      const { apiKey } = await issueApiKey(deps, owner);
      now += PENDING_MS - 1;
      expect((await save(apiKey.id, { name: "" })).ok, "without a name").to.equal(false);
      now += 1;
      expect((await save(apiKey.id)).ok).to.equal(false);
      await issueApiKey(deps, owner);
      expect(await store.keys.get(apiKey.id), "cleared away by the next").to.equal(undefined);
    });

    it("is nobody else's to save or discard", async () => {
      const { secret, apiKey } = await issueApiKey(deps, owner);
      expect((await save(apiKey.id, { owner: client("other") })).ok).to.equal(false);
      expect(await discardApiKey(deps, client("other"), apiKey.id)).to.equal(false);
      expect(await discardApiKey(deps, owner, apiKey.id)).to.equal(true);
      expect((await save(apiKey.id)).ok).to.equal(false);
      expect(await works(secret)).to.equal(false);
    });

    it("leaves a key that is saved alone when it is discarded", async () => {
      const { apiKey } = await create();
      expect(await discardApiKey(deps, owner, apiKey.id)).to.equal(false);
    });
  });

  it("K3: a revoked key is dead at once, stays listed, and is revoked once", async () => {
    const { secret, apiKey } = await create();
    const revoke = (ownerId?: string) => revokeApiKey(deps, { keyId: apiKey.id, ownerId, by: "cli" });
    expect((await revoke("someone-else")).ok).to.equal(false);
    expect(await works(secret)).to.equal(true);
    expect((await revoke(owner.id)).ok).to.equal(true);
    now += 1_000;
    const again = await revoke();
    expect(again.ok && again.value.revokedAt).to.equal(START);
    expect(await works(secret)).to.equal(false);
    expect((await listApiKeys(deps, owner.id)).map((row) => row.apiKey.status)).to.deep.equal(["revoked"]);
    const actions = (await store.auditLog.list()).rows.map(({ action }) => action);
    expect(actions.filter((action) => action === "key.revoke")).to.have.length(1);
    expect((await revokeApiKey(deps, { keyId: "nothing", by: "cli" })).ok).to.equal(false);
  });
});
