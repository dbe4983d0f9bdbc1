import type { ByteSource } from "../wire/byteSource";

const MOST_BOXES = 256;

/** A box of ISO 14496-12: where its content is. */
interface Box {
  readonly start: number;
  readonly end: number;
}

/** MP4 and M4A: the movie header says how long it is. Recorded in fragments it does not. */
export async function mp4Seconds(source: ByteSource): Promise<number | undefined> {
  const movie = await findBox(source, "moov", { start: 0, end: source.byteLength });
  const header = movie && (await findBox(source, "mvhd", movie));
  if (!header) return undefined;
  const bytes = await source.read(header.start, header.start + 32);
  if (bytes.length < 32) return undefined;
  const isLong = bytes[0] === 1;
  const perSecond = bytes.readUInt32BE(isLong ? 20 : 12);
  const duration = isLong ? Number(bytes.readBigUInt64BE(24)) : bytes.readUInt32BE(16);
  return perSecond > 0 && duration > 0 ? duration / perSecond : undefined;
}

async function findBox(source: ByteSource, type: string, within: Box): Promise<Box | undefined> {
  let at = within.start;
  for (let count = 0; count < MOST_BOXES && at + 8 <= within.end; count++) {
    const head = await source.read(at, Math.min(at + 16, within.end));
    const short = head.readUInt32BE(0);
    const isLong = short === 1 && head.length === 16;
    const size = isLong ? Number(head.readBigUInt64BE(8)) : short === 0 ? within.end - at : short;
    const start = at + (isLong ? 16 : 8);
    if (size < start - at) return undefined;
    if (head.toString("latin1", 4, 8) === type) return { start, end: Math.min(at + size, within.end) };
    at += size;
  }
  return undefined;
}
