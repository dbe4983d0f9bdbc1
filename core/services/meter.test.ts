import { expect } from "chai";
import type { ReportedUsage } from "../domain/clampUsage";
import type { Price } from "../domain/price";
import { client, coins } from "../domain/testing/snapshots";
import { MeterBench, type BenchCall } from "./testing/meterBench";

const PRICE: Price = { inputPerMillionNano: coins("1"), outputPerMillionNano: coins("10") };
const CALL: BenchCall = { balance: "100", starting: "1", price: PRICE, bytes: 400, counted: 90, body: { max_tokens: 1_000 } };
const produced = (roughTokens: number) => ({ characters: roughTokens * 4, pieces: roughTokens, sample: "", roughTokens });

describe("settling a call", () => {
  const bench = new MeterBench();
  const { open, held } = bench;
  const balance = async () => (await bench.pool())?.balanceNano;

  it("M2: charges what the upstream reported, and gives the rest of the hold back", async () => {
    const entry = await (await open(CALL)).settle({ status: 200, reported: { inputTokens: 1_000, outputTokens: 300 }, endpoint: "gpu1", firstTokenMs: 12 });
    expect(entry).to.deep.include({ costNano: coins("0.004"), status: 200, flags: [], endpoint: "gpu1", firstTokenMs: 12, ownerId: "c-bot", via: "api" });
    expect(await balance()).to.equal(coins("0.996"));
    expect(await held()).to.equal(0n);
  });

  it("H3: settles once, however often it is told", async () => {
    const meter = await open(CALL);
    const endings = [{ inputTokens: 1_000, outputTokens: 300 }, { inputTokens: 9, outputTokens: 9 }].map((reported) => meter.settle({ status: 200, reported }));
    const [first, second] = await Promise.all(endings);
    expect(second).to.equal(first);
    await meter.release();
    expect(await balance()).to.equal(coins("0.996"));
    expect((await bench.store.usage.entries({})).rows).to.have.length(1);
  });

  it("H3: is released at none, once, and leaves no entry", async () => {
    const meter = await open(CALL);
    expect(meter.ended).to.equal(false);
    await Promise.all([meter.release(), meter.release()]);
    expect(meter.ended).to.equal(true);
    expect([await balance(), await held()]).to.deep.equal([coins("1"), 0n]);
    expect((await bench.store.usage.entries({})).rows).to.have.length(0);
  });

  it("H3: takes what a hold does not cover from what is available, never below 0, and says what is left over", async () => {
    const entry = await (await open(CALL)).settle({ status: 200, reported: { inputTokens: 1_000, outputTokens: 200_000 } });
    expect(entry.charges).to.deep.equal([{ pool: "c-bot", chargedNano: coins("1"), uncollectedNano: coins("1.001") }]);
    expect(entry.usage.outputTokens).to.equal(200_000);
    expect(await balance()).to.equal(0n);
  });

  it("C1: counts cached input at its own rate", async () => {
    const price: Price = { ...PRICE, cachedInputPerMillionNano: coins("0.1") };
    const entry = await (await open({ ...CALL, price })).settle({ status: 200, reported: { inputTokens: 1_000, cachedInputTokens: 600, outputTokens: 0 } });
    expect(entry.costNano).to.equal(coins("0.00046"));
  });

  const reports: [string, ReportedUsage, { inputTokens: number; outputTokens: number; flags: string[] }][] = [
    ["all of it", { inputTokens: 10, outputTokens: 20 }, { inputTokens: 10, outputTokens: 20, flags: [] }],
    ["nothing", {}, { inputTokens: 90, outputTokens: 50, flags: ["estimated"] }],
    ["null", { inputTokens: null, outputTokens: null }, { inputTokens: 90, outputTokens: 50, flags: ["estimated"] }],
    ["the input alone", { inputTokens: 10 }, { inputTokens: 10, outputTokens: 50, flags: ["estimated"] }],
    ["the output alone", { outputTokens: 20 }, { inputTokens: 90, outputTokens: 20, flags: ["estimated"] }],
    ["zeros", { inputTokens: 0, outputTokens: 0 }, { inputTokens: 0, outputTokens: 0, flags: [] }],
    ["texts", { inputTokens: "10", outputTokens: "20" }, { inputTokens: 90, outputTokens: 50, flags: ["clamped", "estimated"] }],
    ["numbers below 0", { inputTokens: -1, outputTokens: -20 }, { inputTokens: 90, outputTokens: 50, flags: ["clamped", "estimated"] }],
    ["what is no number", { inputTokens: NaN, outputTokens: Infinity }, { inputTokens: 90, outputTokens: 50, flags: ["clamped", "estimated"] }],
    ["objects", { inputTokens: {}, outputTokens: [] }, { inputTokens: 90, outputTokens: 50, flags: ["clamped", "estimated"] }],
    ["an absurd output beside a good input", { inputTokens: 10, outputTokens: "many" }, { inputTokens: 10, outputTokens: 50, flags: ["clamped", "estimated"] }],
    ["a fraction", { inputTokens: 10.2, outputTokens: 20 }, { inputTokens: 11, outputTokens: 20, flags: ["clamped"] }],
    ["far beyond the window", { inputTokens: 1e15, outputTokens: 20 }, { inputTokens: 80_000, outputTokens: 20, flags: ["clamped"] }],
  ];
  for (const [name, reported, expected] of reports) {
    it(`C1, C2: where the upstream reports ${name}, the entry has ${expected.flags.join(" and ") || "what it said"}`, async () => {
      const meter = await open({ ...CALL, model: { contextWindow: 8_000 } });
      const { usage, flags } = await meter.settle({ status: 200, reported, produced: produced(50) });
      expect({ inputTokens: usage.inputTokens, outputTokens: usage.outputTokens, flags: [...flags] }).to.deep.equal(expected);
    });
  }

  it("C2: cached input is never more than the input that is estimated", async () => {
    const { usage } = await (await open(CALL)).settle({ status: 200, reported: { inputTokens: Infinity, cachedInputTokens: 1e9, outputTokens: 1 } });
    expect(usage).to.include({ inputTokens: 90, cachedInputTokens: 90 });
  });

  it("C2: embeddings without a count of output are no estimate", async () => {
    const meter = await open({ ...CALL, operation: "embeddings", body: { input: "x" } });
    expect(await meter.settle({ status: 200, reported: { inputTokens: 7 } })).to.deep.include({ costNano: 7_000n, flags: [] });
  });

  it("C3: charges the input alone where the caller left before any output", async () => {
    const entry = await (await open(CALL)).settle({ status: 499, flags: ["aborted"] });
    expect(entry.flags).to.have.members(["aborted", "estimated"]);
    expect(entry).to.deep.include({ costNano: 90_000n });
    expect(entry.usage).to.include({ inputTokens: 90, outputTokens: 0 });
  });

  it("C4: records a call that failed before its first token, and charges nothing", async () => {
    const entry = await (await open({ ...CALL, price: { ...PRICE, perRequestNano: coins("1") }, starting: "2" })).settle({ status: 502, free: true, reported: { inputTokens: 9 } });
    expect(entry).to.deep.include({ status: 502, costNano: 0n, flags: [] });
    expect(entry.usage).to.include({ inputTokens: 0, outputTokens: 0 });
    expect(await balance()).to.equal(coins("2"));
  });

  it("C5: charges what was produced where the upstream broke, and says so", async () => {
    const entry = await (await open(CALL)).settle({ status: 200, produced: produced(40), flags: ["failed"] });
    expect(entry.flags).to.have.members(["failed", "estimated"]);
    expect(entry.usage.outputTokens).to.equal(40);
  });

  describe("H4: a stream", () => {
    const STREAM: BenchCall = { ...CALL, body: { stream: true, max_tokens: 100_000 } };
    /** Lets what was asked for without waiting come back. */
    const settled = async () => {
      for (let i = 0; i < 5; i++) await Promise.resolve();
    };

    it("extends its hold ahead of need, 1,024 tokens at a time", async () => {
      const meter = await open(STREAM);
      expect(await held()).to.equal(coins("0.01064"));
      expect(meter.produced(700)).to.equal(true);
      await settled();
      expect(await held(), "not yet").to.equal(coins("0.01064"));
      expect(meter.produced(769)).to.equal(true);
      await settled();
      expect(await held()).to.equal(coins("0.02088"));
    });

    it("catches up with events of thousands of tokens", async () => {
      const meter = await open({ ...STREAM, starting: "0.1304" });
      for (const tokens of [3_000, 6_000, 9_000, 12_000]) {
        expect(meter.produced(tokens), String(tokens)).to.equal(true);
        await settled();
        expect(Number(await held()), String(tokens)).to.be.at.least(tokens * 10_000);
      }
      // 13,000 tokens and the input are what was there.
      expect(meter.produced(12_999)).to.equal(true);
      await settled();
      expect(meter.produced(15_000)).to.equal(false);
      expect(await held()).to.equal(coins("0.1304"));
    });

    it("goes on to the end of what it holds when there is no more, and not beyond", async () => {
      const meter = await open({ ...STREAM, starting: "0.0107" });
      expect(meter.produced(1_000)).to.equal(true);
      await settled();
      await settled();
      // The hold is 0.01064 coins for 1,024 tokens; what is left of the pool pays for six more.
      expect(meter.produced(1_029)).to.equal(true);
      await settled();
      expect(meter.produced(1_030)).to.equal(false);
      const entry = await meter.settle({ status: 200, produced: produced(1_030), flags: ["stopped"] });
      expect(entry.charges[0]?.uncollectedNano).to.equal(0n);
    });

    for (const [starting, tokens] of [["0.0107", 1_060], ["0.010701", 1_060], ["0.0107099", 1_060], ["0.01071", 1_061], ["0.02", 1_990], ["0.05", 4_990]] as const) {
      it(`W76: of which ${starting} coins are there, with 100 tokens of input, covers ${tokens} reported tokens and not one more`, async () => {
        const meter = await open({ ...STREAM, starting });
        for (let outputTokens = 0; outputTokens <= tokens; outputTokens++) {
          expect(meter.reported({ inputTokens: 100, outputTokens }), String(outputTokens)).to.equal(true);
          await settled();
        }
        expect(await meter.reported({ inputTokens: 100, outputTokens: tokens + 1 })).to.equal(false);
        const entry = await meter.settle({ status: 200, reported: { inputTokens: 100, outputTokens: tokens }, flags: ["stopped"] });
        expect(entry.charges[0]?.uncollectedNano).to.equal(0n);
        expect((await balance()) ?? -1n).to.satisfy((left: bigint) => left >= 0n && left < 10_000n);
      });
    }

    it("W76: of two pools has as much as the smaller one", async () => {
      const meter = await open({ ...STREAM, keyCap: "0.02" });
      for (let outputTokens = 0; outputTokens <= 1_990; outputTokens += 10) {
        expect(meter.reported({ inputTokens: 100, outputTokens })).to.equal(true);
        await settled();
      }
      expect(await meter.reported({ inputTokens: 100, outputTokens: 1_991 })).to.equal(false);
    });

    it("W76: waits for as many extensions as it takes to cover what is reported at once", async () => {
      const meter = await open({ ...STREAM, starting: "0.05" });
      expect(await meter.reported({ inputTokens: 100, outputTokens: 4_990 })).to.equal(true);
      const poor = await open({ ...STREAM, owner: client("poor"), starting: "0.05" });
      expect(await poor.reported({ inputTokens: 100, outputTokens: 4_991 }), "one token more").to.equal(false);
    });

    it("W76: believes no report that is none, and is not stopped on an unlimited pool", async () => {
      const meter = await open({ ...STREAM, starting: "0.0107" });
      for (const outputTokens of [undefined, null, "9", -1, NaN]) expect(meter.reported({ outputTokens })).to.equal(true);
      const endless = await open({ ...STREAM, balance: "-2", starting: undefined });
      expect(endless.reported({ inputTokens: 100, outputTokens: 10_000_000 })).to.equal(true);
      const freeOutput = await open({ ...STREAM, owner: client("frugal"), price: { ...PRICE, outputPerMillionNano: 0n } });
      expect(freeOutput.reported({ inputTokens: 1_000_000, outputTokens: 10_000_000 })).to.equal(true);
    });

    it("stops at what it holds when the store cannot be trusted any more", async () => {
      const meter = await open(STREAM);
      await bench.store.close();
      expect(meter.produced(1_000)).to.equal(true);
      await settled();
      expect(meter.produced(1_024)).to.equal(false);
    });

    it("is never stopped on an unlimited pool, or where output is free", async () => {
      const endless = [await open({ ...STREAM, balance: "-2", starting: undefined }), await open({ ...STREAM, price: { ...PRICE, outputPerMillionNano: 0n } })];
      for (const meter of endless) {
        for (let tokens = 0; tokens < 1_000_000; tokens += 50_000) expect(meter.produced(tokens)).to.equal(true);
        await settled();
        expect(meter.produced(2_000_000)).to.equal(true);
      }
    });

    it("H6: notes its input by the size of its text, not by the bytes of an image, and asks no tokenizer", async () => {
      const image = { type: "image_url", image_url: { url: `data:image/png;base64,${"A".repeat(4_000_000)}` } };
      const body = { stream: true, messages: [{ role: "user", content: [image] }] };
      const meter = await open({ ...STREAM, requestId: "seen", body, bytes: JSON.stringify(body).length });
      meter.produced(64);
      await bench.store.ledger.expireHolds(bench.now + 1, bench.now + 1);
      expect((await bench.store.usage.entry("seen"))?.usage.inputTokens).to.be.within(300, 3_000);
      expect(bench.counts).to.equal(0);
    });

    it("H6: is booked after a crash at the progress that it told", async () => {
      const meter = await open({ ...STREAM, requestId: "crashed" });
      meter.produced(500, "gpu1");
      bench.now += 60_000;
      expect(await bench.store.ledger.expireHolds(bench.now, bench.now)).to.equal(1);
      const entry = await bench.store.usage.entry("crashed");
      expect(entry?.usage.outputTokens).to.equal(500);
      expect(entry).to.deep.include({ flags: ["expired"], endpoint: "gpu1" });
      const late = await meter.settle({ status: 200, reported: { inputTokens: 90, outputTokens: 600 } });
      expect(late.flags).to.include("late");
      expect(await balance()).to.equal(coins("1") - coins("0.00609"));
    });
  });
});
