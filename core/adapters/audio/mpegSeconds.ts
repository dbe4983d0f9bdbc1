import type { ByteSource } from "../wire/byteSource";

const SAMPLE = 65_536;
/** The highest bit rate of layer III. */
const MOST_BYTES_PER_SECOND = 40_000;
const KBITS_1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const KBITS_2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const RATES = [44_100, 48_000, 32_000];

interface Frame {
  readonly bytes: number;
  readonly seconds: number;
  /** Bytes between the frame's head and the place of a Xing header. */
  readonly side: number;
}

/**
 * MP3: by the number of frames that an encoder notes in the first of them (Xing, Info, VBRI); without it, by the rate of the first
 * frames. Layer III alone.
 */
export async function mpegSeconds(source: ByteSource, head: Buffer): Promise<number | undefined> {
  const skipped = tagLength(head);
  const bytes = skipped === 0 ? head : await source.read(skipped, skipped + SAMPLE);
  const start = firstFrame(bytes);
  const frame = start === undefined ? undefined : frameAt(bytes, start);
  if (!frame || start === undefined) return undefined;
  const sound = source.byteLength - skipped - start;
  const noted = notedFrames(bytes, start, frame.side);
  if (noted !== undefined) return Math.max(noted * frame.seconds, sound / MOST_BYTES_PER_SECOND);
  let seconds = 0;
  let at = start;
  for (let next: Frame | undefined = frame; next; next = frameAt(bytes, at)) {
    seconds += next.seconds;
    at += next.bytes;
  }
  return (sound * seconds) / (at - start);
}

/** The bytes of an ID3v2 tag, which may hold a picture. */
function tagLength(head: Buffer): number {
  if (head.length < 10 || head.toString("latin1", 0, 3) !== "ID3") return 0;
  return 10 + [6, 7, 8, 9].reduce((sum, at) => sum * 128 + ((head[at] as number) & 0x7f), 0);
}

/** A place where a frame begins that another one follows. */
function firstFrame(bytes: Buffer): number | undefined {
  for (let at = bytes.indexOf(0xff); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const frame = frameAt(bytes, at);
    if (frame && (at + frame.bytes >= bytes.length || frameAt(bytes, at + frame.bytes))) return at;
  }
  return undefined;
}

function frameAt(bytes: Buffer, at: number): Frame | undefined {
  if (at + 4 > bytes.length) return undefined;
  const head = bytes.readUInt32BE(at);
  // 11 bits that are set, and layer III.
  if (head >>> 21 !== 0x7ff || ((head >>> 17) & 3) !== 1) return undefined;
  const version = (head >>> 19) & 3;
  const isOne = version === 3;
  const kbits = (isOne ? KBITS_1 : KBITS_2)[(head >>> 12) & 15];
  const fullRate = RATES[(head >>> 10) & 3];
  if (version === 1 || !kbits || fullRate === undefined) return undefined;
  const rate = isOne ? fullRate : version === 2 ? fullRate / 2 : fullRate / 4;
  const samples = isOne ? 1_152 : 576;
  const isMono = ((head >>> 6) & 3) === 3;
  return {
    bytes: Math.floor(((samples / 8) * kbits * 1_000) / rate) + ((head >>> 9) & 1),
    seconds: samples / rate,
    side: isOne ? (isMono ? 17 : 32) : isMono ? 9 : 17,
  };
}

function notedFrames(bytes: Buffer, start: number, side: number): number | undefined {
  const xing = start + 4 + side;
  const tag = bytes.toString("latin1", xing, xing + 4);
  const hasFrames = xing + 12 <= bytes.length && ((bytes[xing + 7] as number) & 1) === 1;
  if ((tag === "Xing" || tag === "Info") && hasFrames) return bytes.readUInt32BE(xing + 8);
  const vbri = start + 36;
  return bytes.toString("latin1", vbri, vbri + 4) === "VBRI" && vbri + 18 <= bytes.length ? bytes.readUInt32BE(vbri + 14) : undefined;
}
