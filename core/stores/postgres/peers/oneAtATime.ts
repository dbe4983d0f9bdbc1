/**
 * Runs batches one at a time: whatever arrives while one runs is the next, so that hundreds of calls cost one way to the
 * server and back.
 */
export class OneAtATime<T> {
  #waiting: T[] = [];
  #running: Promise<void> | undefined;

  /** @param run never rejects; @returns what has to wait for the next batch */
  constructor(private readonly run: (batch: readonly T[]) => Promise<readonly T[]>) {}

  add(item: T): void {
    this.#waiting.push(item);
    this.#start();
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  #start(): void {
    // What arrives in the same turn rides along.
    this.#running ??= Promise.resolve().then(() => this.#runAll()).finally(() => {
      this.#running = undefined;
      if (this.#waiting.length > 0) this.#start();
    });
  }

  async #runAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const later = await this.run(this.#waiting.splice(0));
      this.#waiting.unshift(...later);
    }
  }
}

/** In one order on every process, so that no two wait for each other in a circle. */
export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
