import { expect } from "chai";
import type { ApiKey } from "../domain/apiKey";
import { client } from "../domain/testing/snapshots";
import { StoreConflict, StoreUnavailable } from "../errors/storeErrors";
import { createMemoryStore } from "../stores/memory";
import type { Store } from "../stores/types";
import { authenticateApiKey, type AuthenticationDeps } from "./authenticateApiKey";
import { createApiKey } from "./createApiKey";
import { revokeApiKey } from "./revokeApiKey";
import { serviceSnapshot } from "./testing/snapshots";
import { testKeys } from "./testing/keys";

describe("authenticateApiKey", () => {
  let store: Store;
  let deps: AuthenticationDeps & { readonly store: Store };
  let secret: string;
  let row: ApiKey;
  let now = 1_000_000;

  beforeEach(async () => {
    now = 1_000_000;
    store = await createMemoryStore({ now: () => now });
    deps = { store, keys: await testKeys(), clock: () => now };
    const owner = await store.clients.put(client("bot"));
    const made = await createApiKey(deps, { owner, snapshot: serviceSnapshot(), name: "test", by: "cli" });
    if (!made.ok) throw new Error(made.message);
    secret = made.value.secret;
    row = made.value.apiKey;
  });
  afterEach(() => store.close());

  it("finds the owner and the key of a good key", async () => {
    const found = await authenticateApiKey(deps, secret);
    if (!found.ok) throw new Error(found.reason);
    expect(found.owner).to.include({ id: "c-bot", kind: "client" });
    expect(found.apiKey?.id).to.equal(row.id);
  });

  const change = async (fields: Partial<ApiKey>) => {
    const { revision: _revision, ...stored } = (await store.keys.get(row.id))!;
    await store.keys.put({ ...stored, ...fields });
  };
  const refusals: [string, string, () => Promise<unknown>][] = [
    ["malformed", "another shape", async () => (secret = "sk_abc")],
    ["malformed", "a wrong checksum", async () => (secret = secret.slice(0, -1) + (secret.endsWith("0") ? "1" : "0"))],
    ["unknown", "a key that was never made here", async () => (secret = deps.keys.issue().secret)],
    ["unknown", "the digest of another secret", () => change({ digest: deps.keys.digest("other") })],
    ["pending", "K1: a key that was not saved", () => change({ status: "pending" })],
    ["revoked", "K3: a revoked key", () => revokeApiKey(deps, { keyId: row.id, by: "cli" })],
    ["expired", "K3: a key in the moment of its expiry", () => change({ expiresAt: now })],
    ["owner_inactive", "K4: an owner that is deactivated", () => store.clients.put({ ...client("bot"), active: false })],
    ["owner_inactive", "an owner that is gone", () => store.clients.delete("c-bot")],
  ];
  for (const [reason, name, arrange] of refusals) {
    it(`refuses ${name}: ${reason}`, async () => {
      await arrange();
      expect(await authenticateApiKey(deps, secret)).to.deep.equal({ ok: false, reason });
    });
  }

  it("lets a store that cannot be trusted be heard, so that the caller denies", async () => {
    await store.close();
    const thrown = await authenticateApiKey(deps, secret).catch((error: unknown) => error);
    expect(thrown).to.be.instanceOf(StoreUnavailable);
  });

  describe("with a pepper that is not the row's", () => {
    let checks = 0;
    let moved: typeof deps;
    beforeEach(async () => {
      checks = 0;
      const keys = await testKeys("another pepper, just as long ....");
      const checkVerifier = (verifier: string, key: string) => (checks++, keys.checkVerifier(verifier, key));
      moved = { ...deps, keys: { ...keys, checkVerifier } };
    });

    it("asks the verifier once and gives the row a new digest", async () => {
      for (let call = 0; call < 3; call++) expect((await authenticateApiKey(moved, secret)).ok).to.equal(true);
      expect(checks).to.equal(1);
      expect((await store.keys.get(row.id))?.pepperId).to.equal(moved.keys.pepperId);
    });

    it("refuses a secret that the verifier does not know, and leaves the row", async () => {
      await change({ verifier: "test:other" });
      expect(await authenticateApiKey(moved, secret)).to.deep.equal({ ok: false, reason: "unknown" });
      expect((await store.keys.get(row.id))?.pepperId).to.equal(row.pepperId);
    });

    it("does not bring back a key that is revoked meanwhile", async () => {
      const put: typeof store.keys.put = async () => {
        await revokeApiKey(deps, { keyId: row.id, by: "cli" });
        throw new StoreConflict("changed");
      };
      const racing = { ...moved, store: { ...store, keys: { ...store.keys, put } } };
      expect(await authenticateApiKey(racing, secret)).to.deep.equal({ ok: false, reason: "revoked" });
    });
  });
});
