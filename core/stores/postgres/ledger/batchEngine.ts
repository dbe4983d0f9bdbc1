import type { Adjustment } from "../../../domain/ledgerEntry";
import { applyEvent } from "../../shared/applyEvent";
import type { Engine, History } from "../../shared/engine";
import type { SettleEvent } from "../../shared/events";
import type { LoadedBooks } from "./loadBooks";

/** What the operations of a batch did besides changing the books. */
export interface BatchChanges {
  readonly settled: SettleEvent[];
  readonly adjusted: Adjustment[];
}

/** Only what settling asks for: the entry of a call of this batch. */
function historyOf(entries: ReadonlyMap<number, SettleEvent>): History {
  const refuse = () => {
    throw new Error("a batch has no history of its own");
  };
  return { at: async (seq) => entries.get(seq), newest: refuse, replay: refuse };
}

/** The engine on which the shared rules run within one transaction: nobody else changes these rows meanwhile. */
export function batchEngine({ books, entries }: LoadedBooks): { readonly engine: Engine; readonly changes: BatchChanges } {
  const all = new Map(entries);
  const changes: BatchChanges = { settled: [], adjusted: [] };
  const engine: Engine = {
    books,
    commit: (event) => {
      const seq = books.seq + 1;
      applyEvent(books, event, seq);
      if (event.t === "settle") {
        changes.settled.push(event);
        all.set(seq, event);
      } else if (event.t === "adjust") changes.adjusted.push(event.adjustment);
      return seq;
    },
    durable: async () => undefined,
    assertUsable: () => undefined,
    isUsable: () => true,
    history: historyOf(all),
  };
  return { engine, changes };
}
