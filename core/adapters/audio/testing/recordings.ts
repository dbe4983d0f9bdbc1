// Recordings of silence, or the heads of them, as long as a test asks for.

/** Mono, 8,000 samples of 16 bits a second. @param claimed what the data chunk says of its length, where that is not the truth */
export function wave(seconds: number, claimed?: number): Buffer {
  const bytes = Math.round(seconds * 8_000) * 2;
  const head = Buffer.alloc(44);
  head.write("RIFF", 0, "latin1");
  head.writeUInt32LE(36 + bytes, 4);
  head.write("WAVEfmt ", 8, "latin1");
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8_000, 24);
  head.writeUInt32LE(16_000, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36, "latin1");
  head.writeUInt32LE(claimed ?? bytes, 40);
  return Buffer.concat([head, Buffer.alloc(bytes)]);
}

export function flac(seconds: number): Buffer {
  const head = Buffer.alloc(2_000);
  head.write("fLaC", 0, "latin1");
  head.writeUInt8(34, 7);
  head.writeUIntBE(44_100 << 4, 18, 3);
  head.writeUInt32BE(Math.round(seconds * 44_100), 22);
  return head;
}

function oggPage(position: bigint, packet: Buffer): Buffer {
  const head = Buffer.alloc(28);
  head.write("OggS", 0, "latin1");
  head.writeBigInt64LE(position, 6);
  head.writeUInt8(1, 26);
  head.writeUInt8(packet.length, 27);
  return Buffer.concat([head, packet]);
}

export function opus(seconds: number): Buffer {
  const packet = Buffer.alloc(19);
  packet.write("OpusHead", 0, "latin1");
  packet.writeUInt16LE(312, 10);
  const sound = oggPage(BigInt(Math.round(seconds * 48_000) + 312), Buffer.alloc(200));
  // A page on which no packet ends stands last.
  return Buffer.concat([oggPage(0n, packet), oggPage(96_000n, Buffer.alloc(200)), sound, oggPage(-1n, Buffer.alloc(100))]);
}

export function vorbis(seconds: number): Buffer {
  const packet = Buffer.alloc(30);
  packet.write("\x01vorbis", 0, "latin1");
  packet.writeUInt32LE(22_050, 12);
  return Buffer.concat([oggPage(0n, packet), oggPage(BigInt(Math.round(seconds * 22_050)), Buffer.alloc(200))]);
}

function box(type: string, ...content: Buffer[]): Buffer {
  const size = content.reduce((sum, { length }) => sum + length, 8);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(size);
  head.write(type, 4, "latin1");
  return Buffer.concat([head, ...content]);
}

/** The movie header stands at the end, as recorders write it; with `long`, in 64 bits. */
export function mp4(seconds: number, long = false): Buffer {
  const header = Buffer.alloc(long ? 112 : 100);
  header.writeUInt8(long ? 1 : 0);
  header.writeUInt32BE(600, long ? 20 : 12);
  if (long) header.writeBigUInt64BE(BigInt(seconds * 600), 24);
  else header.writeUInt32BE(seconds * 600, 16);
  return Buffer.concat([box("ftyp", Buffer.from("M4A \0\0\0\0")), box("free"), box("mdat", Buffer.alloc(5_000)), box("moov", box("udta"), box("mvhd", header))]);
}

const element = (id: string, content: Buffer, size = Buffer.from([0x40 | (content.length >> 8), content.length & 0xff])): Buffer =>
  Buffer.concat([Buffer.from(id, "hex"), size, content]);
const UNKNOWN = Buffer.from([1, 255, 255, 255, 255, 255, 255, 255]);

/** @param recorded as browsers do: without a length, and nothing knows its own size */
export function webm(seconds: number, recorded = false): Buffer {
  const length = Buffer.alloc(8);
  length.writeDoubleBE(seconds * 1_000);
  const info = element("1549a966", Buffer.concat([element("2ad7b1", Buffer.from([15, 66, 64])), ...(recorded ? [] : [element("4489", length)])]));
  const block = Buffer.alloc(200);
  block.writeUInt8(0x81);
  block.writeInt16BE(500, 1);
  const time = Buffer.alloc(4);
  time.writeUInt32BE(seconds * 1_000 - 500);
  const cluster = Buffer.concat([element("e7", time), element("a3", block)]);
  const inside = Buffer.concat([element("ec", Buffer.alloc(50)), info, recorded ? element("1f43b675", cluster, UNKNOWN) : element("1f43b675", cluster)]);
  return Buffer.concat([element("1a45dfa3", Buffer.alloc(20)), element("18538067", inside, UNKNOWN)]);
}

/** 64 kbit/s, 44.1 kHz, mono: 26.12 ms in 208 bytes. */
function mp3Frame(mark = ""): Buffer {
  const frame = Buffer.alloc(208);
  frame.writeUInt32BE(0xfffb50c0);
  frame.write(mark, 21, "latin1");
  return frame;
}

/** @param noted its first frame says how many there are @param tag bytes of a tag in front */
export function mp3(seconds: number, noted = false, tag = 0): Buffer {
  const frames = Math.round((seconds * 44_100) / 1_152);
  const first = mp3Frame(noted ? "Xing" : "");
  if (noted) {
    first.writeUInt32BE(1, 25);
    first.writeUInt32BE(frames, 29);
  }
  const head = Buffer.alloc(tag);
  if (tag > 0) {
    head.write("ID3\x04", 0, "latin1");
    for (let at = 6, size = tag - 10; at < 10; at++) head.writeUInt8((size >> (7 * (9 - at))) & 0x7f, at);
  }
  return Buffer.concat([head, first, ...Array.from({ length: noted ? 60 : frames }, () => mp3Frame())]);
}
