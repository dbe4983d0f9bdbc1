import { renameApiKey } from "../../../core/services/renameApiKey";
import { dialogReply } from "../dialogs/dialogReply";
import { ownerPageOf } from "../ownerPages";
import { good, type MemberVisit, type Reply } from "../visit";
import { findKey } from "./findKey";
import { keysChanged } from "./keysChanged";

export async function askRename(visit: MemberVisit): Promise<Reply> {
  const { owner, base } = await ownerPageOf(visit);
  const { id, name, hint } = await findKey(visit, owner);
  return dialogReply(visit, { title: "Rename a key", content: "keys/rename", model: { base, id, name, hint }, back: base });
}

export async function renameKey(visit: MemberVisit): Promise<Reply> {
  const page = await ownerPageOf(visit);
  const { id, hint } = await findKey(visit, page.owner);
  const name = visit.form.text("name");
  const renamed = await renameApiKey(visit.deps, { keyId: id, ownerId: page.owner.id, name, by: visit.user.id });
  if (renamed.ok) return keysChanged(visit, page, good(`The key is called ${renamed.value.name} now.`));
  const model = { base: page.base, id, name, hint, fault: renamed.message };
  return dialogReply(visit, { title: "Rename a key", content: "keys/rename", model, back: page.base, isRefused: true });
}
