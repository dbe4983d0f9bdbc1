import type { KeyMaterial } from "../adapters/keys/types";
import type { Clock } from "../clock";
import { secretCalled, type ApiKey } from "../domain/apiKey";
import type { Owner } from "../domain/owner";
import { StoreConflict } from "../errors/storeErrors";
import type { Store, Versioned } from "../stores/types";
import { findOwner } from "./findOwner";

export type AuthenticationRefusal = "malformed" | "unknown" | "pending" | "revoked" | "expired" | "replaced" | "owner_inactive";

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
 * Who is calling (docs/rules.md K1 to K5): shape and checksum, row by public id, constant-time compare, then status, expiry
 * and owner. No argon2, but for a row whose pepper is not known any more. Whatever goes wrong in the store is thrown, so
 * that the caller of this function denies.
 */
export async function authenticateApiKey(deps: AuthenticationDeps, presented: string): Promise<Authentication> {
  const parsed = deps.keys.parse(presented);
  if (!parsed) return { ok: false, reason: "malformed" };
  const stored = await findRecord(deps, parsed.id);
  const which = stored && secretCalled(stored, parsed.id);
  const secret = which === "former" ? stored?.former : stored;
  if (!stored || !which || !secret) return { ok: false, reason: "unknown" };
  let row: ApiKey | undefined = stored;
  if (secret.pepperId !== deps.keys.pepperId) row = await renewDigest(deps, stored, which, presented);
  else if (!deps.keys.matches(presented, secret.digest)) row = undefined;
  if (!row) return { ok: false, reason: "unknown" };
  const refusal = refusalOf(row, parsed.id, deps.clock());
  if (refusal) return { ok: false, reason: refusal };
  const owner = await findOwner(deps, row.ownerId);
  return owner?.active ? { ok: true, via: "api", owner, apiKey: row } : { ok: false, reason: "owner_inactive" };
}

/** K5: a key that was rotated carries another public id than its record. */
async function findRecord({ store: { keys } }: AuthenticationDeps, publicId: string): Promise<Versioned<ApiKey> | undefined> {
  return (await keys.get(publicId)) ?? (await keys.find("secretId", publicId)) ?? (await keys.find("formerId", publicId));
}

function refusalOf(row: ApiKey, publicId: string, now: number): AuthenticationRefusal | undefined {
  if (row.status !== "active") return row.status;
  if (row.expiresAt !== undefined && row.expiresAt <= now) return "expired";
  if (secretCalled(row, publicId) === "current") return undefined;
  return row.former && row.former.goodUntil > now ? undefined : "replaced";
}

/**
 * The pepper was replaced (rotation, restore on another machine): the verifier of record decides, and the row gets a
 * digest of today's pepper, so that this happens once per key.
 * @returns the row in force, or undefined when the key is not this row's
 */
async function renewDigest(
  deps: AuthenticationDeps, row: Versioned<ApiKey>, which: "current" | "former", presented: string,
): Promise<ApiKey | undefined> {
  const verifier = which === "former" ? row.former?.verifier : row.verifier;
  if (verifier === undefined || !(await deps.keys.checkVerifier(verifier, presented))) return undefined;
  const { revision, ...rest } = row;
  const fresh = { digest: deps.keys.digest(presented), pepperId: deps.keys.pepperId };
  const renewed: ApiKey = which === "former" && rest.former ? { ...rest, former: { ...rest.former, ...fresh } } : { ...rest, ...fresh };
  try {
    return await deps.store.keys.put(renewed, { expectedRevision: revision });
  } catch (error) {
    // Somebody else changed the row meanwhile: what they wrote (a revocation, a rotation, the same renewal) counts.
    if (error instanceof StoreConflict) return deps.store.keys.get(row.id);
    throw error;
  }
}
