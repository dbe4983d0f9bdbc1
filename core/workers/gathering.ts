import type { Worker } from "node:cluster";
import type { FromPrimary, FromWorker } from "./messages";

const PATIENCE_MS = 2_000;

interface Question {
  readonly open: Set<Worker>;
  readonly counts: unknown[];
  readonly end: () => void;
}

/** Asks all workers for their counts when one of them wants to know. */
export class Gathering {
  readonly #questions = new Map<number, Question>();
  #asked = 0;

  /** @param workers those that can answer */
  gather(asker: Worker, { question: asked }: Extract<FromWorker, { kind: "gather" }>, workers: readonly Worker[]): void {
    const question = (this.#asked += 1);
    const counts: unknown[] = [];
    const end = () => {
      clearTimeout(late);
      this.#questions.delete(question);
      send(asker, { kind: "gathered", question: asked, counts });
    };
    const late = setTimeout(end, PATIENCE_MS);
    this.#questions.set(question, { open: new Set(workers), counts, end });
    for (const worker of workers) send(worker, { kind: "count", question });
  }

  hear(worker: Worker, { question, counts }: Extract<FromWorker, { kind: "counts" }>): void {
    const found = this.#questions.get(question);
    if (!found?.open.delete(worker)) return;
    if (counts !== undefined) found.counts.push(counts);
    if (found.open.size === 0) found.end();
  }

  /** A worker that died answers no more. */
  leave(worker: Worker): void {
    for (const { open, end } of [...this.#questions.values()]) if (open.delete(worker) && open.size === 0) end();
  }
}

function send(worker: Worker, message: FromPrimary): void {
  // One that dies in this very moment is told of by its end.
  if (worker.isConnected()) worker.send(message, () => undefined);
}
