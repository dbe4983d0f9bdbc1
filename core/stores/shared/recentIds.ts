/**
 * The ids that were booked lately, with the sequence number of their entry, so that settling twice is known (docs/rules.md
 * H3). Two generations: when the young one is full it becomes the old one and the old one is forgotten, so memory is
 * bounded without a queue.
 */
export class RecentIds {
  #young = new Map<string, number>();
  #old = new Map<string, number>();

  constructor(private readonly capacity: number) {}

  /** Expired entries are kept as negative numbers: they alone may still be corrected (H6). */
  set(id: string, seq: number, expired: boolean): void {
    if (this.#young.size >= this.capacity / 2 && !this.#young.has(id)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(id, expired ? -seq : seq);
  }

  get(id: string): { readonly seq: number; readonly expired: boolean } | undefined {
    const found = this.#young.get(id) ?? this.#old.get(id);
    return found === undefined ? undefined : { seq: Math.abs(found), expired: found < 0 };
  }

  has(id: string): boolean {
    return this.#young.has(id) || this.#old.has(id);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** Oldest first; stable while entries are added. */
  *rows(): Generator<{ readonly id: string; readonly seq: number }> {
    for (const generation of [this.#old, this.#young]) {
      for (const [id, seq] of generation) yield { id, seq };
    }
  }

  load(id: string, signedSeq: number): void {
    this.set(id, Math.abs(signedSeq), signedSeq < 0);
  }
}
