import path from "node:path";
import { StoreRefused } from "../../errors/storeErrors";
import { applyEvent } from "../shared/applyEvent";
import type { Books } from "../shared/books";
import { decodeEvent } from "../shared/codec";
import type { FilePort } from "./filePort";
import { linesOf, parseLine, type RawLine } from "./journalLine";
import { parseSegmentName, type Segment, type Segments } from "./segments";

const WAY_OUT =
  "Nothing was changed. Restore the last backup into an empty folder (`lumen restore`), or put the original file back.";

const refused = (what: string): StoreRefused => new StoreRefused(`${what}\n${WAY_OUT}`);

/** Takes stock of journal/ and archive/ and proves that no segment is missing between the first and the last. */
export async function findSegments(files: FilePort, segments: Segments): Promise<void> {
  const archived: Segment[] = [];
  for (const name of await files.list(segments.archiveFolder)) {
    const parsed = parseSegmentName(name);
    if (parsed?.last !== undefined) archived.push({ first: parsed.first, last: parsed.last, bytes: 0, archived: true });
  }
  let next = 1;
  for (const segment of archived) {
    if (segment.first !== next) throw missing(segments, next, segment);
    next = segment.last + 1;
  }
  segments.all.push(...archived);
  for (const name of await files.list(segments.journalFolder)) {
    const first = parseSegmentName(name)?.first;
    if (first === undefined) continue;
    const segment: Segment = { first, last: first - 1, bytes: 0, archived: false };
    // Archived, but the process ended before it removed the original: the archive was on the disk first.
    if (archived.some((done) => done.first === first)) await files.remove(segments.pathOf(segment));
    else segments.all.push(segment);
  }
}

function missing(segments: Segments, next: number, found: Segment): StoreRefused {
  return refused(`${segments.pathOf(found)} begins at ${found.first}, but ${next} comes next: a segment before it is missing.`);
}

/** Reads every segment that is not archived, and of the archive what the checkpoints do not hold, into the books. */
export class Recovery {
  /** How many events were applied. */
  applied = 0;
  #next = 1;
  #file = "";
  #line = 0;

  constructor(
    private readonly files: FilePort, private readonly segments: Segments, private readonly books: Books,
    /** Every event up to `from` is in the checkpoints, and the journal once held `reach`. */
    private readonly held: { readonly from: number; readonly reach: number }, private readonly warn: (message: string) => void,
  ) {}

  async run(): Promise<void> {
    const { all } = this.segments;
    for (const [index, segment] of all.entries()) {
      if (segment.archived && segment.last <= this.held.from) {
        this.#next = segment.last + 1;
        continue;
      }
      if (segment.first !== this.#next) throw missing(this.segments, this.#next, segment);
      await this.#read(segment, index === all.length - 1);
    }
    if (this.#next - 1 < this.held.reach) {
      throw refused(
        `${path.dirname(this.segments.journalFolder)}: the checkpoints hold changes up to ${this.held.reach}, but the journal ends at ` +
          `${this.#next - 1}: its last segment is missing or was cut.`,
      );
    }
    this.books.seq = this.#next - 1;
  }

  async #read(segment: Segment, isLast: boolean): Promise<void> {
    this.#file = this.segments.pathOf(segment);
    this.#line = 0;
    const size = segment.archived ? undefined : await this.files.size(this.#file);
    segment.bytes = size ?? 0;
    for await (const lines of linesOf(this.segments.read(segment))) {
      for (const line of lines) {
        this.#line += 1;
        if (this.#apply(line)) continue;
        if (!isLast || segment.archived) throw this.#damaged();
        await this.#cutTail(segment, line.at);
        return;
      }
    }
    segment.last = this.#next - 1;
    if (!isLast && !segment.archived && segment.last < segment.first) throw this.#damaged();
  }

  #damaged(): StoreRefused {
    return refused(`${this.#file} line ${this.#line} is damaged (expected sequence number ${this.#next}), and good lines follow it.`);
  }

  /** @returns false for a line that is torn, damaged or out of its order */
  #apply({ bytes, whole }: RawLine): boolean {
    const line = whole ? parseLine(bytes) : undefined;
    if (line?.seq !== this.#next) return false;
    if (line.seq > this.held.from) {
      applyEvent(this.books, decodeEvent(bytes.toString("utf8", line.jsonAt)), line.seq);
      this.applied += 1;
    }
    this.#next += 1;
    return true;
  }

  /**
   * A power cut may leave any part of the last batch, which nobody was answered for: it is cut away. A batch was begun only
   * when the one before was on the disk, so a good line of a later batch proves that this is damage, not a torn end.
   */
  async #cutTail(segment: Segment, at: number): Promise<void> {
    for await (const lines of linesOf(this.files.read(this.#file, { start: at, end: segment.bytes }))) {
      for (const { bytes, whole } of lines) {
        const later = whole ? parseLine(bytes) : undefined;
        if (later && later.batch > this.#next) throw this.#damaged();
      }
    }
    const lost = segment.bytes - at;
    const file = await this.files.open(this.#file, "append");
    try {
      await file.truncate(at);
      await file.sync();
    } finally {
      await file.close();
    }
    segment.bytes = at;
    segment.last = this.#next - 1;
    this.warn(
      `${this.#file} line ${this.#line}: the last batch was torn by a crash; ${lost} bytes were cut, none of which had been acknowledged`,
    );
  }
}
