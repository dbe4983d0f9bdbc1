import type { ChatMessage } from "../../domain/chatMessage";

/** An answer that runs no more and was never saved. */
export function interrupted(message: ChatMessage): ChatMessage {
  return { ...message, status: "failed", error: { code: "interrupted", message: "This answer was interrupted because the gateway stopped. Try again." } };
}
