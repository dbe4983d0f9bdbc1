import { crc32 } from "node:zlib";

const [SPACE, NEWLINE] = [0x20, 0x0a];

/** A line whose checksum holds. */
export interface JournalLine {
  readonly seq: number;
  /** The first sequence number of its batch: what is in one batch was written and synced together. */
  readonly batch: number;
  /** Where its JSON begins in the bytes. */
  readonly jsonAt: number;
}

/** `crc seq batch json\n`; the checksum is over all that follows it. */
export function formatLine(seq: number, batch: number, json: string): string {
  const body = `${seq} ${batch} ${json}`;
  return `${crc32(body).toString(16)} ${body}\n`;
}

function digits(bytes: Buffer, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return to > from ? value : NaN;
}

/** Reads one line, without its newline. @returns undefined when it is torn or damaged */
export function parseLine(bytes: Buffer): JournalLine | undefined {
  const afterCrc = bytes.indexOf(SPACE);
  if (afterCrc < 1 || afterCrc > 8) return undefined;
  const body = bytes.subarray(afterCrc + 1);
  if (Number.parseInt(bytes.toString("latin1", 0, afterCrc), 16) !== crc32(body)) return undefined;
  const afterSeq = bytes.indexOf(SPACE, afterCrc + 1);
  const afterBatch = bytes.indexOf(SPACE, afterSeq + 1);
  const seq = digits(bytes, afterCrc + 1, afterSeq);
  const batch = digits(bytes, afterSeq + 1, afterBatch);
  return Number.isNaN(seq) || Number.isNaN(batch) ? undefined : { seq, batch, jsonAt: afterBatch + 1 };
}

export interface RawLine {
  readonly bytes: Buffer;
  /** Where it begins in the file. */
  readonly at: number;
  /** False: the file ends without its newline. */
  readonly whole: boolean;
}

/** Cuts pieces of a file into lines; one array for each piece, so that a reader awaits once per piece. */
export async function* linesOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<readonly RawLine[]> {
  let rest: Buffer | undefined;
  let at = 0;
  for await (const piece of pieces) {
    const bytes = rest ? Buffer.concat([rest, piece]) : piece;
    const lines: RawLine[] = [];
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, from)) {
      lines.push({ bytes: bytes.subarray(from, end), at: at + from, whole: true });
      from = end + 1;
    }
    rest = from < bytes.length ? bytes.subarray(from) : undefined;
    at += from;
    if (lines.length > 0) yield lines;
  }
  if (rest) yield [{ bytes: rest, at, whole: false }];
}
