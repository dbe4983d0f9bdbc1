import { expect } from "chai";
import { wave } from "../../../core/adapters/audio/testing/recordings";
import type { Price } from "../../../core/domain/price";
import { coins } from "../../../core/domain/testing/snapshots";
import type { PolicyRun } from "../../../core/gateway/testing/runPolicy";
import { modelOf } from "../../../core/services/testing/snapshots";
import type { Responder } from "../../../tests/support/fakeUpstream";
import { formOf } from "../../../tests/support/formOf";
import { eventsOf, RelayBench, sendNamed } from "../testing/relayBench";

const PRICE: Price = { inputPerMillionNano: 0n, outputPerMillionNano: coins("1"), audioPerHourNano: coins("3.6"), perImageNano: coins("0.25"), perMillionCharactersNano: coins("10") };

describe("a stream of sound or pictures through upstream-proxy", () => {
  const bench = new RelayBench();
  const run = (url: string, body: object, headers = {}): Promise<PolicyRun> =>
    bench.run(body, { url, headers, model: modelOf({ name: "dummy", price: PRICE, endpoints: [bench.endpoint()] }) });
  const transcribe = async () => {
    const { body, contentType } = await formOf({ file: new File([new Uint8Array(wave(10))], "a.wav"), stream: "true", model: "dummy" });
    return run("/v1/audio/transcriptions", body, { "content-type": contentType });
  };
  const speak = () => run("/v1/audio/speech", { model: "dummy", input: "Hello there", voice: "alloy", stream_format: "sse" });
  const paint = (n: number) => run("/v1/images/generations", { model: "dummy", prompt: "a house", n, stream: true, partial_images: 1 });
  const answer = (...events: object[]) => bench.upstream.next(async (_request, respond: Responder) => {
    await respond.stream();
    for (const event of events) await sendNamed(respond, event as { type: string });
    await respond.end();
  });
  const delta = (text: string) => ({ type: "transcript.text.delta", delta: text });

  it("W67: a transcript passes as it came, and its last event reports the usage", async () => {
    const events = [delta("Hello"), delta(" there"), { type: "transcript.text.done", text: "Hello there", usage: { type: "tokens", input_tokens: 14, output_tokens: 45, total_tokens: 59 } }];
    answer(...events);
    const done = await transcribe();
    expect(eventsOf(done.text)).to.deep.equal(events);
    expect(done.text).not.to.include("[DONE]");
    const entry = await bench.entryOf(done);
    expect(entry.usage).to.include({ inputTokens: 14, outputTokens: 45, audioMs: 10_000 });
    expect(entry.flags).to.deep.equal([]);
  });

  it("W67: so does speech", async () => {
    const events = [{ type: "speech.audio.delta", audio: "AAAA" }, { type: "speech.audio.done", usage: { input_tokens: 3, output_tokens: 101, total_tokens: 104 } }];
    answer(...events);
    const done = await speak();
    expect(eventsOf(done.text)).to.deep.equal(events);
    expect((await bench.entryOf(done)).usage).to.include({ characters: 11, outputTokens: 101 });
  });

  it("W67: so do pictures, until all of them are there", async () => {
    const picture = (type: string) => ({ type, b64_json: "AAAA", usage: { input_tokens: 9, output_tokens: 272 } });
    const events = [{ type: "image_generation.partial_image", b64_json: "A", partial_image_index: 0 }, picture("image_generation.completed"), picture("image_generation.completed")];
    answer(...events);
    const done = await paint(2);
    expect(eventsOf(done.text)).to.deep.equal(events);
    expect((await bench.entryOf(done)).usage).to.include({ images: 2, inputTokens: 9, outputTokens: 272 });
  });

  const broken: [string, () => Promise<PolicyRun>, object, string][] = [
    // 10 s of sound, and two tokens of text.
    ["a transcript", transcribe, delta("Hello there"), "0.01"], ["speech", speak, { type: "speech.audio.delta", audio: "AAAA" }, "0.00011"],
    ["pictures", () => paint(2), { type: "image_generation.completed", b64_json: "AAAA" }, "0.25"],
  ];
  for (const [what, ask, event, cost] of broken) {
    it(`W67: that breaks off is delivered as far as it came, then says so: ${what}`, async () => {
      answer(event);
      const done = await ask();
      const events = eventsOf(done.text);
      expect(events[0]).to.deep.equal(event);
      expect(events.at(-1)).to.have.nested.property("error.code", "upstream_incomplete");
      expect(await bench.entryOf(done)).to.deep.include({ costNano: coins(cost), flags: ["failed"] });
    });
  }

  const blocked = { type: "error", error: { type: "image_generation_user_error", code: "moderation_blocked", message: "No." } };
  it("W67: an error of the server is handed on as it came", async () => {
    answer({ type: "image_generation.partial_image", b64_json: "A", partial_image_index: 0 }, blocked);
    const done = await paint(1);
    expect(eventsOf(done.text).at(-1)).to.deep.equal(blocked);
    expect((await bench.entryOf(done)).flags).to.deep.equal(["failed"]);
  });

  it("W25: one that comes first is a refusal, and free", async () => {
    answer(blocked);
    const done = await paint(1);
    expect(done).to.include({ status: 400, code: "moderation_blocked" });
    expect((await bench.entryOf(done)).costNano).to.equal(0n);
  });
});
