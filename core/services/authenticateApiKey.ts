import type { KeyMaterial } from "../adapters/keys/types";
import type { Clock } from "../clock";
import type { ApiKey } from "../domain/apiKey";
import type { Owner } from "../domain/owner";
import { StoreConflict } from "../errors/storeErrors";
import type { Store, Versioned } from "../stores/types";
import { findOwner } from "./findOwner";

export type AuthenticationRefusal = "malformed" | "unknown" | "pending" | "revoked" | "expired" | "owner_inactive";

/** The reason is for logs and tests: a caller is told only that the key is not valid, or that the account is off. */
export type Authentication =
  | { readonly ok: true; readonly via: "api"; readonly owner: Owner; readonly apiKey: ApiKey }
  /** The web chat: it calls for a person and has no key. */
  | { readonly ok: true; readonly via: "chat"; readonly owner: Owner; readonly apiKey?: undefined }
  | { readonly ok: false; readonly reason: AuthenticationRefusal };

export interface AuthenticationDeps {
  readonly store: Pick<Store, "keys" | "users" | "clients">;
  readonly keys: KeyMaterial;
  readonly clock: Clock;
}

/**
 * Who is calling (docs/rules.md K1 to K4): shape and checksum, row by public id, constant-time compare, then status, expiry
 * and owner. No argon2, but for a row whose pepper is not known any more. Whatever goes wrong in the store is thrown, so
 * that the caller of this function denies.
 */
export async function authenticateApiKey(deps: AuthenticationDeps, presented: string): Promise<Authentication> {
  const parsed = deps.keys.parse(presented);
  if (!parsed) return { ok: false, reason: "malformed" };
  const stored = await deps.store.keys.get(parsed.id);
  if (!stored) return { ok: false, reason: "unknown" };
  let row: ApiKey | undefined = stored;
  if (row.pepperId !== deps.keys.pepperId) row = await renewDigest(deps, stored, presented);
  else if (!deps.keys.matches(presented, row.digest)) row = undefined;
  if (!row) return { ok: false, reason: "unknown" };
  const refusal = refusalOf(row, deps.clock());
  if (refusal) return { ok: false, reason: refusal };
  const owner = await findOwner(deps, row.ownerId);
  return owner?.active ? { ok: true, via: "api", owner, apiKey: row } : { ok: false, reason: "owner_inactive" };
}

function refusalOf(row: ApiKey, now: number): AuthenticationRefusal | undefined {
  if (row.status !== "active") return row.status;
  return row.expiresAt !== undefined && row.expiresAt <= now ? "expired" : undefined;
}

/**
 * The pepper was replaced (rotation, restore on another machine): the verifier of record decides, and the row gets a
 * digest of today's pepper, so that this happens once per key.
 * @returns the row in force, or undefined when the key is not this row's
 */
async function renewDigest(deps: AuthenticationDeps, row: Versioned<ApiKey>, presented: string): Promise<ApiKey | undefined> {
  if (!(await deps.keys.checkVerifier(row.verifier, presented))) return undefined;
  const { revision, ...rest } = row;
  const renewed: ApiKey = { ...rest, digest: deps.keys.digest(presented), pepperId: deps.keys.pepperId };
  try {
    return await deps.store.keys.put(renewed, { expectedRevision: revision });
  } catch (error) {
    // Somebody else changed the row meanwhile: what they wrote (a revocation, the same renewal) counts.
    if (error instanceof StoreConflict) return deps.store.keys.get(row.id);
    throw error;
  }
}
