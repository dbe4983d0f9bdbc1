import type { ApiKey } from "../domain/apiKey";
import type { Store } from "../stores/types";
import { audit, type AuditDeps } from "./audit";
import { changeRow } from "./changeRow";
import { done, refused, type Outcome } from "./outcome";

export interface RevokeApiKeyDeps extends AuditDeps {
  readonly store: Pick<Store, "keys" | "auditLog">;
}

export interface Revocation {
  readonly keyId: string;
  /** Where given, another owner's key is not found. */
  readonly ownerId?: string;
  readonly by: string;
}

/**
 * K3: the next call is 401. The row and its history stay. Revoking twice changes nothing, and keeps the first time.
 */
export async function revokeApiKey(deps: RevokeApiKeyDeps, { keyId, ownerId, by }: Revocation): Promise<Outcome<ApiKey>> {
  const now = deps.clock();
  let changed = false;
  const row = await changeRow<ApiKey>(deps.store.keys, keyId, (found) => {
    changed = found?.status === "active" && (ownerId === undefined || found.ownerId === ownerId);
    return found && changed ? { ...found, status: "revoked", revokedAt: now } : undefined;
  });
  if (!row || row.status === "pending" || (ownerId !== undefined && row.ownerId !== ownerId)) {
    return refused(`There is no key with the id '${keyId.slice(0, 80)}'.`, "keyId");
  }
  if (changed) await audit(deps, by, "key.revoke", keyId, { name: row.name, hint: row.hint });
  return done(row);
}
