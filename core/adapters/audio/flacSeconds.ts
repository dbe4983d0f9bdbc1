import type { ByteSource } from "../wire/byteSource";

/** FLAC: its first block says how many samples there are (RFC 9639, 8.2). */
export function flacSeconds(_source: ByteSource, head: Buffer): number | undefined {
  if (head.length < 26) return undefined;
  const rate = head.readUIntBE(18, 3) >> 4;
  const samples = ((head[21] as number) & 0x0f) * 2 ** 32 + head.readUInt32BE(22);
  return rate > 0 && samples > 0 ? samples / rate : undefined;
}
