import { Readable } from "node:stream";

/** Bytes that stand still and can be read from any place, in memory or in a file. */
export interface ByteSource {
  readonly byteLength: number;
  /** The bytes from `start` up to, not including, `end`; fewer where the source ends before. */
  read(start: number, end: number): Promise<Buffer>;
}

/** A stretch of bytes: `end` is not in it. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What is read at once: the memory that one upload costs while it is sent on. */
const PIECE = 131_072;

/** A part of a source, with places of its own. */
export function partOf(source: ByteSource, { start, end }: ByteRange): ByteSource {
  const at = (place: number) => Math.min(start + place, end);
  return { byteLength: end - start, read: (from, to) => source.read(at(from), at(to)) };
}

/**
 * The source with other bytes in one place, never held whole; each `open()` begins anew, so that a call may be sent again
 * (docs/wire.md W13, W35).
 */
export function withBytesAt(source: ByteSource, cut: ByteRange, bytes: Buffer): { readonly byteLength: number; open(): Readable } {
  async function* pieces(): AsyncGenerator<Buffer> {
    yield* piecesOf(source, 0, cut.start);
    if (bytes.length > 0) yield bytes;
    yield* piecesOf(source, cut.end, source.byteLength);
  }
  return {
    byteLength: source.byteLength - (cut.end - cut.start) + bytes.length,
    open: () => Readable.from(pieces(), { objectMode: false, highWaterMark: PIECE }),
  };
}

async function* piecesOf(source: ByteSource, start: number, end: number): AsyncGenerator<Buffer> {
  for (let at = start; at < end; at += PIECE) yield await source.read(at, Math.min(at + PIECE, end));
}
