import type { Conversation } from "../../domain/conversation";
import type { ChatMessage } from "../../domain/chatMessage";
import type { RunningAnswers, Store } from "../../stores/types";
import type { ChatJob } from "./types";
import { followAnswer } from "./followAnswer";

export interface AnswerSharingDeps {
  readonly store: Pick<Store, "messages">;
  readonly answers: RunningAnswers;
}

/** How soon others hear that an answer is to be stopped, or read. */
const TELL_MS = 1_000;
/** While somebody reads along elsewhere. */
const TELL_READERS_MS = 250;

/** Lets other processes know of the answers that this one writes, and this one of theirs: a browser may ask any of them. */
export class AnswerSharing {
  readonly #jobs = new Map<string, ChatJob>();
  readonly #read = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly deps: AnswerSharingDeps, private readonly stopOwn: (job: ChatJob) => void) {}

  /** Resolves when other processes can be asked for it. */
  async begin(job: ChatJob): Promise<void> {
    await this.deps.answers.tell([{ id: job.message.id, ownerId: job.ownerId, message: job.message }]);
    this.#jobs.set(job.message.id, job);
    this.#schedule();
  }

  /** It was saved. */
  end(id: string): void {
    this.#jobs.delete(id);
    this.#read.delete(id);
    // Where that fails, it is over for the others 10 s later.
    this.deps.answers.end(id).catch(() => undefined);
  }

  progress(ids: readonly string[]): Promise<ReadonlyMap<string, ChatMessage>> {
    return this.deps.answers.read(ids);
  }

  async follow(conversation: Conversation, id: string): Promise<ChatJob | undefined> {
    const message = (await this.deps.answers.read([id])).get(id);
    return message && followAnswer(this.deps, conversation, message);
  }

  stop(ownerId: string, id: string): Promise<boolean> {
    return this.deps.answers.stop(ownerId, id);
  }

  #schedule(): void {
    if (this.#jobs.size === 0 || this.#timer) return;
    this.#timer = setTimeout(() => {
      // A server that is away may be back the next time.
      this.#tell().catch(() => undefined).finally(() => {
        this.#timer = undefined;
        this.#schedule();
      });
    }, this.#read.size > 0 ? TELL_READERS_MS : TELL_MS).unref();
  }

  async #tell(): Promise<void> {
    const told = [...this.#jobs.values()].map(({ message, ownerId }) => ({ id: message.id, ownerId, ...(this.#read.has(message.id) ? { message } : {}) }));
    if (told.length === 0) return;
    for (const { id, isRead, isStopped } of await this.deps.answers.tell(told)) {
      const job = this.#jobs.get(id);
      // It ended while it was told of: nobody has to hear that it runs.
      if (!job) this.end(id);
      else if (isStopped) this.stopOwn(job);
      else if (isRead) this.#read.add(id);
      else this.#read.delete(id);
    }
  }
}
