import { leafBelow } from "../../domain/chatThread";
import type { Conversation } from "../../domain/conversation";
import { changeRow } from "../changeRow";
import { done, refused, type Outcome } from "../outcome";
import { NO_CONVERSATION, openConversation } from "./openConversation";
import type { ChatDeps } from "./types";

/** Shows the branch that goes through this message, to its newest end. */
export async function switchBranch(deps: ChatDeps, ownerId: string, conversationId: string, messageId: string): Promise<Outcome<Conversation>> {
  const open = await openConversation(deps, ownerId, conversationId);
  if (!open) return NO_CONVERSATION;
  if (!open.tree.has(messageId)) return refused("There is no such message.");
  const leafId = leafBelow(open.tree, messageId);
  const row = await changeRow<Conversation>(deps.store.conversations, conversationId, (found) => found && { ...found, leafId });
  return row ? done(row) : NO_CONVERSATION;
}
