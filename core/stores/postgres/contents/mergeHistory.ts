import type { ContentsEvent } from "../../shared/contents";

type Pieces = AsyncIterable<readonly ContentsEvent[]>;

const AT_ONCE = 500;

function timeOf(event: ContentsEvent): number {
  switch (event.t) {
    case "adjust": return event.adjustment.at;
    case "settle": return event.entry.settledAt;
    case "audit": return event.event.at;
  }
}

/** What comes next of one history. */
class Head {
  #piece: readonly ContentsEvent[] = [];
  #at = 0;
  readonly #pieces: AsyncIterator<readonly ContentsEvent[]>;
  /** Undefined: it is over, or `fill` is to be called. */
  event: ContentsEvent | undefined;
  time = Infinity;
  isOver = false;

  constructor(pieces: Pieces) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  take(): void {
    this.#at += 1;
    this.#look();
  }

  async fill(): Promise<void> {
    while (this.event === undefined && !this.isOver) {
      const next = await this.#pieces.next();
      this.isOver = next.done === true;
      this.#piece = next.done === true ? [] : next.value;
      this.#at = 0;
      this.#look();
    }
  }

  #look(): void {
    this.event = this.#piece[this.#at];
    this.time = this.event ? timeOf(this.event) : Infinity;
  }
}

/**
 * Joins what was booked into one history in the order of time, as a journal is searched by it. Each kind keeps its own order, also where a
 * clock went backwards, and no call is booked before the pools that it charges were opened.
 */
export async function* mergeHistory(adjustments: Pieces, entries: Pieces, audit: Pieces): AsyncGenerator<readonly ContentsEvent[]> {
  const adjusted = new Head(adjustments);
  const heads = [adjusted, new Head(entries), new Head(audit)] as const;
  const opened = new Set<string>();
  let merged: ContentsEvent[] = [];
  for (;;) {
    for (const head of heads) if (head.event === undefined && !head.isOver) await head.fill();
    let first: Head = heads.reduce((earliest, head) => (head.time < earliest.time ? head : earliest));
    if (first.event?.t === "settle" && !adjusted.isOver && first.event.entry.charges.some(({ pool }) => !opened.has(pool))) first = adjusted;
    const { event } = first;
    if (event === undefined) break;
    if (event.t === "adjust") opened.add(event.adjustment.pool);
    merged.push(event);
    first.take();
    if (merged.length < AT_ONCE) continue;
    yield merged;
    merged = [];
  }
  yield merged;
}
