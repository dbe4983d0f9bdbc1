import type { ByteSource } from "../wire/byteSource";

/** The longest page there can be. */
const PAGE = 65_307;
const OPUS_RATE = 48_000;

/** Ogg with Opus or Vorbis: the last page of a stream says how many samples have come (RFC 3533, RFC 7845). */
export async function oggSeconds(source: ByteSource, head: Buffer): Promise<number | undefined> {
  if (head.length < 58) return undefined;
  const packet = 27 + (head[26] as number);
  const isOpus = head.toString("latin1", packet, packet + 8) === "OpusHead";
  const isVorbis = head.toString("latin1", packet, packet + 7) === "\x01vorbis";
  if ((!isOpus && !isVorbis) || packet + 16 > head.length) return undefined;
  const rate = isOpus ? OPUS_RATE : head.readUInt32LE(packet + 12);
  const skipped = isOpus ? head.readUInt16LE(packet + 10) : 0;
  const samples = lastSample(await source.read(Math.max(0, source.byteLength - PAGE), source.byteLength));
  return samples === undefined || rate === 0 ? undefined : (samples - skipped) / rate;
}

function lastSample(tail: Buffer): number | undefined {
  for (let at = tail.lastIndexOf("OggS"); at >= 0; at = at === 0 ? -1 : tail.lastIndexOf("OggS", at - 1)) {
    if (at + 14 > tail.length) continue;
    const position = tail.readBigInt64LE(at + 6);
    // No packet ends on this page.
    if (position >= 0n) return Number(position);
  }
  return undefined;
}
