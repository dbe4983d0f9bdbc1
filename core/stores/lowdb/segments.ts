import path from "node:path";
import { createGunzip } from "node:zlib";
import { pipeline, Readable } from "node:stream";
import { StoreRefused } from "../../errors/storeErrors";
import { isMissing, type FilePort } from "./filePort";

const DIGITS = 12;
const NAME = /^(\d{12})\.log$/;
const ARCHIVED = /^(\d{12})-(\d{12})\.log\.gz$/;

const padded = (seq: number): string => String(seq).padStart(DIGITS, "0");
/** A segment of the journal is named by its first sequence number. */
export const segmentName = (first: number): string => `${padded(first)}.log`;
/** An archived one also by its last, so that a gap shows in the names. */
export const archivedName = (first: number, last: number): string => `${padded(first)}-${padded(last)}.log.gz`;

export function parseSegmentName(name: string): { readonly first: number; readonly last?: number } | undefined {
  const plain = NAME.exec(name);
  if (plain) return { first: Number(plain[1]) };
  const archived = ARCHIVED.exec(name);
  return archived ? { first: Number(archived[1]), last: Number(archived[2]) } : undefined;
}

export interface Segment {
  readonly first: number;
  /** The last durable sequence number in it. */
  last: number;
  /** Durable bytes of one in the journal. */
  bytes: number;
  archived: boolean;
}

/** All segments in order, archived ones first; the last one is being written. Kept in memory, so no reader lists a folder. */
export class Segments {
  readonly all: Segment[] = [];

  constructor(
    private readonly files: FilePort, readonly journalFolder: string, readonly archiveFolder: string,
  ) {}

  get active(): Segment | undefined {
    const last = this.all.at(-1);
    return last?.archived === false ? last : undefined;
  }

  /** Of all of them, unpacked. */
  get durableBytes(): number {
    return this.all.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get activeBytes(): number {
    return this.active?.bytes ?? 0;
  }

  begin(first: number): void {
    this.all.push({ first, last: first - 1, bytes: 0, archived: false });
  }

  seal(nextFirst: number): void {
    this.begin(nextFirst);
  }

  grow(bytes: number, last: number): void {
    const { active } = this;
    if (!active) return;
    active.bytes += bytes;
    active.last = last;
  }

  pathOf(segment: Segment): string {
    return segment.archived
      ? path.join(this.archiveFolder, archivedName(segment.first, segment.last))
      : path.join(this.journalFolder, segmentName(segment.first));
  }

  /** The durable bytes of a segment, unpacked. */
  async *read(segment: Segment): AsyncGenerator<Buffer> {
    const { archived } = segment;
    let begun = false;
    try {
      for await (const piece of this.#open(segment)) {
        begun = true;
        yield piece;
      }
    } catch (error) {
      if (archived) throw unpackable(this.pathOf(segment), error);
      // It was archived between the look and the opening.
      if (begun || !segment.archived || !isMissing(error)) throw error;
      yield* this.#open(segment);
    }
  }

  #open(segment: Segment): AsyncIterable<Buffer> {
    if (!segment.archived) return this.files.read(this.pathOf(segment), { end: segment.bytes });
    return gunzip(this.files.read(this.pathOf(segment)));
  }
}

/** zlib's own checksum does not fit, or the file ends too early or is gone. */
function unpackable(file: string, error: unknown): StoreRefused {
  return new StoreRefused(
    `${file} is damaged: it cannot be unpacked (${error instanceof Error ? error.message : String(error)}).\n` +
      "Restore the last backup into an empty folder (`lumen restore`), or put the original file back.",
    { cause: error },
  );
}

/** Unpacked in the threads of zlib, not on the event loop. */
export function gunzip(packed: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  // An error of either end comes out of the loop that reads; the callback has nothing to add.
  return pipeline(Readable.from(packed, { objectMode: false }), createGunzip({ chunkSize: 256 * 1024 }), () => undefined);
}
