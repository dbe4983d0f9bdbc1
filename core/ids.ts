import { randomFillSync } from "node:crypto";

const pool = Buffer.alloc(10 * 512);
let used = pool.length;
let lastMs = 0;
let sequence = 0;

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Whether a text can be an id that `uuidv7` made: what cannot need not be looked for. */
export function isUuidV7(text: string): boolean {
  return UUID_V7.test(text);
}

/** @returns when a UUIDv7 was made, epoch ms; undefined for any other text */
export function timeOfUuidV7(id: string): number | undefined {
  return isUuidV7(id) ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : undefined;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/**
 * A UUIDv7: sorts by time, and in order of making within one millisecond (12 bits of sequence). Random bytes are drawn in
 * batches, because a draw per request costs microseconds.
 */
export function uuidv7(now: number = Date.now()): string {
  if (used + 10 > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const at = used;
  used += 10;
  if (now > lastMs) {
    lastMs = now;
    sequence = pool.readUInt16BE(at) & 0x7ff;
  } else if (++sequence > 0xfff) {
    lastMs += 1;
    sequence = 0;
  }
  const time = lastMs.toString(16).padStart(12, "0");
  const byte = (i: number) => HEX[pool[at + i] ?? 0] ?? "00";
  const variant = HEX[((pool[at + 2] ?? 0) & 0x3f) | 0x80] ?? "80";
  return (
    `${time.slice(0, 8)}-${time.slice(8)}-7${sequence.toString(16).padStart(3, "0")}-${variant}${byte(3)}-` +
    `${byte(4)}${byte(5)}${byte(6)}${byte(7)}${byte(8)}${byte(9)}`
  );
}
