import { page, part, type MemberVisit, type Reply } from "../visit";
import { chatPage, mustOpen } from "./chatPage";
import { messagesOf } from "./messages";

export async function newChat(visit: MemberVisit): Promise<Reply> {
  return page("chat/show", "Chat", await chatPage(visit, undefined));
}

export async function showChat(visit: MemberVisit): Promise<Reply> {
  const open = await mustOpen(visit);
  if (visit.isSwap && visit.query.has("before")) return part("chat/earlier", messagesOf(visit, open));
  return page("chat/show", open.conversation.title, await chatPage(visit, open));
}
