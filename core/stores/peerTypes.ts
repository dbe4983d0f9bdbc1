import type { ChatMessage } from "../domain/chatMessage";
import type { RateWindow } from "../domain/configSnapshot";

/** The state of the tightest window, for the headers that clients read. */
export interface RateState {
  readonly limit: number;
  readonly remaining: number;
  readonly resetMs: number;
}

export type RateOutcome = { readonly ok: true; readonly state?: RateState } | { readonly ok: false; readonly window: RateWindow; readonly state: RateState };

/**
 * Requests per owner, over all keys, routes and processes: several windows at once, and how many run at once.
 * Both reject with StoreUnavailable where what counts cannot be reached: then deny.
 */
export interface RateLimits {
  /** Counts one request in every window, or in none where one of them is full. */
  take(ownerId: string, windows: readonly RateWindow[]): Promise<RateOutcome>;
  /** @returns false when `limit` requests of this owner run already; 0 = no limit. Pair with `leave`. */
  enter(ownerId: string, limit: number): boolean | Promise<boolean>;
  leave(ownerId: string): void;
  /** How many requests of this owner run in this process. */
  running(ownerId: string): number;
}

/** An answer of the chat that this process writes now. */
export interface ToldAnswer {
  readonly id: string;
  readonly ownerId: string;
  /** As far as it has come; undefined: what was told before will do. */
  readonly message?: ChatMessage;
}

/** What other processes want of an answer. */
export interface WantedOfAnswer {
  readonly id: string;
  /** Somebody reads along: tell how far it has come. */
  readonly isRead: boolean;
  readonly isStopped: boolean;
}

/** Answers of the chat that are being written, on whatever process. All of it rejects with StoreUnavailable where the others cannot be reached. */
export interface RunningAnswers {
  /** Says that this process goes on with them; for others they run until 10 s after the last time. */
  tell(answers: readonly ToldAnswer[]): Promise<readonly WantedOfAnswer[]>;
  /** It is saved as it stays. */
  end(id: string): Promise<void>;
  /** How far they have come, those that run; from now on their processes keep that up to date for 10 s. */
  read(ids: readonly string[]): Promise<ReadonlyMap<string, ChatMessage>>;
  /** @returns whether this owner has such an answer; its process hears of it with what it tells next */
  stop(ownerId: string, id: string): Promise<boolean>;
}
