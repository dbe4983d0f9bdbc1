import cluster, { type Worker } from "node:cluster";
import { FIRST_START_VARIABLE, NUMBER_VARIABLE, type FromPrimary, type FromWorker } from "./messages";

/** The place of this process among the workers of its node. */
export interface WorkerSeat {
  /** From 1; a worker that is started again keeps it. */
  readonly number: number;
  /** What a node does once, such as serving its command line, does the first worker. */
  readonly leads: boolean;
  /** False where a worker before it had its number and died. */
  readonly isFirstStart: boolean;
  /** Listens, and may be counted on. */
  ready(address: string): void;
  /** @param count answers whenever any worker gathers */
  onCount(count: () => Promise<unknown>): void;
  /** What `count` of every worker says, this one's too; those that do not answer in time are left out. */
  gather(): Promise<readonly unknown[]>;
  /** The primary is gone: nobody starts this worker again, and nobody takes its connections. */
  onPrimaryGone(listener: () => void): void;
}

/** @returns undefined where this process is alone */
export function findSeat(env: NodeJS.ProcessEnv = process.env): WorkerSeat | undefined {
  const { worker } = cluster;
  const number = Number(env[NUMBER_VARIABLE]);
  return worker && number > 0 ? new Seat(worker, number, env[FIRST_START_VARIABLE] === "1") : undefined;
}

class Seat implements WorkerSeat {
  readonly #waiting = new Map<number, (counts: readonly unknown[]) => void>();
  #questions = 0;
  #count: () => Promise<unknown> = () => Promise.resolve(undefined);

  constructor(private readonly worker: Worker, readonly number: number, readonly isFirstStart: boolean) {
    process.on("message", (message) => this.#hear(message as FromPrimary));
  }

  get leads(): boolean {
    return this.number === 1;
  }

  ready(address: string): void {
    this.#tell({ kind: "ready", address });
  }

  onCount(count: () => Promise<unknown>): void {
    this.#count = count;
  }

  gather(): Promise<readonly unknown[]> {
    const question = (this.#questions += 1);
    return new Promise((resolve) => {
      this.#waiting.set(question, resolve);
      this.#tell({ kind: "gather", question });
    });
  }

  onPrimaryGone(listener: () => void): void {
    this.worker.once("disconnect", () => {
      // Node ends a worker at once that has lost its primary, with all the calls that it has.
      this.worker.exitedAfterDisconnect = true;
      listener();
    });
  }

  #hear(message: FromPrimary): void {
    if (message.kind === "count") {
      const tell = (counts: unknown) => this.#tell({ kind: "counts", question: message.question, counts });
      this.#count().then(tell, () => tell(undefined));
    } else if (message.kind === "gathered") {
      this.#waiting.get(message.question)?.(message.counts);
      this.#waiting.delete(message.question);
    }
  }

  #tell(message: FromWorker): void {
    // Where the primary is gone, so is this worker soon.
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
  }
}
