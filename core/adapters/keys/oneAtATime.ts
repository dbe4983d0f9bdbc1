import { CodedError } from "../../errors/codedError";

/**
 * A bounded queue of slow work, of which one piece runs at a time. Argon2 shares libuv's four threads with the file system:
 * several at once would hold up the journal.
 */
export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #closed = false;

  constructor(private readonly limit: number) {}

  /** @throws CodedError `overloaded` when `limit` pieces are waiting or running already, `shutting_down` after `close` */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new CodedError("shutting_down");
    if (this.#waiting >= this.limit) throw new CodedError("overloaded", { headers: { "retry-after": "5" } });
    this.#waiting++;
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    try {
      return await result;
    } finally {
      this.#waiting--;
    }
  }

  /** Resolves when what was taken is done. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
  }
}
