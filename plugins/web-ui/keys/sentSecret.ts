import type { Owner } from "../../../core/domain/owner";
import type { MemberVisit } from "../visit";

/**
 * The key that the dialog still shows and sends along: it is kept nowhere here. Only where it is really the key of this
 * row, so that the page never echoes anything else.
 */
export async function sentSecret(visit: MemberVisit, owner: Owner, keyId: string): Promise<string | undefined> {
  const { deps, form } = visit;
  const sent = form.text("key");
  const row = await deps.store.keys.get(keyId);
  return row?.ownerId === owner.id && deps.keys.parse(sent)?.id === keyId && deps.keys.matches(sent, row.digest) ? sent : undefined;
}
