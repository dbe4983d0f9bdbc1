import { page, type MemberVisit, type Reply } from "../visit";
import { chatPage, mustOpen } from "./chatPage";

export async function newChat(visit: MemberVisit): Promise<Reply> {
  return page("chat/show", "Chat", await chatPage(visit, undefined));
}

export async function showChat(visit: MemberVisit): Promise<Reply> {
  const open = await mustOpen(visit);
  return page("chat/show", open.conversation.title, await chatPage(visit, open));
}
