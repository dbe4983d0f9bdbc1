import type { ChatMessage } from "../../core/domain/chatMessage";
import type { LumenProcess } from "./lumenProcess";
import { withStoreOf } from "./storeOf";

/** Writes a conversation of 2,000 messages, `/chat/long`, for a user who is there; the gateway must not be running. */
export function keepLongConversation(lumen: LumenProcess, email: string): Promise<void> {
  return withStoreOf(lumen, async (store) => {
    const owner = await store.users.find("email", email);
    if (!owner) throw new Error(`there is no ${email}`);
    const messages = Array.from({ length: 2_000 }, (_, at): ChatMessage => ({
      id: `m${at}`, ...(at > 0 ? { parentId: `m${at - 1}` } : {}), createdAt: at, status: "done", text: `**${at}** ${"word ".repeat(100)}`,
      role: at % 2 ? "assistant" : "user", ...(at % 2 ? { model: "m" } : {}),
    }));
    await store.messages.append("long", messages.map((message) => ({ t: "message", message })));
    const now = Date.now();
    await store.conversations.put({ id: "long", ownerId: owner.id, title: "Long", model: "m", leafId: "m1999", createdAt: now, updatedAt: now });
  });
}
