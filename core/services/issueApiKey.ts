import type { KeyMaterial } from "../adapters/keys/types";
import type { ApiKey, IssuedApiKey } from "../domain/apiKey";
import type { Owner } from "../domain/owner";
import type { Clock } from "../clock";
import type { Store } from "../stores/types";
import { allRows } from "./allRows";

export interface IssueApiKeyDeps {
  readonly store: Pick<Store, "keys">;
  readonly keys: KeyMaterial;
  readonly clock: Clock;
}

/** K1: how long a key may wait to be saved. */
export const PENDING_MS = 15 * 60_000;

/**
 * K1: makes a key that is good for nothing until `saveApiKey` gives it a name. The owner's older ones that nobody saved are
 * cleared away on the occasion.
 */
export async function issueApiKey(deps: IssueApiKeyDeps, owner: Owner): Promise<IssuedApiKey> {
  await dropUnsaved(deps, owner.id);
  const { row, secret } = await newKey(deps, owner);
  return { apiKey: await deps.store.keys.put({ ...row, name: "", status: "pending" }), secret };
}

/** The row of a fresh key, without a name and a status, which its maker gives it. */
export async function newKey(
  deps: IssueApiKeyDeps,
  owner: Owner,
): Promise<{ readonly row: Omit<ApiKey, "name" | "status">; readonly secret: string }> {
  const { secret, ...kept } = await newSecret(deps.keys);
  return { row: { ...kept, ownerId: owner.id, createdAt: deps.clock() }, secret };
}

/** A fresh secret, and what is kept of it. */
export async function newSecret(keys: KeyMaterial): Promise<Pick<ApiKey, "id" | "hint" | "digest" | "pepperId" | "verifier"> & { readonly secret: string }> {
  const { id, secret } = keys.issue();
  return { id, secret, hint: keys.hint(secret), digest: keys.digest(secret), pepperId: keys.pepperId, verifier: await keys.makeVerifier(secret) };
}

async function dropUnsaved(deps: IssueApiKeyDeps, ownerId: string): Promise<void> {
  const before = deps.clock() - PENDING_MS;
  const stale: string[] = [];
  for await (const row of allRows(deps.store.keys, { index: "ownerId", value: ownerId })) {
    if (row.status === "pending" && row.createdAt <= before) stale.push(row.id);
  }
  for (const id of stale) await deps.store.keys.delete(id);
}
