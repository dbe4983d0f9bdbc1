import { systemClock, type Clock } from "../../clock";
import { StoreUnavailable } from "../../errors/storeErrors";
import { applyEvent } from "../shared/applyEvent";
import { createBooks } from "../shared/books";
import type { Engine, History, HistorySearch } from "../shared/engine";
import type { BooksEvent, Recorded } from "../shared/events";
import { storeOver } from "../shared/storeOver";
import type { Store } from "../types";
import { memoryConversations, memoryFiles } from "./memoryConversations";

export interface MemoryStoreOptions {
  readonly now?: Clock;
}

const DURABLE = Promise.resolve();
const PIECE = 10_000;

/** Entries, adjustments and audit events are kept; what a hold did is of no use once it ended. */
const isKept = (event: BooksEvent): boolean => event.t === "settle" || event.t === "adjust" || event.t === "audit";

function memoryHistory(kept: readonly Recorded[], lastSeq: () => number): History {
  const placeOf = (seq: number): number => {
    let [low, high] = [0, kept.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((kept[middle]?.seq ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    newest: async <T>(search: HistorySearch<T>) => {
      const rows: { seq: number; found: T }[] = [];
      for (let at = search.before === undefined ? kept.length : placeOf(search.before); at > 0 && rows.length < search.limit; at -= 1) {
        const one = kept[at - 1];
        const found = one && search.pick(one.event, one.seq);
        if (one && found !== undefined) rows.push({ seq: one.seq, found });
      }
      return rows;
    },
    at: async (seq) => {
      const one = kept[placeOf(seq)];
      return one?.seq === seq ? one.event : undefined;
    },
    replay: async function* (upTo) {
      const end = placeOf(upTo + 1);
      for (let start = 0; start < end; start += PIECE) yield kept.slice(start, Math.min(end, start + PIECE));
      if (lastSeq() >= upTo) yield [{ seq: upTo, event: { t: "mark", what: "opened", at: 0 } }];
    },
  };
}

/**
 * A store that forgets everything at its end: for tests and trials. It is the embedded store without its journal, so that
 * both keep the same rules.
 */
export async function createMemoryStore(options: MemoryStoreOptions = {}): Promise<Store> {
  const books = createBooks();
  const kept: Recorded[] = [];
  let closed = false;
  const engine: Engine = {
    books,
    commit: (event) => {
      const seq = books.seq + 1;
      applyEvent(books, event, seq);
      if (isKept(event)) kept.push({ seq, event });
      return seq;
    },
    durable: () => DURABLE,
    assertUsable: () => {
      if (closed) throw new StoreUnavailable("the store is closed");
    },
    isUsable: () => !closed,
    history: memoryHistory(kept, () => books.seq),
  };
  return {
    ...storeOver(engine, { now: options.now ?? systemClock, progressEveryMs: 1_000 }),
    messages: memoryConversations(() => engine.assertUsable()),
    files: memoryFiles(() => engine.assertUsable()),
    failure: () => undefined,
    journalState: () => ({ bytes: 0, unsyncedEvents: 0 }),
    checkpoint: async () => undefined,
    backup: async () => {
      throw new StoreUnavailable("a store in memory has nothing to back up");
    },
    close: async () => {
      closed = true;
    },
  };
}
