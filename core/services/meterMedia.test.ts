import { expect } from "chai";
import type { MediaOperation } from "../domain/ledgerEntry";
import type { Price } from "../domain/price";
import { coins } from "../domain/testing/snapshots";
import { MeterBench, type BenchCall } from "./testing/meterBench";

const FREE: Price = { inputPerMillionNano: 0n, outputPerMillionNano: 0n };
const HOURLY: Price = { ...FREE, audioPerHourNano: coins("3.6") };
const TOKENS: Price = { inputPerMillionNano: coins("1"), outputPerMillionNano: coins("10") };
const PICTURES: Price = { ...FREE, perImageNano: coins("0.25") };
const SPOKEN: Price = { ...FREE, perMillionCharactersNano: coins("10") };

const file = (byteLength: number, name = "file") => ({ name, byteLength, read: async () => Buffer.alloc(0) });
const text = (written: string) => ({ characters: written.length, pieces: 0, sample: written, roughTokens: Math.ceil(written.length / 4) });

describe("coins of sound and pictures", () => {
  const bench = new MeterBench();
  const call = (operation: MediaOperation, price: Price, more: Partial<BenchCall> = {}) => bench.open({ operation, price, balance: "10", bytes: 100, counted: 20, ...more });
  const heard = (price: Price, recordingMs: number | undefined, bytes = 1_600_000) => call("transcriptions", price, { recordingMs, files: [file(bytes)] });

  describe("W66, H1: the hold", () => {
    const holds: [string, MediaOperation, Price, Partial<BenchCall>, string][] = [
      ["an hour of sound, as its file says", "transcriptions", HOURLY, { recordingMs: 3_600_000, files: [file(10_000)] }, "3.6"],
      ["sound that cannot be measured, by its bytes at the lowest rate", "translations", HOURLY, { files: [file(150_000)] }, "0.1"],
      ["no sound", "transcriptions", HOURLY, {}, "0"],
      ["tokens of sound and of the words in it", "transcriptions", TOKENS, { recordingMs: 10_000, files: [file(1_000)] }, "0.0021"],
      ["characters", "speech", SPOKEN, { body: { input: "a😀b" } }, "0.00003"],
      ["pictures", "images", PICTURES, { body: { n: 4 } }, "1"],
      ["pictures whose number is a text of a form", "images", PICTURES, { body: { n: "3" }, files: [file(9, "image")] }, "0.75"],
      ["pictures without a number: one", "images", PICTURES, { body: { n: "many" } }, "0.25"],
      ["pictures by tokens, with those that are sent", "images", TOKENS, { body: { n: 2 }, files: [file(9, "image"), file(9, "mask")] }, "0.180324"],
    ];
    for (const [what, operation, price, more, held] of holds) {
      it(`is for ${what}`, async () => {
        await call(operation, price, more);
        expect(await bench.held()).to.equal(coins(held));
      });
    }

    it("is refused where it does not fit, and unlimited pools take none", async () => {
      const error = await bench.refused({ operation: "images", price: PICTURES, balance: "10", starting: "0.9", bytes: 10, body: { n: 4 } });
      expect(error.code).to.equal("insufficient_quota");
      await call("images", PICTURES, { balance: "-2", body: { n: 1_000_000 } });
      expect(await bench.held()).to.equal(0n);
    });
  });

  describe("W66, C1: what the upstream says counts", () => {
    it("the length of the recording, whatever its file says", async () => {
      const entry = await (await heard(HOURLY, 3_600_000)).settle({ status: 200, reported: { audioMs: 60_000 }, produced: text("hi") });
      expect(entry.usage).to.include({ audioMs: 60_000, inputTokens: 0, outputTokens: 0 });
      expect(entry).to.deep.include({ costNano: coins("0.06"), flags: [] });
    });

    it("tokens, beside the length: a model with both rates is paid by both (M3)", async () => {
      const entry = await (await heard({ ...HOURLY, ...TOKENS }, 60_000)).settle({ status: 200, reported: { inputTokens: 1_000, outputTokens: 100 }, produced: text("hi") });
      expect(entry).to.deep.include({ costNano: coins("0.062"), flags: [] });
    });

    it("pictures that were made, and not those that were asked for", async () => {
      const entry = await (await call("images", PICTURES, { body: { n: 4 } })).settle({ status: 200, reported: { images: 3 }, produced: text("") });
      expect(entry).to.deep.include({ costNano: coins("0.75"), flags: [] });
    });

    it("absurd numbers are cut, and marked", async () => {
      const entry = await (await heard(HOURLY, 60_000)).settle({ status: 200, reported: { audioMs: -5 }, produced: text("hi") });
      expect(entry).to.deep.include({ costNano: 0n, flags: ["clamped"] });
    });
  });

  describe("W66, C2: where nothing is reported", () => {
    it("a recording is as long as its file says", async () => {
      const entry = await (await heard(HOURLY, 90_000)).settle({ status: 200, produced: text("hi") });
      expect(entry.usage.audioMs).to.equal(90_000);
      expect(entry.flags).to.deep.equal([]);
    });

    it("else it is estimated by its bytes, and marked", async () => {
      const entry = await (await heard(HOURLY, undefined, 800_000)).settle({ status: 200, produced: text("hi") });
      expect(entry.usage.audioMs).to.equal(100_000);
      expect(entry.flags).to.deep.equal(["estimated"]);
    });

    it("tokens are estimated where the model is paid by them alone", async () => {
      const entry = await (await heard(TOKENS, 60_000)).settle({ status: 200, produced: text("twenty characters ok") });
      expect(entry.usage).to.include({ audioMs: 60_000, inputTokens: 620, outputTokens: 5 });
      expect(entry.flags).to.deep.equal(["estimated"]);
      const spoken = await (await call("speech", TOKENS, { body: { input: "0123456789" } })).settle({ status: 200, produced: text("mp3") });
      expect(spoken.usage).to.include({ characters: 10, inputTokens: 20, outputTokens: 15 });
    });

    it("pictures of an answer that was not read are those that were asked for", async () => {
      const entry = await (await call("images", PICTURES, { body: { n: 4 } })).settle({ status: 200, produced: text("{…}") });
      expect(entry.usage.images).to.equal(4);
    });

    it("what is spoken is paid by its characters", async () => {
      const entry = await (await call("speech", SPOKEN, { body: { input: "é€😀" } })).settle({ status: 200, produced: text("") });
      expect(entry).to.deep.include({ costNano: coins("0.00003"), flags: [] });
    });
  });

  it("W66, C3: a caller that leaves pays for what it sent: the recording, the characters, no pictures", async () => {
    const gone = { status: 499, flags: ["aborted"] as const };
    expect((await (await heard(HOURLY, 60_000)).settle(gone)).costNano).to.equal(coins("0.06"));
    expect((await (await call("speech", SPOKEN, { body: { input: "abc" } })).settle(gone)).costNano).to.equal(coins("0.00003"));
    expect((await (await call("images", PICTURES, { body: { n: 4 } })).settle(gone)).costNano).to.equal(0n);
  });

  it("W66, C4: one that failed before its first byte is free", async () => {
    expect((await (await heard(HOURLY, 60_000)).settle({ status: 502, free: true })).costNano).to.equal(0n);
  });

  it("W66, H6: a crash while sound is on its way books what it was asked for", async () => {
    const meter = await call("speech", SPOKEN, { body: { input: "abc" }, requestId: "crashed" });
    expect(meter.produced(0, "gpu1")).to.equal(true);
    await bench.store.ledger.expireHolds(bench.now + 1, bench.now + 1);
    expect(await bench.store.usage.entry("crashed")).to.deep.include({ costNano: coins("0.00003"), flags: ["expired"], endpoint: "gpu1" });
  });
});
