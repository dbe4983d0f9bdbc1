import { expect } from "chai";
import type { Price } from "../domain/price";
import { client, coins } from "../domain/testing/snapshots";
import { CodedError } from "../errors/codedError";
import { StoreUnavailable } from "../errors/storeErrors";
import { MeterBench } from "./testing/meterBench";

const TEN: Price = { inputPerMillionNano: coins("1"), outputPerMillionNano: coins("10") };

describe("setting coins aside for a call", () => {
  const bench = new MeterBench();
  const { open, held, refused } = bench;

  describe("H1: the hold", () => {
    it("is by the bytes of the body where that fits, and no tokenizer is asked", async () => {
      const meter = await open({ balance: "1", price: TEN, bytes: 400, counted: 10, body: { max_tokens: 1_000 } });
      // 400 bytes at 1 coin a million, 1,000 tokens at 10.
      expect(await held()).to.equal(coins("0.0104"));
      expect(meter.outputLimit).to.equal(undefined);
      expect(bench.counts).to.equal(0);
    });

    it("is for all answers that were asked for", async () => {
      await open({ balance: "1", price: TEN, bytes: 400, body: { max_tokens: 1_000, n: 3 } });
      expect(await held()).to.equal(coins("0.0304"));
    });

    it("counts the input by a tokenizer where the bytes do not fit, with a margin, and leaves the output as it was asked for", async () => {
      const meter = await open({ balance: "0.012", price: TEN, bytes: 10_000, counted: 1_000, body: { max_tokens: 1_000 } });
      expect(bench.counts).to.equal(1);
      expect(await held()).to.equal(coins("0.011116"));
      expect(meter.outputLimit).to.equal(undefined);
    });

    it("never counts more than the bytes", async () => {
      const meter = await open({ balance: "0.0034", price: TEN, bytes: 400, counted: 100_000, body: { max_tokens: 1_000 } });
      expect(meter.outputLimit).to.equal(300);
      expect(await held()).to.equal(coins("0.0034"));
    });

    it("lowers the output to what the balance pays for, where that does not fit either", async () => {
      const meter = await open({ balance: "0.006", price: TEN, bytes: 10_000, counted: 894, body: { max_tokens: 1_000 } });
      // 894 · 1.1 + 16 = 1,000 tokens of input leave 0.005 coins: 500 tokens.
      expect(meter.outputLimit).to.equal(500);
      expect(await held()).to.equal(coins("0.006"));
    });

    it("lowers it for each of several answers alike", async () => {
      const meter = await open({ balance: "0.0117", price: TEN, bytes: 10_000, counted: 894, body: { max_tokens: 1_000, n: 2 } });
      expect(meter.outputLimit).to.equal(535);
    });

    it("goes down to 256 tokens, and not below", async () => {
      expect((await open({ balance: "0.00356", price: TEN, bytes: 10_000, counted: 894, body: { max_tokens: 1_000 } })).outputLimit).to.equal(256);
      const error = await refused({ owner: client("less"), balance: "0.003559", price: TEN, bytes: 10_000, counted: 894, body: { max_tokens: 1_000 } });
      expect(error.code).to.equal("insufficient_quota");
    });

    it("goes down to what was asked for, and not below, where that is less than 256", async () => {
      await open({ balance: "0.002", price: TEN, bytes: 10_000, counted: 894, body: { max_tokens: 100 } });
      expect(await held()).to.equal(coins("0.002"));
      const error = await refused({ owner: client("less"), balance: "0.001999", price: TEN, bytes: 10_000, counted: 894, body: { max_tokens: 100 } });
      expect(error.code).to.equal("insufficient_quota");
    });

    it("is refused with the balance and the refill in the message, and clients are told not to try again", async () => {
      const error = await refused({ balance: "10", starting: "0.001", refresh: "1", price: TEN, bytes: 10_000, counted: 894, body: { max_tokens: 1_000 } });
      expect(error).to.include({ code: "insufficient_quota", status: 429, type: "insufficient_quota" });
      expect(error.headers).to.deep.equal({ "x-should-retry": "false" });
      expect(error.message).to.equal("Your coins do not cover this request: 0.001 coins are available. The next refill comes in 60 minutes.");
      bench.now += 20 * 60_000 + 1;
      const later = await refused({ balance: "10", starting: "0.001", refresh: "1", price: TEN, bytes: 10_000, counted: 894, body: { max_tokens: 1_000 } });
      expect(later.message).to.include("in 40 minutes");
      expect(await held()).to.equal(0n);
    });

    it("says what running calls hold, and that no refill is due", async () => {
      await open({ balance: "0.011", price: TEN, bytes: 1_000, body: { max_tokens: 1_000 } });
      const error = await refused({ balance: "0.011", price: TEN, bytes: 1_000, body: { max_tokens: 1_000 } });
      expect(error.message).to.equal(
        "Your coins do not cover this request: 0.00 coins are available (0.01 held for running requests). No refill is due; ask an administrator for coins.",
      );
    });

    const limits: [string, object, object, number | undefined][] = [
      ["the model's largest output where no limit was asked for", { maxOutputTokens: 2_000 }, {}, 2_000],
      ["coins.default_output_tokens where the model has none", {}, {}, 4_096],
      ["the model's largest output where more was asked for", { maxOutputTokens: 2_000 }, { max_tokens: 9_000 }, 2_000],
      ["nothing where the caller's own limit holds", { maxOutputTokens: 2_000 }, { max_tokens: 2_000 }, undefined],
    ];
    for (const [name, model, body, expected] of limits) {
      it(`sends upstream ${name}`, async () => {
        const meter = await open({ balance: "100", price: TEN, bytes: 400, model, body });
        expect(meter.outputLimit).to.equal(expected);
        expect(await held()).to.equal(coins("0.0004") + BigInt(expected ?? 2_000) * 10_000n);
      });
    }

    it("demands no limit where output costs nothing", async () => {
      const price: Price = { ...TEN, outputPerMillionNano: 0n };
      expect((await open({ balance: "1", price, bytes: 400 })).outputLimit).to.equal(undefined);
    });

    it("of embeddings is for the input alone", async () => {
      const meter = await open({ balance: "1", price: TEN, bytes: 400, operation: "embeddings", body: { input: "x", stream: true } });
      expect(await held()).to.equal(coins("0.0004"));
      expect(meter.outputLimit).to.equal(undefined);
    });

    it("of responses and messages is by their own limit", async () => {
      await open({ balance: "1", price: TEN, bytes: 400, operation: "responses", body: { input: "x", max_output_tokens: 500, max_tokens: 9_000 } });
      expect(await held()).to.equal(coins("0.0054"));
      const meter = await open({ owner: client("other"), balance: "1", price: TEN, bytes: 400, operation: "messages", body: { max_tokens: 100, n: 9 } });
      expect(await held("c-other")).to.equal(coins("0.0014"));
      expect(meter.outputLimit).to.equal(undefined);
    });

    it("C6: of count_tokens is none, and nobody's ledger has it; a blocked pool refuses it all the same", async () => {
      const meter = await open({ balance: "1", price: TEN, bytes: 400, operation: "count_tokens", requestId: "counted" });
      expect(await held()).to.equal(0n);
      expect(meter.produced(1_000_000)).to.equal(true);
      expect(await meter.settle({ status: 200, reported: { inputTokens: 14 } }, "gpu1")).to.deep.include({ id: "counted", costNano: 0n, status: 200, endpoint: "gpu1" });
      expect(meter.ended).to.equal(true);
      expect(await bench.store.usage.entry("counted")).to.equal(undefined);
      expect((await refused({ balance: "0", price: TEN, bytes: 4, operation: "count_tokens" })).code).to.equal("no_budget");
    });

    it("of a stream covers its input and 1,024 tokens of output", async () => {
      const meter = await open({ balance: "1", price: TEN, bytes: 400, body: { stream: true, max_tokens: 9_000 } });
      expect(await held()).to.equal(coins("0.0004") + coins("0.01024"));
      expect(meter.outputLimit).to.equal(undefined);
    });

    it("M4: is at the price of the start, which goes into the books", async () => {
      const meter = await open({ balance: "1", price: TEN, bytes: 400 });
      const entry = await meter.settle({ status: 200, reported: { inputTokens: 1, outputTokens: 1 } });
      expect(entry.price).to.deep.equal(TEN);
    });
  });

  it("H2: never holds more than there is, however many calls come at once", async () => {
    const opened = await Promise.allSettled(Array.from({ length: 300 }, () => open({ balance: "0.1", price: TEN, bytes: 400, body: { max_tokens: 1_000 } })));
    const held300 = await held();
    expect(held300 <= coins("0.1")).to.equal(true);
    expect(opened.filter(({ status }) => status === "fulfilled")).to.have.length(9 + 1);
  });

  it("H5: an unlimited pool takes no hold, and the usage is recorded", async () => {
    const meter = await open({ balance: "-2", price: TEN, bytes: 400 });
    expect(await bench.pool()).to.equal(undefined);
    const entry = await meter.settle({ status: 200, reported: { inputTokens: 1_000, outputTokens: 100 } });
    expect(entry).to.deep.include({ costNano: coins("0.002"), charges: [] });
  });

  it("H5, K2: a key with a cap holds on its cap, beside the pool or without one", async () => {
    for (const balance of ["1", "-2"]) {
      const owner = client(`capped${balance}`);
      const call = { owner, balance, price: TEN, bytes: 400, keyCap: "0.0105", body: { max_tokens: 1_000 } };
      await open(call);
      expect((await bench.pool(`key:k-${owner.id}`))?.heldNano).to.equal(coins("0.0104"));
      const error = await refused(call);
      expect(error.code).to.equal("insufficient_quota");
      expect(error.message).to.include("The coin cap of this API key is reached");
    }
  });

  it("P1, P3: a blocked pool and a missing one are 403 no_budget", async () => {
    for (const balance of ["0", undefined]) {
      const error = await refused({ owner: client(`none-${balance}`), balance, price: TEN, bytes: 400 });
      expect(error).to.include({ code: "no_budget", status: 403 });
    }
  });

  describe("P8: a free model", () => {
    const FREE: Price = { inputPerMillionNano: 0n, outputPerMillionNano: 0n };

    it("needs a balance above 0, of which it takes nothing", async () => {
      await open({ balance: "0.000000001", price: FREE, bytes: 400 });
      expect(await held()).to.equal(0n);
    });

    it("is refused on an empty pool", async () => {
      const error = await refused({ balance: "10", starting: "0", price: FREE, bytes: 400 });
      expect(error.code).to.equal("insufficient_quota");
    });

    it("goes on an empty pool with coins.free_models_when_exhausted, and only a free one does", async () => {
      const call = { balance: "10", starting: "0", freeModelsWhenExhausted: true, bytes: 400 };
      await open({ ...call, price: FREE });
      expect((await refused({ ...call, price: TEN })).code).to.equal("insufficient_quota");
      expect((await refused({ ...call, price: { ...FREE, perRequestNano: 1n } })).code).to.equal("insufficient_quota");
    });
  });

  it("refuses with what the store throws, and holds nothing", async () => {
    await bench.store.close();
    for (const balance of ["1", "-2"]) {
      const error = await open({ owner: client(`down${balance}`), balance, price: TEN, bytes: 400 }).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(StoreUnavailable).and.not.instanceOf(CodedError);
    }
  });
});
