import { expect } from "chai";
import OpenAI, { toFile } from "openai";
import { measureAudio } from "../adapters/audio/measureAudio";
import { pictureType } from "../adapters/avatars/pictureType";
import { startDemoServer, type DemoServer } from "./startDemoServer";

describe("the demo model on sound and pictures", () => {
  let server: DemoServer;
  let client: OpenAI;
  before(async () => {
    server = await startDemoServer({ paceMs: 0 });
    client = new OpenAI({ baseURL: server.url, apiKey: "unused", maxRetries: 0 });
  });
  after(() => server.close());

  it("speaks a tone that is as long as the text needs", async () => {
    const sound = Buffer.from(await (await client.audio.speech.create({ model: "dummy", voice: "alloy", input: "Good morning to all of you" })).arrayBuffer());
    expect(await measureAudio({ byteLength: sound.length, read: async (start, end) => sound.subarray(start, end) })).to.equal(2_000);
  });

  it("says of each recording that it did not listen", async () => {
    const file = await toFile(Buffer.alloc(100), "a.wav");
    expect((await client.audio.transcriptions.create({ file, model: "dummy" })).text).to.include("demo model");
    for (const format of ["text", "srt", "vtt"] as const) expect(await client.audio.translations.create({ file, model: "dummy", response_format: format })).to.include("demo model");
    const refused = await client.audio.transcriptions.create({ file, model: "dummy", response_format: "verbose_json" }).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(OpenAI.BadRequestError);
  });

  it("makes coloured squares, as many as were asked for", async () => {
    const made = await client.images.generate({ model: "dummy", prompt: "a house", n: 2 });
    const edited = await client.images.edit({ model: "dummy", prompt: "größer", image: await toFile(Buffer.alloc(10), "a.png") });
    const pictures = [...(made.data ?? []), ...(edited.data ?? [])].map(({ b64_json = "" }) => Buffer.from(b64_json, "base64"));
    expect(pictures.map((bytes) => pictureType(bytes))).to.deep.equal(Array(3).fill("image/png"));
    expect(pictures[0]).to.deep.equal(pictures[1]).and.not.to.deep.equal(pictures[2]);
    expect(await client.images.generate({ model: "dummy", prompt: "a house", n: 11 }).catch((error: unknown) => error)).to.be.instanceOf(OpenAI.BadRequestError);
  });
});
