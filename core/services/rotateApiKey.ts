import type { ApiKey, IssuedApiKey } from "../domain/apiKey";
import type { Store } from "../stores/types";
import { audit } from "./audit";
import { changeRow } from "./changeRow";
import { newSecret, type IssueApiKeyDeps } from "./issueApiKey";
import { done, refused, type Outcome } from "./outcome";

export interface RotateApiKeyDeps extends IssueApiKeyDeps {
  readonly store: Pick<Store, "keys" | "auditLog">;
}

export interface KeyRotation {
  readonly keyId: string;
  /** Where given, another owner's key is not found. */
  readonly ownerId?: string;
  /** How long the old key stays good, in milliseconds; 0 ends it now. */
  readonly overlapMs: number;
  readonly by: string;
}

export const LONGEST_OVERLAP_MS = 30 * 86_400_000;

/**
 * K5: a second secret under the same record: name, limits, expiry and counters stay. The old one is good for the overlap;
 * one that was still good from an earlier rotation ends now.
 */
export async function rotateApiKey(deps: RotateApiKeyDeps, { keyId, ownerId, overlapMs, by }: KeyRotation): Promise<Outcome<IssuedApiKey>> {
  if (!Number.isSafeInteger(overlapMs) || overlapMs < 0) return refused("The overlap has to be a span of time.", "overlap");
  if (overlapMs > LONGEST_OVERLAP_MS) return refused("The old key can stay good for at most 30 days.", "overlap");
  const { secret, id: secretId, ...kept } = await newSecret(deps.keys);
  const now = deps.clock();
  let changed = false;
  const row = await changeRow<ApiKey>(deps.store.keys, keyId, (found) => {
    changed = found?.status === "active" && (ownerId === undefined || found.ownerId === ownerId) && (found.expiresAt ?? Infinity) > now;
    return found && changed ? rotated(found, { ...kept, secretId }, now, overlapMs) : undefined;
  });
  if (!row || !changed) return refused(`There is no key with the id '${keyId.slice(0, 80)}' that could be rotated.`, "keyId");
  await audit(deps, by, "key.rotate", keyId, { name: row.name, hint: row.hint, overlap_seconds: String(overlapMs / 1_000) });
  return done({ apiKey: row, secret });
}

function rotated(
  { former: _former, formerId: _formerId, ...key }: ApiKey, fresh: Pick<ApiKey, "hint" | "digest" | "pepperId" | "verifier" | "secretId">, now: number, overlapMs: number,
): ApiKey {
  if (overlapMs === 0) return { ...key, ...fresh };
  const { hint, digest, pepperId, verifier } = key;
  return { ...key, ...fresh, formerId: key.secretId ?? key.id, former: { hint, digest, pepperId, verifier, goodUntil: now + overlapMs } };
}
