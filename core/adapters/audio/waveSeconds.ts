import type { ByteSource } from "../wire/byteSource";

const PCM = new Set([1, 3, 0xfffe]);

/** WAV: all that follows the head of its `data` chunk is sound, whatever length it claims. */
export function waveSeconds(source: ByteSource, head: Buffer): number | undefined {
  let bytesPerSecond = 0;
  for (let at = 12; at + 8 <= head.length; ) {
    const id = head.toString("latin1", at, at + 4);
    const size = head.readUInt32LE(at + 4);
    if (id === "data") return bytesPerSecond > 0 ? (source.byteLength - at - 8) / bytesPerSecond : undefined;
    if (id === "fmt " && at + 24 <= head.length) bytesPerSecond = rateOf(head, at + 8);
    at += 8 + size + (size & 1);
  }
  return undefined;
}

/** Of plain samples it is worked out: the field for it may hold anything. */
function rateOf(head: Buffer, at: number): number {
  const computed = head.readUInt16LE(at + 2) * head.readUInt32LE(at + 4) * (head.readUInt16LE(at + 14) / 8);
  return PCM.has(head.readUInt16LE(at)) ? computed : head.readUInt32LE(at + 8);
}
