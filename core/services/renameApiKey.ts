import type { ApiKey } from "../domain/apiKey";
import type { Store } from "../stores/types";
import { audit, type AuditDeps } from "./audit";
import { changeRow } from "./changeRow";
import { checkKeyName } from "./keyTerms";
import { done, refused, type Outcome } from "./outcome";

export interface RenameApiKeyDeps extends AuditDeps {
  readonly store: Pick<Store, "keys" | "auditLog">;
}

export interface KeyRenaming {
  readonly keyId: string;
  /** Another owner's key is not found. */
  readonly ownerId: string;
  readonly name: string;
  readonly by: string;
}

/** Gives an active key another name; nothing else of it changes. */
export async function renameApiKey(deps: RenameApiKeyDeps, { keyId, ownerId, name, by }: KeyRenaming): Promise<Outcome<ApiKey>> {
  const checked = checkKeyName(name);
  if (!checked.ok) return checked;
  let before: string | undefined;
  const row = await changeRow<ApiKey>(deps.store.keys, keyId, (found) => {
    before = found?.status === "active" && found.ownerId === ownerId && found.name !== checked.value ? found.name : undefined;
    return found && before !== undefined ? { ...found, name: checked.value } : undefined;
  });
  if (row?.ownerId !== ownerId || row.status !== "active") return refused(`There is no key with the id '${keyId.slice(0, 80)}'.`, "keyId");
  if (before !== undefined) await audit(deps, by, "key.rename", keyId, { from: before, to: row.name });
  return done(row);
}
