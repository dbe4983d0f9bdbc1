import type { ChatMessage } from "../../domain/chatMessage";
import type { MessageTree } from "../../domain/chatThread";
import type { Conversation } from "../../domain/conversation";
import { refused } from "../outcome";
import type { ChatDeps } from "./types";

/** A conversation with all that was said in it. */
export interface OpenConversation {
  readonly conversation: Conversation;
  readonly tree: MessageTree;
}

/** What a use case says of a conversation that is not there, or somebody else's: nobody learns which. */
export const NO_CONVERSATION = refused("There is no such conversation.");
export const isMissing = (outcome: { readonly ok: boolean }): boolean => outcome === NO_CONVERSATION;

/** The row alone; undefined also for somebody else's. */
export async function findConversation(deps: Pick<ChatDeps, "store">, ownerId: string, id: string): Promise<Conversation | undefined> {
  const row = await deps.store.conversations.get(id);
  return row?.ownerId === ownerId ? row : undefined;
}

/** With its messages, running answers as far as they have come. An answer that runs no more and was never saved was interrupted. */
export async function openConversation(deps: Pick<ChatDeps, "store" | "chat">, ownerId: string, id: string): Promise<OpenConversation | undefined> {
  const conversation = await findConversation(deps, ownerId, id);
  if (!conversation) return undefined;
  const tree = new Map<string, ChatMessage>();
  for (const { message } of await deps.store.messages.read(id)) tree.set(message.id, message);
  const running = [...tree.values()].filter(({ status }) => status === "running");
  for (const message of running) tree.set(message.id, deps.chat.jobs.find(message.id)?.message ?? interrupted(message));
  return { conversation, tree };
}

function interrupted(message: ChatMessage): ChatMessage {
  return { ...message, status: "failed", error: { code: "interrupted", message: "This answer was interrupted because the gateway stopped. Try again." } };
}
