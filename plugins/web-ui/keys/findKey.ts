import type { ApiKey } from "../../../core/domain/apiKey";
import type { Owner } from "../../../core/domain/owner";
import { NotFound, type MemberVisit } from "../visit";

/** The active key in the path. @throws NotFound where this owner has none of that id */
export async function findKey(visit: MemberVisit, owner: Owner): Promise<ApiKey> {
  const row = await visit.deps.store.keys.get(visit.params["keyId"] ?? "");
  if (row?.ownerId !== owner.id || row.status !== "active") throw new NotFound();
  return row;
}
