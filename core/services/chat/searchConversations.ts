import type { Conversation } from "../../domain/conversation";
import { newestFirst } from "./listConversations";
import type { ChatDeps } from "./types";

export interface Found {
  readonly conversation: Conversation;
  /** Text around what was found; missing where the title holds it. */
  readonly excerpt?: string;
}

const MOST_FOUND = 50;
/** Newest conversations whose text is looked through, and for how long at most. */
const MOST_READ = 500;
const LONGEST_MS = 1_500;
const AROUND = 40;

/** Conversations whose title or text holds these words as they are typed, in any case; newest first. */
export async function searchConversations(deps: Pick<ChatDeps, "store" | "clock">, ownerId: string, query: string): Promise<readonly Found[]> {
  const wanted = query.trim().toLowerCase().slice(0, 200);
  if (wanted === "") return [];
  const until = deps.clock() + LONGEST_MS;
  const found: Found[] = [];
  let read = 0;
  for (const conversation of await newestFirst(deps, ownerId)) {
    if (found.length >= MOST_FOUND) break;
    if (conversation.title.toLowerCase().includes(wanted)) {
      found.push({ conversation });
      continue;
    }
    if (read >= MOST_READ || deps.clock() > until) continue;
    read += 1;
    const excerpt = await excerptOf(deps, conversation.id, wanted);
    if (excerpt !== undefined) found.push({ conversation, excerpt });
  }
  return found;
}

async function excerptOf({ store }: Pick<ChatDeps, "store">, id: string, wanted: string): Promise<string | undefined> {
  for (const { message } of await store.messages.read(id)) {
    const at = message.text.toLowerCase().indexOf(wanted);
    if (at < 0) continue;
    const [start, end] = [Math.max(0, at - AROUND), at + wanted.length + AROUND];
    const text = message.text.slice(start, end).replace(/\s+/gu, " ");
    return `${start > 0 ? "…" : ""}${text}${end < message.text.length ? "…" : ""}`;
  }
  return undefined;
}
