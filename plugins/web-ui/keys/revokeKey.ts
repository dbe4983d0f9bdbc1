import { revokeApiKey } from "../../../core/services/revokeApiKey";
import { dialogReply } from "../dialogs/dialogReply";
import { ownerPageOf } from "../ownerPages";
import { bad, good, type MemberVisit, type Reply } from "../visit";
import { findKey } from "./findKey";
import { keysChanged } from "./keysChanged";

/** Asks before a key is ended. */
export async function askRevoke(visit: MemberVisit): Promise<Reply> {
  const { owner, base } = await ownerPageOf(visit);
  const { id, name, hint } = await findKey(visit, owner);
  return dialogReply(visit, { title: `Revoke ${name}?`, content: "keys/revoke", model: { base, id, hint }, back: base });
}

/** K3: the next call of this key is refused and its streams end; what was used stays. */
export async function revokeKey(visit: MemberVisit): Promise<Reply> {
  const page = await ownerPageOf(visit);
  const revoked = await revokeApiKey(visit.deps, { keyId: visit.params["keyId"] ?? "", ownerId: page.owner.id, by: visit.user.id });
  return keysChanged(visit, page, revoked.ok ? good(`${revoked.value.name} is revoked.`) : bad(revoked.message));
}
