import { activeBranch } from "../../../core/domain/chatThread";
import { conversationJson, conversationMarkdown } from "../../../core/services/chat/exportConversation";
import { bad, NotFound, page, part, redirect, type MemberVisit, type Reply } from "../visit";
import { chatPage, mustOpen } from "./chatPage";
import { messageModel, placeOf } from "./messages";
import { foundConversations, sidebarOf } from "./sidebar";

/** One message as it stands; to a browser that follows a link, its place in the conversation, however far up. */
export async function showMessage(visit: MemberVisit): Promise<Reply> {
  const open = await mustOpen(visit);
  const { conversation, tree } = open;
  const id = visit.params["message"] ?? "";
  if (!tree.has(id)) throw new NotFound();
  const one = activeBranch(tree, id).at(-1);
  if (!one) throw new NotFound();
  if (!visit.isSwap) {
    const place = placeOf(open, id);
    return place === undefined ? redirect(`/chat/${conversation.id}`, bad("That message is in another version of this conversation: use the arrows below a question.")) : redirect(place);
  }
  return part("chat/message", messageModel(conversation.id, one));
}

export async function list(visit: MemberVisit): Promise<Reply> {
  const sidebar = await sidebarOf(visit, visit.query.get("current") ?? undefined, visit.query.get("cursor") ?? undefined);
  return visit.isSwap ? part("chat/sidebar-items", sidebar) : page("chat/show", "Chat", { ...(await chatPage(visit, undefined)), sidebar });
}

export async function search(visit: MemberVisit): Promise<Reply> {
  const query = visit.query.get("q") ?? "";
  const sidebar = query.trim() === "" ? await sidebarOf(visit) : await foundConversations(visit, query);
  return visit.isSwap ? part("chat/sidebar-items", sidebar) : page("chat/show", "Chat", { ...(await chatPage(visit, undefined)), sidebar });
}

export async function exportMarkdown(visit: MemberVisit): Promise<Reply> {
  const open = await mustOpen(visit);
  return { kind: "file", type: "text/markdown; charset=utf-8", body: conversationMarkdown(open), name: `${open.conversation.title.slice(0, 80)}.md` };
}

export async function exportJson(visit: MemberVisit): Promise<Reply> {
  const open = await mustOpen(visit);
  return { kind: "file", type: "application/json; charset=utf-8", body: conversationJson(open), name: `${open.conversation.title.slice(0, 80)}.json` };
}
