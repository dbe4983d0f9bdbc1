import type { Books } from "./books";
import type { BooksEvent, Recorded } from "./events";

/** What is looked for in the history. */
export interface HistorySearch<T> {
  /** Only events before this sequence number. */
  readonly before?: number;
  readonly limit: number;
  /** Only what happened between these times (epoch ms), as far as a segment of the history lies outside of them. */
  readonly between?: readonly [number, number];
  /** A line of the journal that does not hold this text (as JSON) cannot match: spares parsing it. */
  readonly text?: string;
  /** Picks the events that match, and what to return of them. */
  readonly pick: (event: BooksEvent, seq: number) => T | undefined;
}

/** All events ever, as far as they are durable. */
export interface History {
  newest<T>(search: HistorySearch<T>): Promise<{ readonly seq: number; readonly found: T }[]>;
  /** The event with this sequence number. */
  at(seq: number): Promise<BooksEvent | undefined>;
  /** From the first on, in pieces, up to and with `upTo`. */
  replay(upTo: number): AsyncIterable<readonly Recorded[]>;
}

/**
 * What the state machine stands on: memory keeps the events in an array, the embedded store writes them to a journal before
 * it answers.
 */
export interface Engine {
  readonly books: Books;
  /** Applies an event and hands it to the log. @returns its sequence number */
  commit(event: BooksEvent): number;
  /** Resolves when all that was committed so far would survive a power cut. */
  durable(): Promise<void>;
  /** @throws StoreUnavailable once the engine has failed or was closed */
  assertUsable(): void;
  isUsable(): boolean;
  readonly history: History;
}
