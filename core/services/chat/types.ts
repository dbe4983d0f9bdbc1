import type { PdfReader } from "../../adapters/pdf/readPdf";
import type { ChatMessage } from "../../domain/chatMessage";
import type { Conversation } from "../../domain/conversation";
import type { LedgerEntry } from "../../domain/ledgerEntry";
import type { ConfigSnapshot } from "../../domain/configSnapshot";
import type { Logger } from "../../logger";
import type { Clock } from "../../clock";
import type { Store } from "../../stores/types";

/** What a running answer tells its listeners. */
export type ChatEvent =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "reasoning"; readonly text: string }
  /** Saved and booked: the message as it stays. */
  | { readonly kind: "end"; readonly message: ChatMessage };

/** An answer that is being written: it goes on whoever listens or leaves. */
export interface ChatJob {
  readonly conversationId: string;
  readonly ownerId: string;
  /** As far as it has come. */
  readonly message: ChatMessage;
  /** @returns a function that ends the subscription */
  subscribe(listener: (event: ChatEvent) => void): () => void;
}

/** What a new answer needs: the messages are as they go upstream, the answer is saved already as `running`. */
export interface ChatJobRequest {
  readonly conversation: Conversation;
  readonly answer: ChatMessage;
  /** The JSON body of the call. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** The answers that are being written now: by this process, and where several share a store, by the others. */
export interface ChatJobs {
  /** Resolves when any process can be asked for it. */
  start(request: ChatJobRequest): Promise<ChatJob>;
  /** One that this process writes. */
  find(messageId: string): ChatJob | undefined;
  /** One that another process writes. */
  follow(conversation: Conversation, messageId: string): Promise<ChatJob | undefined>;
  /** Those of the messages that run, on whatever process, as far as they have come. */
  progress(messageIds: readonly string[]): Promise<ReadonlyMap<string, ChatMessage>>;
  /** True where this owner has such a running answer; it is saved as `stopped` with what it cost, on another process a second later. */
  stop(ownerId: string, messageId: string): Promise<boolean>;
  /** The books of a call are closed; `entry` is missing where it was refused before it cost anything. */
  booked(requestId: string, entry: LedgerEntry | undefined): void;
  /** Ends all of them and saves what they have. */
  close(): Promise<void>;
}

/** What the chat's use cases stand on besides the store. */
export interface ChatServices {
  readonly jobs: ChatJobs;
  /** Tokens of a request body, bounded in time. */
  readonly countInput: (body: Readonly<Record<string, unknown>>) => number;
  /** Bounded in time, pages and memory. */
  readonly readPdf: PdfReader;
}

/** First argument of the chat's use cases; the pages' dependencies are such. */
export interface ChatDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: { get(): ConfigSnapshot };
  readonly chat: ChatServices;
}

