import { StoreRefused } from "../../errors/storeErrors";
import type { History, HistorySearch } from "../shared/engine";
import type { BooksEvent, Recorded } from "../shared/events";
import { decodeEvent } from "../shared/codec";
import { linesOf, parseLine, type JournalLine, type RawLine } from "./journalLine";
import type { Segment, Segments } from "./segments";

/** What is kept for ever: money that moved, and who did what. */
const KEPT = [Buffer.from('{"t":"settle"'), Buffer.from('{"t":"adjust"'), Buffer.from('{"t":"audit"')];

function readLine(segments: Segments, segment: Segment, { bytes, at }: RawLine): JournalLine {
  const line = parseLine(bytes);
  if (line) return line;
  throw new StoreRefused(`${segments.pathOf(segment)} is damaged at byte ${at}: restore it from a backup`);
}

function beginsWith(bytes: Buffer, at: number, starts: readonly Buffer[]): boolean {
  return starts.some((start) => bytes.compare(start, 0, start.length, at, at + start.length) === 0);
}

interface Found<T> {
  readonly seq: number;
  readonly found: T;
}

/** The newest matches of one segment, oldest first. Never more than twice the limit is kept. */
async function searchSegment<T>(segments: Segments, segment: Segment, search: HistorySearch<T>, limit: number): Promise<Found<T>[]> {
  const { before = Infinity, pick } = search;
  const text = search.text === undefined ? undefined : Buffer.from(search.text);
  const matches: Found<T>[] = [];
  for await (const lines of linesOf(segments.read(segment))) {
    for (const raw of lines) {
      if (text && !raw.bytes.includes(text)) continue;
      const line = readLine(segments, segment, raw);
      if (line.seq >= before) return matches.slice(-limit);
      if (!beginsWith(raw.bytes, line.jsonAt, KEPT)) continue;
      const found = pick(decodeEvent(raw.bytes.toString("utf8", line.jsonAt)), line.seq);
      if (found === undefined) continue;
      matches.push({ seq: line.seq, found });
      if (matches.length >= limit * 2) matches.splice(0, matches.length - limit);
    }
  }
  return matches.slice(-limit);
}

function timeOf(event: BooksEvent): number | undefined {
  switch (event.t) {
    case "settle": return event.entry.settledAt;
    case "adjust": return event.adjustment.at;
    case "audit": return event.event.at;
    case "hold": case "mark": return event.at;
    default: return undefined;
  }
}

/** The time of the first event in a segment that has one. */
async function beginOf(segments: Segments, segment: Segment): Promise<number> {
  for await (const lines of linesOf(segments.read(segment))) {
    for (const raw of lines) {
      const time = timeOf(decodeEvent(raw.bytes.toString("utf8", readLine(segments, segment, raw).jsonAt)));
      if (time !== undefined) return time;
    }
  }
  return Infinity;
}

/** The segments that can hold what happened between two times, found by halving: a look into each of a few. */
async function segmentsBetween(segments: Segments, [from, to]: readonly [number, number]): Promise<readonly Segment[]> {
  const all = [...segments.all];
  const firstAfter = async (time: number): Promise<number> => {
    let [low, high] = [0, all.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const segment = all[middle];
      if (segment && (await beginOf(segments, segment)) <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return all.slice(Math.max(0, (await firstAfter(from)) - 1), await firstAfter(to));
}

/** The history as it stands in the journal and its archive; read segment by segment, newest first where that is asked. */
export function journalHistory(segments: Segments): History {
  return {
    newest: async <T>(search: HistorySearch<T>) => {
      const rows: Found<T>[] = [];
      const within = search.between ? await segmentsBetween(segments, search.between) : segments.all;
      for (const segment of [...within].reverse()) {
        if (search.before !== undefined && segment.first >= search.before) continue;
        if (rows.length >= search.limit) break;
        rows.push(...(await searchSegment(segments, segment, search, search.limit - rows.length)).reverse());
      }
      return rows;
    },
    at: async (seq) => {
      const segment = segments.all.findLast(({ first }) => first <= seq);
      if (!segment) return undefined;
      for await (const lines of linesOf(segments.read(segment))) {
        const last = lines.at(-1);
        // Most pieces end before it: one look at their last line is enough.
        if (!last || readLine(segments, segment, last).seq < seq) continue;
        for (const raw of lines) {
          const line = readLine(segments, segment, raw);
          if (line.seq === seq) return decodeEvent(raw.bytes.toString("utf8", line.jsonAt));
        }
      }
      return undefined;
    },
    replay: (upTo) => replay(segments, upTo),
  };
}

/** Checks every line from the first on, and yields what is kept for ever. */
async function* replay(segments: Segments, upTo: number): AsyncGenerator<readonly Recorded[]> {
  let next = 1;
  for (const segment of [...segments.all]) {
    if (segment.first > upTo) break;
    for await (const lines of linesOf(segments.read(segment))) {
      const piece: Recorded[] = [];
      for (const raw of lines) {
        if (next > upTo) break;
        const line = readLine(segments, segment, raw);
        if (line.seq !== next) throw new StoreRefused(`${segments.pathOf(segment)}: ${next} is missing before ${line.seq}`);
        next += 1;
        if (!beginsWith(raw.bytes, line.jsonAt, KEPT)) continue;
        const event: BooksEvent = decodeEvent(raw.bytes.toString("utf8", line.jsonAt));
        piece.push({ seq: line.seq, event });
      }
      yield piece;
    }
  }
  yield [{ seq: next - 1, event: { t: "mark", what: "opened", at: 0 } }];
}
