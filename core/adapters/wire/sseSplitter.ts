const LF = 10;
const CR = 13;
const DEFAULT_LIMIT = 8 * 1024 * 1024;

/**
 * Cuts a byte stream into server-sent events, each a Buffer with exactly the bytes that came, its closing blank line
 * included, however the network cut them. All the events and `rest()` put together are the stream again. Lines may end in
 * LF, CRLF or CR, mixed. An event goes out with the byte that completes it; only in a stream of CRLF lines does the last
 * CR wait for its LF.
 *
 * A blank line of its own and a comment come out as events too: `eventData` says that they carry no data. Every byte is
 * looked at once. An event in one chunk shares the chunk's memory; one over several chunks is a copy.
 */
export class SseSplitter {
  /** The bytes of the event that is not complete yet, in `#held` up to `#heldLength`. */
  #held = Buffer.alloc(0);
  #heldLength = 0;
  #lineEmpty = true;
  /** The last line ended in CRLF: its neighbours will, too. */
  #crlf = false;
  /** The last chunk ended in CR: an LF at the head of the next one belongs to it. */
  #afterCr = false;
  /** That CR completed an event which still waits for its LF. */
  #waiting = false;
  #overflowed = false;

  /** @param limit the longest event, in bytes. */
  constructor(private readonly limit: number = DEFAULT_LIMIT) {}

  /** True once an event was longer than the limit; nothing comes out any more. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  /** True between two events: where a comment may be put in. */
  get atBoundary(): boolean {
    return this.#heldLength === 0;
  }

  /** The bytes that no blank line has closed: at the end of a stream, its broken last event. */
  rest(): Buffer {
    return Buffer.from(this.#held.subarray(0, this.#heldLength));
  }

  /** Takes the next bytes; returns the events that they completed. */
  push(chunk: Buffer): Buffer[] {
    if (this.#overflowed || chunk.length === 0) return [];
    let events: Buffer[] = [];
    let start = 0;
    let at = this.#settleCr(chunk);
    if (this.#waiting) {
      this.#waiting = false;
      events = this.#complete(chunk, 0, at, events);
      start = at;
    }
    let lf = -1;
    let cr = -1;
    while (at < chunk.length && !this.#overflowed) {
      if (lf < at) lf = find(chunk, LF, at);
      if (cr < at) cr = find(chunk, CR, at);
      const end = Math.min(lf, cr);
      if (end === chunk.length) {
        this.#lineEmpty = false;
        break;
      }
      const blank = this.#lineEmpty && end === at;
      this.#lineEmpty = true;
      at = end + 1;
      if (end === cr && at === chunk.length) {
        this.#afterCr = true;
        this.#waiting = blank && this.#crlf;
        if (this.#waiting) break;
      } else {
        const both = end === cr && chunk[at] === LF;
        if (both) at += 1;
        if (!blank) this.#crlf = both;
      }
      if (blank) {
        events = this.#complete(chunk, start, at, events);
        start = at;
      }
    }
    if (!this.#overflowed && start < chunk.length) this.#hold(chunk, start);
    return events;
  }

  /** Where the lines of this chunk begin: behind the LF of a CRLF that was cut in two. */
  #settleCr(chunk: Buffer): number {
    if (!this.#afterCr) return 0;
    this.#afterCr = false;
    const isLf = chunk[0] === LF;
    this.#crlf = isLf;
    return isLf ? 1 : 0;
  }

  /** @returns these events and the one that is complete now */
  #complete(chunk: Buffer, start: number, end: number, events: Buffer[]): Buffer[] {
    if (this.#heldLength + end - start > this.limit) {
      this.#overflowed = true;
      return events;
    }
    const piece = start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end);
    const event = this.#heldLength === 0 ? piece : Buffer.concat([this.#held.subarray(0, this.#heldLength), piece]);
    this.#heldLength = 0;
    if (this.#held.length > 65_536) this.#held = Buffer.alloc(0);
    // Most chunks are one event: a list that is pushed to makes room for sixteen more.
    if (events.length === 0) return [event];
    events.push(event);
    return events;
  }

  #hold(chunk: Buffer, start: number): void {
    const length = this.#heldLength + chunk.length - start;
    if (length > this.limit) {
      this.#overflowed = true;
      return;
    }
    if (length > this.#held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(Math.max(length, this.#held.length * 2, 1024), this.limit));
      this.#held.copy(larger, 0, 0, this.#heldLength);
      this.#held = larger;
    }
    chunk.copy(this.#held, this.#heldLength, start);
    this.#heldLength = length;
  }
}

function find(chunk: Buffer, byte: number, from: number): number {
  const at = chunk.indexOf(byte, from);
  return at < 0 ? chunk.length : at;
}

const DATA = Buffer.from("data:");
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

const EVENT = Buffer.from("event:");

const startsWith = (event: Buffer, prefix: Buffer, at = 0): boolean =>
  event.length >= at + prefix.length && event.compare(prefix, 0, prefix.length, at, at + prefix.length) === 0;

/**
 * Where the data of an event is that holds one data line, alone or behind its `event:` line, and nothing else; undefined for
 * any other, which has to be read line by line.
 */
export function dataPlace(event: Buffer): { readonly start: number; readonly end: number } | undefined {
  const at = startsWith(event, EVENT) ? event.indexOf(LF) + 1 : 0;
  if (!startsWith(event, DATA, at)) return undefined;
  const start = at + DATA.length + (event[at + DATA.length] === 0x20 ? 1 : 0);
  let end = event.length;
  while (end > start && (event[end - 1] === LF || event[end - 1] === CR)) end -= 1;
  const lf = event.indexOf(LF, start);
  const cr = event.indexOf(CR, start);
  return (lf < 0 || lf >= end) && (cr < 0 || cr >= end) ? { start, end } : undefined;
}

/** The data of an event, its lines joined by LF; undefined for comments, blank lines and events without data. */
export function eventData(event: Buffer): string | undefined {
  if (startsWith(event, DATA)) {
    let end = event.length;
    while (end > DATA.length && (event[end - 1] === LF || event[end - 1] === CR)) end -= 1;
    const data = event.toString("utf8", event[DATA.length] === 0x20 ? DATA.length + 1 : DATA.length, end);
    if (!data.includes("\n") && !data.includes("\r")) return data;
  } else {
    const place = dataPlace(event);
    if (place) return event.toString("utf8", place.start, place.end);
  }
  const text = event.toString("utf8", startsWith(event, BOM) ? BOM.length : 0);
  const lines: string[] = [];
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (line === "data") lines.push("");
    else if (line.startsWith("data:")) lines.push(line.slice(line[5] === " " ? 6 : 5));
  }
  return lines.length === 0 ? undefined : lines.join("\n");
}
