import type { ChatMessage } from "../../domain/chatMessage";
import type { MessageTree } from "../../domain/chatThread";
import type { Conversation } from "../../domain/conversation";
import { refused } from "../outcome";
import { interrupted } from "./interrupted";
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
  const tree = await readMessages(deps, id);
  const running = runningOf(tree);
  if (running.length === 0) return { conversation, tree };
  const progress = await deps.chat.jobs.progress(running.map((message) => message.id));
  const isOver = running.some((message) => !progress.has(message.id));
  // It may have been saved after it was read here.
  const now = isOver ? await readMessages(deps, id) : tree;
  for (const message of runningOf(now)) now.set(message.id, progress.get(message.id) ?? interrupted(message));
  return { conversation, tree: now };
}

async function readMessages({ store }: Pick<ChatDeps, "store">, id: string): Promise<Map<string, ChatMessage>> {
  const tree = new Map<string, ChatMessage>();
  for (const { message } of await store.messages.read(id)) tree.set(message.id, message);
  return tree;
}

const runningOf = (tree: MessageTree): ChatMessage[] => [...tree.values()].filter(({ status }) => status === "running");
