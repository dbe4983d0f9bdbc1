import { issueApiKey } from "../../../core/services/issueApiKey";
import { dialogReply } from "../dialogs/dialogReply";
import { ownerPageOf } from "../ownerPages";
import type { MemberVisit, Reply } from "../visit";
import { keyForm, NOTHING_TYPED } from "./keyForm";

/** K1: makes a key and shows it, this once. It is good for nothing until it is saved. */
export async function newKey(visit: MemberVisit): Promise<Reply> {
  const { owner, base } = await ownerPageOf(visit);
  const { apiKey, secret } = await issueApiKey(visit.deps, owner);
  const model = await keyForm(visit, { owner, base, keyId: apiKey.id, secret, typed: NOTHING_TYPED });
  return dialogReply(visit, { title: "New API Key", content: "keys/new", model, back: base });
}
