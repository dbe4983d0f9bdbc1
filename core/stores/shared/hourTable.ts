const HOURS = 24;

/** What the checkpoint of a day holds of one owner's hours. */
export interface HourRow {
  readonly ownerId: string;
  /** Requests by UTC hour. */
  readonly hours: readonly number[];
  readonly seq: number;
}

/** Requests of one day by owner and UTC hour: 24 counters an owner, all in one block of memory. */
export class HourTable {
  readonly #places = new Map<string, number>();
  readonly #seqs: number[] = [];
  readonly #everyone = new Int32Array(HOURS);
  #counts = new Int32Array(HOURS);

  /** @param least what no counter goes below */
  constructor(private readonly least = 0) {}

  get size(): number {
    return this.#places.size;
  }

  /** An owner's counters, or everybody's. */
  of(ownerId?: string): readonly number[] | undefined {
    if (ownerId === undefined) return [...this.#everyone];
    const place = this.#places.get(ownerId);
    return place === undefined ? undefined : [...this.#counts.subarray(place * HOURS, (place + 1) * HOURS)];
  }

  /** The owner's counters do not hold the change `seq` yet. */
  isBehind(ownerId: string, seq: number): boolean {
    const place = this.#places.get(ownerId);
    return place === undefined || (this.#seqs[place] ?? 0) < seq;
  }

  /** Stops at `least`, which is 0: a correction may take out what was never counted by the hour, in a folder from before that. */
  add(ownerId: string, hour: number, change: number, seq: number): void {
    const place = this.#place(ownerId);
    const at = place * HOURS + hour;
    const before = this.#counts[at] ?? 0;
    const after = Math.max(this.least, before + change);
    this.#counts[at] = after;
    this.#everyone[hour] = (this.#everyone[hour] ?? 0) + after - before;
    this.#seqs[place] = seq;
  }

  load({ ownerId, hours, seq }: HourRow): void {
    for (const [hour, count] of hours.entries()) this.add(ownerId, hour, count, seq);
  }

  *rows(): Generator<HourRow> {
    for (const [ownerId, place] of this.#places) yield { ownerId, hours: this.of(ownerId) ?? [], seq: this.#seqs[place] ?? 0 };
  }

  #place(ownerId: string): number {
    const found = this.#places.get(ownerId);
    if (found !== undefined) return found;
    const place = this.#places.size;
    this.#places.set(ownerId, place);
    this.#seqs.push(0);
    if ((place + 1) * HOURS > this.#counts.length) {
      const larger = new Int32Array(this.#counts.length * 2);
      larger.set(this.#counts);
      this.#counts = larger;
    }
    return place;
  }
}
