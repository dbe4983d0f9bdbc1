import { expect } from "chai";
import { wave } from "../../core/adapters/audio/testing/recordings";
import type { Price } from "../../core/domain/price";
import { coins } from "../../core/domain/testing/snapshots";
import type { PolicyRun } from "../../core/gateway/testing/runPolicy";
import { modelOf } from "../../core/services/testing/snapshots";
import { formOf } from "../../tests/support/formOf";
import type { Handler } from "../../tests/support/fakeUpstream";
import { RelayBench, type RelayOptions } from "./testing/relayBench";

const PRICE: Price = { inputPerMillionNano: 0n, outputPerMillionNano: 0n, audioPerHourNano: coins("3.6"), perImageNano: coins("0.25"), perMillionCharactersNano: coins("10") };

describe("relaying sound and pictures", () => {
  const bench = new RelayBench();

  const run = (url: string, body: object, options: RelayOptions = {}): Promise<PolicyRun> => {
    const model = modelOf({ name: "dummy", price: PRICE, endpoints: options.endpoints ?? [bench.endpoint()] });
    return bench.run(body, { url, model, ...options });
  };
  const sendForm = async (url: string, fields: Readonly<Record<string, string | Blob>>, options: RelayOptions = {}): Promise<PolicyRun> => {
    const { body, contentType } = await formOf(fields);
    return run(url, body, { ...options, headers: { "content-type": contentType } });
  };
  const recording = (seconds = 10) => new File([new Uint8Array(wave(seconds))], "talk.wav", { type: "audio/wav" });
  const answers = (type: string, text: string | Buffer): Handler => async (_request, respond) => {
    await respond.head(200, { "content-type": type, "content-length": Buffer.byteLength(text) });
    await respond.end(text);
  };

  describe("W61: a form", () => {
    it("goes out with its boundary, order and bytes, and the server's name of the model", async () => {
      bench.upstream.next((_request, respond) => respond.json(200, { text: "hello" }));
      const { body, contentType } = await formOf({ file: recording(), prompt: "é€😀", model: "dummy", "timestamp_granularities[]": "word" });
      const done = await run("/v1/audio/transcriptions", body, { headers: { "content-type": contentType } });
      expect(done.status).to.equal(200);
      const sent = bench.upstream.requests[0]!;
      expect(sent.path).to.equal("/v1/audio/transcriptions");
      expect(sent.headers["content-type"]).to.equal(contentType);
      expect(sent.headers["content-length"]).to.equal(String(sent.body.length));
      const before = body.indexOf("\r\n\r\ndummy\r\n") + 4;
      expect(sent.body.equals(Buffer.concat([body.subarray(0, before), Buffer.from("fake-model"), body.subarray(before + 5)]))).to.equal(true);
    });

    it("is sent whole to the next server where the first one fails", async () => {
      bench.upstream.next((_request, respond) => respond.json(503, {}));
      bench.upstream.next((_request, respond) => respond.json(200, { text: "hello" }));
      const endpoints = [bench.endpoint(), bench.endpoint({ id: "gpu2", model: "other-model" })];
      const done = await sendForm("/v1/audio/translations", { model: "dummy", file: recording(60) }, { endpoints });
      expect(done.status).to.equal(200);
      const [first, second] = bench.upstream.requests;
      expect(first!.body.length - second!.body.length).to.be.oneOf([1, -1]);
      expect(second!.body.subarray(-1_000)).to.deep.equal(first!.body.subarray(-1_000));
    });
  });

  describe("W63: the answer to a recording", () => {
    const kept: [string, string, string][] = [
      ["plain text", "text/plain; charset=utf-8", "Hello there.\n"],
      ["text that looks like JSON", "text/plain", '{"model": "fake-model"}'],
      ["SRT", "application/x-subrip", "1\n00:00:00,000 --> 00:00:01,000\nHello\n"],
      ["VTT", "text/vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n"],
      ["JSON", "application/json", '{ "text":"Hello" }'],
      ["verbose JSON", "application/json", '{"task":"transcribe","duration":7.5,"text":"Hello","segments":[]}'],
    ];
    for (const [what, type, text] of kept) {
      it(`is kept byte for byte, with its type: ${what}`, async () => {
        bench.upstream.next(answers(type, text));
        const done = await sendForm("/v1/audio/transcriptions", { file: recording(), model: "dummy" });
        expect(done).to.include({ status: 200, text });
        expect(done.headers["content-type"]).to.equal(type);
        const entry = await bench.entryOf(done);
        expect(entry.usage.audioMs).to.equal(what === "verbose JSON" ? 7_500 : 10_000);
        expect(done.headers["x-lumen-cost"]).to.equal(what === "verbose JSON" ? "0.0075" : "0.01");
      });
    }

    it("is paid by the seconds, or the tokens, that the server says", async () => {
      bench.upstream.next((_request, respond) => respond.json(200, { text: "Hello", usage: { type: "duration", seconds: 11 } }));
      expect((await bench.entryOf(await sendForm("/v1/audio/transcriptions", { file: recording(), model: "dummy" }))).costNano).to.equal(coins("0.011"));
      const usage = { type: "tokens", input_tokens: 100, output_tokens: 30, total_tokens: 130, input_token_details: { audio_tokens: 90, text_tokens: 10 } };
      bench.upstream.next((_request, respond) => respond.json(200, { text: "Hello", usage }));
      const entry = await bench.entryOf(await sendForm("/v1/audio/transcriptions", { file: recording(), model: "dummy" }));
      expect(entry.usage).to.include({ inputTokens: 100, outputTokens: 30, audioMs: 10_000 });
    });
  });

  describe("W64: sound", () => {
    const SPEAK = { model: "dummy", input: "Hello there", voice: "alloy" };
    const sound = Buffer.alloc(200_000, "mp3");

    for (const chunked of [true, false]) {
      it(`is relayed byte for byte, ${chunked ? "in chunks" : "with its length"}, and paid by the characters`, async () => {
        bench.upstream.next(async (_request, respond) => {
          await respond.head(200, { "content-type": "audio/mpeg", ...(chunked ? {} : { "content-length": sound.length }) });
          await respond.body(sound.subarray(0, 70_000));
          await respond.end(sound.subarray(70_000));
        });
        const done = await run("/v1/audio/speech", SPEAK);
        expect(done.text).to.equal(sound.toString());
        expect(done.headers).to.include({ "content-type": "audio/mpeg", "x-lumen-upstream-model": "fake-model" });
        expect(done.headers["content-length"]).to.equal(chunked ? undefined : "200000");
        expect(await bench.entryOf(done)).to.deep.include({ costNano: coins("0.00011"), flags: [], status: 200 });
      });
    }

    it("is relayed where there is none", async () => {
      bench.upstream.next(answers("audio/mpeg", ""));
      expect(await run("/v1/audio/speech", SPEAK)).to.include({ status: 200, text: "" });
    });

    it("goes to the next server where the first one broke off before any", async () => {
      bench.upstream.next(async (_request, respond) => {
        await respond.head(200, { "content-type": "audio/mpeg", "content-length": 10 });
        respond.cut();
      });
      bench.upstream.next(answers("audio/mpeg", "sound"));
      const done = await run("/v1/audio/speech", SPEAK, { endpoints: [bench.endpoint(), bench.endpoint({ id: "gpu2" })] });
      expect(done).to.include({ status: 200, text: "sound" });
    });
  });

  describe("W65: pictures", () => {
    const PAINT = { model: "dummy", prompt: "a house", n: 3 };
    const pictures = (count: number, bytes: number) => ({ created: 1, data: Array.from({ length: count }, () => ({ b64_json: "A".repeat(bytes), revised_prompt: 'a "b64_json" house' })) });

    it("are paid by their number in the answer, and by tokens where the server says them", async () => {
      bench.upstream.next((_request, respond) => respond.json(200, { ...pictures(2, 10), usage: { input_tokens: 9, output_tokens: 272, total_tokens: 281 } }));
      const done = await run("/v1/images/generations", PAINT);
      expect(done.headers["x-lumen-cost"]).to.equal("0.5");
      expect((await bench.entryOf(done)).usage).to.include({ images: 2, inputTokens: 9, outputTokens: 272 });
    });

    it("are counted in an answer that is too large to wait for, wherever it is cut", async () => {
      const text = JSON.stringify({ ...pictures(2, 900_000), usage: { input_tokens: 9, output_tokens: 272 } });
      bench.upstream.next(async (_request, respond) => {
        await respond.head(200, { "content-type": "application/json" });
        const name = text.lastIndexOf('"b64_json":') + 4;
        await respond.body(text.slice(0, name));
        await respond.end(text.slice(name));
      });
      const done = await run("/v1/images/generations", PAINT);
      expect(done.text).to.equal(text);
      expect((await bench.entryOf(done)).usage).to.include({ images: 2, inputTokens: 9, outputTokens: 272 });
    });

    it("are edited by a form", async () => {
      bench.upstream.next((_request, respond) => respond.json(200, { data: [{ url: "https://x/1.png" }] }));
      const image = new File([new Uint8Array(100)], "a.png", { type: "image/png" });
      const done = await sendForm("/v1/images/edits", { "image[]": image, prompt: "a house", model: "dummy", n: "2" });
      expect(bench.upstream.requests[0]!.path).to.equal("/v1/images/edits");
      expect((await bench.entryOf(done)).costNano).to.equal(coins("0.25"));
    });
  });
});
