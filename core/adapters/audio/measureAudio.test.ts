import { expect } from "chai";
import fc from "fast-check";
import type { ByteSource } from "../wire/byteSource";
import { measureAudio } from "./measureAudio";
import { flac, mp3, mp4, opus, vorbis, wave, webm } from "./testing/recordings";

function sourceOf(bytes: Buffer): ByteSource & { bytesRead: number } {
  const source = { byteLength: bytes.length, bytesRead: 0, read: async (start: number, end: number) => {
    const part = bytes.subarray(start, end);
    source.bytesRead += part.length;
    return part;
  } };
  return source;
}

describe("how long a recording is", () => {
  const samples: [string, (seconds: number) => Buffer][] = [
    ["WAV", wave], ["FLAC", flac], ["Ogg with Opus", opus], ["Ogg with Vorbis", vorbis], ["MP4", mp4], ["MP4 in 64 bits", (seconds) => mp4(seconds, true)],
    ["WebM", webm], ["WebM as a browser records it", (seconds) => webm(seconds, true)],
    ["MP3", mp3], ["MP3 behind a tag with a picture", (seconds) => mp3(seconds, false, 100_000)],
    ["MP3 that notes its frames", (seconds) => mp3(seconds, true)],
  ];
  for (const [what, make] of samples) {
    it(`W66: is read in ${what}, in a few short reads`, async () => {
      for (const seconds of [1, 30, 300]) {
        const source = sourceOf(make(seconds));
        expect(await measureAudio(source)).to.be.closeTo(seconds * 1_000, 30);
        expect(source.bytesRead).to.be.lessThan(200_000);
      }
    });
  }

  it("W66: a WAV cannot be made shorter by what it claims of its length", async () => {
    expect(await measureAudio(sourceOf(wave(10, 16)))).to.equal(10_000);
    expect(await measureAudio(sourceOf(wave(10, 0xffffffff)))).to.equal(10_000);
  });

  it("W66: nothing is shorter than its bytes must take", async () => {
    const claims = Buffer.concat([opus(0.001), Buffer.alloc(5_000_000)]);
    claims.write("OggS", claims.length - 40, "latin1");
    claims.writeBigInt64LE(320n, claims.length - 34);
    expect(await measureAudio(sourceOf(claims))).to.be.at.least(4_000);
    const noted = Buffer.concat([mp3(1, true), Buffer.alloc(4_000_000)]);
    expect(await measureAudio(sourceOf(noted))).to.be.at.least(100_000);
  });

  it("W66: is not known where nothing says it, and hostile bytes are read without a fault", async () => {
    for (const text of ["", "RIFF", "not a recording", "fLaC", "OggS", "\0\0\0\x08ftyp", "\x1a\x45\xdf\xa3", "ID3", "\xff\xfb"]) {
      expect(await measureAudio(sourceOf(Buffer.from(text, "latin1"))), JSON.stringify(text)).to.equal(undefined);
    }
    const whole = samples.map(([, make]) => make(1).subarray(0, 3_000));
    await fc.assert(fc.asyncProperty(fc.constantFrom(...whole), fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 12 }), fc.nat(3_000), async (bytes, changes, cut) => {
      const broken = Buffer.from(bytes.subarray(0, cut));
      for (const [at, value] of changes) if (at < broken.length) broken[at] = value;
      const ms = await measureAudio(sourceOf(broken));
      expect(ms === undefined || (Number.isInteger(ms) && ms > 0)).to.equal(true);
    }), { numRuns: 2_000 });
  });
});
