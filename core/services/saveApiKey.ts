import type { ApiKey } from "../domain/apiKey";
import type { ConfigSnapshot } from "../domain/configSnapshot";
import { ownerLabel, type Owner } from "../domain/owner";
import { StoreConflict } from "../errors/storeErrors";
import type { Store } from "../stores/types";
import { audit, type AuditDeps } from "./audit";
import { PENDING_MS } from "./issueApiKey";
import { checkKeyTerms, type KeyTerms } from "./keyTerms";
import { done, refused, type Outcome } from "./outcome";

export interface SaveApiKeyDeps extends AuditDeps {
  readonly store: Pick<Store, "keys" | "auditLog">;
}

export interface SavedApiKey extends KeyTerms {
  readonly keyId: string;
  /** The key is looked for among this owner's alone. */
  readonly owner: Owner;
  readonly snapshot: ConfigSnapshot;
  readonly by: string;
}

/** K1: only now is the key good; one older than 15 minutes never will be. */
export async function saveApiKey(deps: SaveApiKeyDeps, request: SavedApiKey): Promise<Outcome<ApiKey>> {
  const { owner, keyId, snapshot, by } = request;
  const now = deps.clock();
  const gone = refused("This key is not there any more: it has to be saved within 15 minutes. Make a new one.");
  const stored = await deps.store.keys.get(keyId);
  if (!stored || stored.ownerId !== owner.id || stored.status !== "pending" || stored.createdAt + PENDING_MS <= now) return gone;
  const terms = checkKeyTerms(request, snapshot, now);
  if (!terms.ok) return terms;
  const { revision, ...row } = stored;
  try {
    const saved = await deps.store.keys.put({ ...row, ...terms.value, status: "active" }, { expectedRevision: revision });
    await audit(deps, by, "key.create", keyId, { owner: ownerLabel(owner), name: saved.name, hint: saved.hint });
    return done(saved, terms.warnings);
  } catch (error) {
    if (error instanceof StoreConflict) return gone;
    throw error;
  }
}

/** K1: a discarded key never was. @returns false where there was none to discard */
export async function discardApiKey(deps: SaveApiKeyDeps, owner: Owner, keyId: string): Promise<boolean> {
  const stored = await deps.store.keys.get(keyId);
  if (!stored || stored.ownerId !== owner.id || stored.status !== "pending") return false;
  return deps.store.keys.delete(keyId);
}
