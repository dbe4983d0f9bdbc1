/** Where an item of a bag is; given back to take it out. */
export interface Held<T> {
  readonly item: T;
  place: number;
}

/**
 * What is going on at this moment, in no order: items come and go with each request.
 *
 * A Set or Map must not hold them. Each time that V8 makes a new table for one, the old table keeps what was in it and points to the new one. A table that has once
 * become old thus carries every later one, and all that stood in them, past the young generation, until the whole heap is collected: with Sets of whole
 * requests that was 15 MB a second, and a tenth of the main thread for collecting it (docs/performance.md).
 */
export class Bag<T> implements Iterable<T> {
  readonly #held: Held<T>[] = [];

  get size(): number {
    return this.#held.length;
  }

  add(item: T): Held<T> {
    const held = { item, place: this.#held.length };
    this.#held.push(held);
    return held;
  }

  /** What is not in it any more stays out. */
  take(held: Held<T>): void {
    if (this.#held[held.place] !== held) return;
    const last = this.#held.pop();
    if (last === undefined || last === held) return;
    this.#held[held.place] = last;
    last.place = held.place;
  }

  /** Those of this moment: who reads may take out any of them. */
  [Symbol.iterator](): Iterator<T> {
    return this.#held.map(({ item }) => item).values();
  }
}
