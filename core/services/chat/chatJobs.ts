import type { ChatCall, ChatCallEnding, ChatCaller, ChatDelta } from "../../adapters/loopback/chatCaller";
import type { Clock } from "../../clock";
import type { ChatMessage } from "../../domain/chatMessage";
import type { Conversation } from "../../domain/conversation";
import type { LedgerEntry } from "../../domain/ledgerEntry";
import { ThinkSplitter } from "../../domain/thinkSplitter";
import { ERROR_CODES } from "../../errors/codes";
import type { Logger } from "../../logger";
import type { Store } from "../../stores/types";
import { changeRow } from "../changeRow";
import { AnswerSharing } from "./answerSharing";
import type { ChatPasses } from "./chatPasses";
import type { ChatEvent, ChatJob, ChatJobRequest, ChatJobs } from "./types";

export interface ChatJobDeps {
  readonly store: Pick<Store, "messages" | "conversations" | "runningAnswers">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly passes: ChatPasses;
  readonly caller: ChatCaller;
}

/** What a request id is waited for by: the front door tells when the books of a call are closed. */
type Bookings = Map<string, (entry: LedgerEntry | undefined) => void>;

export function createChatJobs(deps: ChatJobDeps): ChatJobs {
  const running = new Map<string, RunningAnswer>();
  const bookings: Bookings = new Map();
  const { runningAnswers: answers } = deps.store;
  const sharing = answers && new AnswerSharing({ store: deps.store, answers }, (job) => running.get(job.message.id)?.stop());
  let closing = false;
  return {
    async start(request) {
      const { id } = request.answer;
      const job = new RunningAnswer(deps, request, bookings, () => closing);
      await sharing?.begin(job);
      running.set(id, job);
      void job.run().finally(() => {
        running.delete(id);
        sharing?.end(id);
      });
      return job;
    },
    find: (messageId) => running.get(messageId),
    follow: async (conversation, messageId) => sharing?.follow(conversation, messageId),
    async progress(messageIds) {
      const own = new Map<string, ChatMessage>();
      for (const id of messageIds) {
        const job = running.get(id);
        if (job) own.set(id, job.message);
      }
      const others = messageIds.filter((id) => !own.has(id));
      return sharing && others.length > 0 ? new Map([...own, ...(await sharing.progress(others))]) : own;
    },
    async stop(ownerId, messageId) {
      const job = running.get(messageId);
      if (!job) return (await sharing?.stop(ownerId, messageId)) ?? false;
      if (job.ownerId !== ownerId) return false;
      job.stop();
      return true;
    },
    booked(requestId, entry) {
      bookings.get(requestId)?.(entry);
      bookings.delete(requestId);
    },
    async close() {
      closing = true;
      const all = [...running.values()];
      for (const job of all) job.stop();
      await Promise.all(all.map((job) => job.finished));
    },
  };
}

class RunningAnswer implements ChatJob {
  readonly conversationId: string;
  readonly ownerId: string;
  message: ChatMessage;
  finished: Promise<void> = Promise.resolve();
  private readonly listeners = new Set<(event: ChatEvent) => void>();
  private readonly split = new ThinkSplitter();
  private readonly conversation: Conversation;
  private readonly body: ChatJobRequest["body"];
  private call?: ChatCall;
  private entry?: Promise<LedgerEntry | undefined>;
  private requestId?: string;
  private isStopped = false;
  private thoughtFrom?: number;
  private spokeFrom?: number;

  constructor(private readonly deps: ChatJobDeps, request: ChatJobRequest, private readonly bookings: Bookings, private readonly isClosing: () => boolean) {
    this.conversation = request.conversation;
    this.conversationId = request.conversation.id;
    this.ownerId = request.conversation.ownerId;
    this.message = request.answer;
    this.body = request.body;
  }

  subscribe(listener: (event: ChatEvent) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  stop(): void {
    this.isStopped = true;
    this.call?.abort();
  }

  run(): Promise<void> {
    this.finished = this.answer().catch((cause: unknown) => this.deps.logger.error({ conversation: this.conversationId, cause: String(cause) }, "an answer of the chat could not be saved"));
    return this.finished;
  }

  private async answer(): Promise<void> {
    const pass = this.deps.passes.issue(this.ownerId, (requestId) => {
      this.requestId = requestId;
      this.entry = new Promise((resolve) => this.bookings.set(requestId, resolve));
    });
    this.call = this.deps.caller({ pass, body: this.body, onDelta: (delta) => this.hear(delta) });
    const ending = await this.call.ended;
    this.add(this.split.end());
    const entry = await this.entry;
    this.message = this.closed(ending, entry);
    try {
      await this.save();
    } finally {
      this.tell({ kind: "end", message: this.message });
      this.listeners.clear();
    }
  }

  private hear(delta: ChatDelta): void {
    if (delta.reasoning !== undefined) this.add({ text: "", reasoning: delta.reasoning });
    if (delta.text !== undefined) this.add(this.split.push(delta.text));
  }

  private add({ text, reasoning }: { readonly text: string; readonly reasoning: string }): void {
    const now = this.deps.clock();
    if (reasoning !== "") {
      this.thoughtFrom ??= now;
      this.message = { ...this.message, reasoning: (this.message.reasoning ?? "") + reasoning };
      this.tell({ kind: "reasoning", text: reasoning });
    }
    if (text !== "") {
      this.spokeFrom ??= now;
      this.message = { ...this.message, text: this.message.text + text };
      this.tell({ kind: "text", text });
    }
  }

  private tell(event: ChatEvent): void {
    for (const listener of [...this.listeners]) listener(event);
  }

  /** The message as it stays: how it ended, what it cost, how fast it came. */
  private closed(ending: ChatCallEnding, entry: LedgerEntry | undefined): ChatMessage {
    const now = this.deps.clock();
    const first = Math.min(this.thoughtFrom ?? now, this.spokeFrom ?? now);
    const seconds = (now - first) / 1_000;
    const { outputTokens } = entry?.usage ?? { outputTokens: 0 };
    return {
      ...this.message,
      ...this.statusOf(ending, entry),
      ...(this.requestId === undefined ? {} : { requestId: this.requestId }),
      ...(this.thoughtFrom === undefined ? {} : { reasoningMs: (this.spokeFrom ?? now) - this.thoughtFrom }),
      ...(entry ? { inputTokens: entry.usage.inputTokens, outputTokens, costNano: entry.costNano } : {}),
      ...(outputTokens > 0 && seconds > 0 ? { tokensPerSecond: Math.round((outputTokens / seconds) * 10) / 10 } : {}),
    };
  }

  private statusOf(ending: ChatCallEnding, entry: LedgerEntry | undefined): Pick<ChatMessage, "status" | "error"> {
    const isEndedByGrace = ending.kind === "failed" && ending.error.code === "shutting_down";
    if (isEndedByGrace || (this.isClosing() && ending.kind !== "done")) return { status: "stopped", error: { code: "shutting_down", message: ERROR_CODES.shutting_down.message } };
    if (this.isStopped || ending.kind === "aborted") return { status: "stopped" };
    if (ending.kind === "failed") return { status: "failed", error: ending.error };
    // The coins ended in the midst of it (docs/rules.md H4).
    if (entry?.flags.includes("stopped")) return { status: "stopped", error: { code: "insufficient_quota", message: ERROR_CODES.insufficient_quota.message } };
    return { status: "done" };
  }

  /** A conversation that was deleted meanwhile stays deleted. */
  private async save(): Promise<void> {
    const { messages, conversations } = this.deps.store;
    const { id } = this.conversation;
    if (!(await conversations.get(id))) return;
    await messages.append(id, [{ t: "message", message: this.message }]);
    const row = await changeRow<Conversation>(conversations, id, (found) => found && { ...found, updatedAt: this.deps.clock() });
    if (!row) await messages.erase(id);
  }
}
