import type { ByteSource } from "../wire/byteSource";
import { flacSeconds } from "./flacSeconds";
import { mp4Seconds } from "./mp4Seconds";
import { mpegSeconds } from "./mpegSeconds";
import { oggSeconds } from "./oggSeconds";
import { waveSeconds } from "./waveSeconds";
import { webmSeconds } from "./webmSeconds";

/** Reads how long a recording is, in seconds; undefined where its container does not say. `head` is its first 64 kB. */
export type ReadSeconds = (source: ByteSource, head: Buffer) => Promise<number | undefined> | number | undefined;

const HEAD = 65_536;
/** More than any sound needs, uncompressed and in several channels, or with pictures: what claims to be shorter is not believed. */
const MOST_BYTES_PER_SECOND = 1_250_000;

const FORMATS: readonly (readonly [matches: (head: Buffer) => boolean, read: ReadSeconds])[] = [
  [(head) => /^(RIFF|RF64)....WAVE/s.test(head.toString("latin1", 0, 12)), waveSeconds],
  [(head) => startsWith(head, "fLaC"), flacSeconds],
  [(head) => startsWith(head, "OggS"), oggSeconds],
  [(head) => head.toString("latin1", 4, 8) === "ftyp", mp4Seconds],
  [(head) => startsWith(head, "\x1a\x45\xdf\xa3"), webmSeconds],
  [(head) => startsWith(head, "ID3") || (head[0] === 0xff && ((head[1] ?? 0) & 0xe0) === 0xe0), mpegSeconds],
];

const startsWith = (head: Buffer, text: string): boolean => head.toString("latin1", 0, text.length) === text;

/**
 * How long a recording is, in milliseconds, by what its container says: WAV, FLAC, Ogg, MP4, WebM, MP3. A few short reads, whatever
 * its size. Undefined where that cannot be known. Never less than its bytes must take.
 */
export async function measureAudio(source: ByteSource): Promise<number | undefined> {
  const head = await source.read(0, HEAD);
  const [, read] = FORMATS.find(([matches]) => matches(head)) ?? [];
  const seconds = await read?.(source, head);
  if (seconds === undefined || !Number.isFinite(seconds) || seconds <= 0) return undefined;
  return Math.ceil(Math.max(seconds, source.byteLength / MOST_BYTES_PER_SECOND) * 1_000);
}
