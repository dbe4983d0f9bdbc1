import { audit } from "../audit";
import { done, type Outcome } from "../outcome";
import { findConversation, NO_CONVERSATION } from "./openConversation";
import type { ChatDeps } from "./types";

/** Erases a conversation: its row, all that was said, and the files that went with it. A running answer is stopped. */
export async function deleteConversation(deps: ChatDeps, ownerId: string, id: string): Promise<Outcome<void>> {
  const conversation = await findConversation(deps, ownerId, id);
  if (!conversation) return NO_CONVERSATION;
  if (conversation.leafId !== undefined) await deps.chat.jobs.stop(ownerId, conversation.leafId);
  await eraseConversation(deps, id);
  await audit(deps, ownerId, "conversation.delete", id);
  return done(undefined);
}

/** The row first: what has no row is found by nobody. */
export async function eraseConversation({ store }: Pick<ChatDeps, "store">, id: string): Promise<void> {
  await store.conversations.delete(id);
  await store.messages.erase(id);
  await store.files.erase(id);
}
