import type { NanoCoins } from "./coins";

/** A file that goes with a message. The bytes of images are kept beside the conversation. */
export interface ChatAttachment {
  readonly id: string;
  readonly name: string;
  readonly kind: "text" | "image" | "pdf";
  /** By content: `image/png`, `application/pdf`, `text/plain`. */
  readonly type: string;
  readonly bytes: number;
  /** Extracted text of text and pdf. */
  readonly text?: string;
}

/** One message of a conversation. Messages form a tree: siblings are other answers, or other wordings of one question. */
export interface ChatMessage {
  readonly id: string;
  readonly parentId?: string;
  readonly role: "user" | "assistant";
  readonly text: string;
  readonly reasoning?: string;
  readonly reasoningMs?: number;
  readonly attachments?: readonly ChatAttachment[];
  readonly model?: string;
  readonly createdAt: number;
  /** Assistant only. */
  readonly status?: "running" | "done" | "stopped" | "failed";
  /** The API's own code and sentence, or `interrupted`. */
  readonly error?: { readonly code: string; readonly message: string };
  /** Of the call in the ledger. */
  readonly requestId?: string;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly costNano?: NanoCoins;
  readonly tokensPerSecond?: number;
}

/** One message of the active branch with its siblings, for "2 / 3" and the arrows. */
export interface ThreadMessage {
  readonly message: ChatMessage;
  /** Its place among `siblings`, from 0. */
  readonly position: number;
  /** Ids of all messages with the same parent and role, oldest first, its own among them. */
  readonly siblings: readonly string[];
}
