import type { ChatMessage } from "../../domain/chatMessage";
import type { Conversation } from "../../domain/conversation";
import { interrupted } from "./interrupted";
import type { AnswerSharingDeps } from "./answerSharing";
import type { ChatEvent, ChatJob } from "./types";

const POLL_MS = 300;

/** An answer that another process writes, as it tells of it. It is asked for as long as somebody listens. */
export function followAnswer(deps: AnswerSharingDeps, conversation: Conversation, message: ChatMessage): ChatJob {
  return new FollowedAnswer(deps, conversation, message);
}

class FollowedAnswer implements ChatJob {
  readonly conversationId: string;
  readonly ownerId: string;
  readonly #listeners = new Set<(event: ChatEvent) => void>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly deps: AnswerSharingDeps, conversation: Conversation, public message: ChatMessage) {
    this.conversationId = conversation.id;
    this.ownerId = conversation.ownerId;
  }

  subscribe(listener: (event: ChatEvent) => void): () => void {
    this.#listeners.add(listener);
    this.#schedule();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) clearTimeout(this.#timer);
    };
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#listeners.size > 0) this.#timer = setTimeout(() => void this.#look().catch(() => this.#schedule()), POLL_MS).unref();
  }

  async #look(): Promise<void> {
    const { id } = this.message;
    const found = (await this.deps.answers.read([id])).get(id);
    if (found) {
      this.#advance(found);
      return this.#schedule();
    }
    const ended = await this.#ended(id);
    this.#advance(ended);
    this.#tell({ kind: "end", message: ended });
    this.#listeners.clear();
  }

  /** As it was saved; one that nobody wrote to its end was interrupted. */
  async #ended(id: string): Promise<ChatMessage> {
    const saved = (await this.deps.store.messages.read(this.conversationId)).findLast(({ message }) => message.id === id)?.message ?? this.message;
    return saved.status === "running" ? interrupted(saved) : saved;
  }

  /** Texts only grow. */
  #advance(next: ChatMessage): void {
    const { text, reasoning = "" } = this.message;
    this.message = next;
    const more = { reasoning: (next.reasoning ?? "").slice(reasoning.length), text: next.text.slice(text.length) };
    if (more.reasoning !== "") this.#tell({ kind: "reasoning", text: more.reasoning });
    if (more.text !== "") this.#tell({ kind: "text", text: more.text });
  }

  #tell(event: ChatEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}
