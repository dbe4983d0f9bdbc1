import { activeBranch } from "../../domain/chatThread";
import { refused, type Outcome } from "../outcome";
import { answerQuestion, type Turn } from "./answerQuestion";
import { NO_CONVERSATION, openConversation } from "./openConversation";
import type { ChatDeps } from "./types";

export interface NextMessage {
  readonly ownerId: string;
  readonly conversationId: string;
  readonly text: string;
  /** Empty: the one of the message before. */
  readonly model: string;
  readonly uploads: readonly string[];
}

export const STILL_WRITING = refused("The answer is still being written. Wait for it, or stop it.", "text");

/** A message at the end of the branch that is shown. */
export async function sendMessage(deps: ChatDeps, next: NextMessage): Promise<Outcome<Turn>> {
  const open = await openConversation(deps, next.ownerId, next.conversationId);
  if (!open) return NO_CONVERSATION;
  const { conversation, tree } = open;
  const last = activeBranch(tree, conversation.leafId).at(-1)?.message;
  if (last?.status === "running") return STILL_WRITING;
  return answerQuestion(deps, {
    conversation: { ...conversation, model: next.model || conversation.model }, tree,
    question: { text: next.text, uploads: next.uploads, ...(last ? { parentId: last.id } : {}) },
  });
}
