import { refused, type Outcome } from "../outcome";
import { answerQuestion, type Turn } from "./answerQuestion";
import { NO_CONVERSATION, openConversation } from "./openConversation";
import { STILL_WRITING } from "./sendMessage";
import type { ChatDeps } from "./types";

export interface AnotherAnswer {
  readonly ownerId: string;
  readonly conversationId: string;
  /** The answer that it is to stand beside. */
  readonly messageId: string;
  /** Empty: the conversation's. */
  readonly model: string;
}

/** Another answer to the same question; the one before stays reachable beside it. */
export async function regenerateAnswer(deps: ChatDeps, wanted: AnotherAnswer): Promise<Outcome<Turn>> {
  const open = await openConversation(deps, wanted.ownerId, wanted.conversationId);
  if (!open) return NO_CONVERSATION;
  const answer = open.tree.get(wanted.messageId);
  if (answer?.role !== "assistant" || answer.parentId === undefined) return refused("There is no such message.");
  if (answer.status === "running") return STILL_WRITING;
  return answerQuestion(deps, {
    conversation: { ...open.conversation, model: wanted.model || open.conversation.model }, tree: open.tree, question: answer.parentId,
  });
}
