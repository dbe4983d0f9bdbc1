import { expect } from "chai";
import { client } from "../domain/testing/snapshots";
import { createMemoryStore } from "../stores/memory";
import type { Store } from "../stores/types";
import { authenticateApiKey } from "./authenticateApiKey";
import { createApiKey, type CreateApiKeyDeps } from "./createApiKey";
import { renameApiKey } from "./renameApiKey";
import { revokeApiKey } from "./revokeApiKey";
import { LONGEST_OVERLAP_MS, rotateApiKey } from "./rotateApiKey";
import { serviceSnapshot } from "./testing/snapshots";
import { testKeys } from "./testing/keys";

const START = 1_700_000_000_000;
const HOUR_MS = 3_600_000;

describe("rotating a key", () => {
  let store: Store;
  let deps: CreateApiKeyDeps & { readonly store: Store };
  let first: string;
  let keyId: string;
  let now = START;

  beforeEach(async () => {
    now = START;
    store = await createMemoryStore();
    deps = { store, keys: await testKeys(), clock: () => now };
    const owner = await store.clients.put(client("bot"));
    const made = await createApiKey(deps, { owner, snapshot: serviceSnapshot(), name: "nightly", by: "cli", expiresAt: START + 100 * HOUR_MS, coinCapNano: 5n });
    if (!made.ok) throw new Error(made.message);
    first = made.value.secret;
    keyId = made.value.apiKey.id;
  });
  afterEach(() => store.close());

  const rotate = async (overlapMs: number) => {
    const rotated = await rotateApiKey(deps, { keyId, overlapMs, by: "u1" });
    if (!rotated.ok) throw new Error(rotated.message);
    return rotated.value;
  };
  const answer = async (secret: string) => {
    const found = await authenticateApiKey(deps, secret);
    return found.ok ? found.apiKey?.id : found.reason;
  };

  it("K5: makes a second key under the same record; both are good, and both are that record", async () => {
    const { secret, apiKey } = await rotate(HOUR_MS);
    expect(secret).not.to.equal(first);
    expect(apiKey).to.include({ id: keyId, name: "nightly", coinCapNano: 5n, expiresAt: START + 100 * HOUR_MS });
    expect(apiKey.hint).to.equal(deps.keys.hint(secret));
    expect(await answer(first)).to.equal(keyId);
    expect(await answer(secret)).to.equal(keyId);
    expect((await store.keys.list()).rows).to.have.length(1);
  });

  it("K5: the old key is refused from the end of the overlap on, not before", async () => {
    const { secret } = await rotate(HOUR_MS);
    now = START + HOUR_MS - 1;
    expect(await answer(first)).to.equal(keyId);
    now = START + HOUR_MS;
    expect(await answer(first)).to.equal("replaced");
    expect(await answer(secret)).to.equal(keyId);
  });

  it("K5: without an overlap the old key ends at once", async () => {
    const { secret } = await rotate(0);
    expect(await answer(first)).to.equal("unknown");
    expect(await answer(secret)).to.equal(keyId);
  });

  it("K5: a second rotation ends the oldest key and leaves the one before good", async () => {
    const { secret: second } = await rotate(HOUR_MS);
    const { secret: third } = await rotate(HOUR_MS);
    expect([await answer(first), await answer(second), await answer(third)]).to.deep.equal(["unknown", keyId, keyId]);
  });

  it("K3: revoking or expiring ends both keys", async () => {
    const { secret } = await rotate(200 * HOUR_MS);
    now = START + 100 * HOUR_MS;
    expect([await answer(first), await answer(secret)]).to.deep.equal(["expired", "expired"]);
    now = START;
    await revokeApiKey(deps, { keyId, by: "cli" });
    expect([await answer(first), await answer(secret)]).to.deep.equal(["revoked", "revoked"]);
  });

  it("K5: both keys live through a new pepper", async () => {
    const { secret } = await rotate(HOUR_MS);
    deps = { ...deps, keys: await testKeys("another pepper, just as long ....") };
    for (let turn = 0; turn < 2; turn++) expect([await answer(first), await answer(secret)]).to.deep.equal([keyId, keyId]);
    const row = await store.keys.get(keyId);
    expect([row?.pepperId, row?.former?.pepperId]).to.deep.equal([deps.keys.pepperId, deps.keys.pepperId]);
  });

  it("K1: keeps neither secret, in the store or in the audit log", async () => {
    const { secret } = await rotate(HOUR_MS);
    const row = (await store.keys.get(keyId))!;
    const kept = JSON.stringify([{ ...row, verifier: "", former: { ...row.former, verifier: "" } }, (await store.auditLog.list()).rows], (_, value: unknown) => (typeof value === "bigint" ? `${value}` : value));
    expect(kept).not.to.include(secret.slice(15, 58)).and.not.to.include(first.slice(15, 58));
    expect((await store.auditLog.list()).rows[0]).to.deep.include({ action: "key.rotate", actor: "u1", subject: keyId });
  });

  it("refuses somebody else's key, one that is over, and an overlap that is none", async () => {
    const refuse = async (more: { ownerId?: string; overlapMs?: number; keyId?: string }) => (await rotateApiKey(deps, { keyId, overlapMs: 0, by: "u1", ...more })).ok;
    expect(await refuse({ ownerId: "other" })).to.equal(false);
    expect(await refuse({ keyId: "nothing" })).to.equal(false);
    expect(await refuse({ overlapMs: -1 })).to.equal(false);
    expect(await refuse({ overlapMs: LONGEST_OVERLAP_MS + 1 })).to.equal(false);
    now = START + 100 * HOUR_MS;
    expect(await refuse({})).to.equal(false);
    now = START;
    await revokeApiKey(deps, { keyId, by: "cli" });
    expect(await refuse({})).to.equal(false);
  });

  it("leaves the name to be changed, and nothing else with it", async () => {
    const before = (await store.keys.get(keyId))!;
    const rename = (name: string, ownerId = before.ownerId) => renameApiKey(deps, { keyId, ownerId, name, by: "u1" });
    expect((await rename("")).ok).to.equal(false);
    expect((await rename("weekly", "other")).ok).to.equal(false);
    expect((await rename(" weekly ")).ok).to.equal(true);
    expect(await store.keys.get(keyId)).to.deep.equal({ ...before, name: "weekly", revision: before.revision + 1 });
    expect(await answer(first)).to.equal(keyId);
  });
});
