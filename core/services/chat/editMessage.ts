import { refused, type Outcome } from "../outcome";
import { answerQuestion, type Turn } from "./answerQuestion";
import { NO_CONVERSATION, openConversation } from "./openConversation";
import type { ChatDeps } from "./types";

export interface EditedMessage {
  readonly ownerId: string;
  readonly conversationId: string;
  readonly messageId: string;
  readonly text: string;
  /** Empty: the conversation's. */
  readonly model: string;
}

/** Another wording of a question, with the same files, sent again; the branch of the old one stays reachable. */
export async function editMessage(deps: ChatDeps, edited: EditedMessage): Promise<Outcome<Turn>> {
  const open = await openConversation(deps, edited.ownerId, edited.conversationId);
  if (!open) return NO_CONVERSATION;
  const old = open.tree.get(edited.messageId);
  if (old?.role !== "user") return refused("There is no such message.");
  return answerQuestion(deps, {
    conversation: { ...open.conversation, model: edited.model || open.conversation.model }, tree: open.tree,
    question: {
      text: edited.text, uploads: [], ...(old.attachments ? { kept: old.attachments } : {}), ...(old.parentId === undefined ? {} : { parentId: old.parentId }),
    },
  });
}
