import { saveApiKey } from "../../../core/services/saveApiKey";
import { dialogReply } from "../dialogs/dialogReply";
import { ownerPageOf, pageQuery } from "../ownerPages";
import { bad, redirect, type MemberVisit, type Reply } from "../visit";
import { curlLine } from "./curlLine";
import { keyForm, readTyped, termsOf } from "./keyForm";
import { keysTable } from "./keysSection";
import { sentSecret } from "./sentSecret";

/** K1: gives the key its name and limits; from now on it is good. What cannot be taken comes back as it was typed. */
export async function saveKey(visit: MemberVisit): Promise<Reply> {
  const { owner, base } = await ownerPageOf(visit);
  const { deps, snapshot, form, user } = visit;
  const keyId = visit.params["keyId"] ?? "";
  const typed = readTyped(form);
  const terms = termsOf(typed, deps.clock());
  const saved = terms.ok ? await saveApiKey(deps, { ...terms.value, keyId, owner, snapshot, by: user.id }) : terms;
  const secret = await sentSecret(visit, owner, keyId);
  if (!saved.ok) {
    // Without a field it is the key itself that is gone: nothing to correct.
    if (saved.field === undefined || secret === undefined) return redirect(base, bad(saved.message));
    const model = await keyForm(visit, { owner, base, keyId, secret, typed, fault: saved });
    return dialogReply(visit, { title: "New API Key", content: "keys/new", model, back: base, isRefused: true });
  }
  const curl = secret === undefined ? undefined : await curlLine(visit, owner, saved.value, secret);
  const table = visit.isSwap ? await keysTable(visit, owner, base, pageQuery(visit)) : undefined;
  return dialogReply(visit, { title: `${saved.value.name} is ready`, content: "keys/saved", model: { base, secret, curl, table }, back: base });
}
