import { expect } from "chai";
import { readdirSync, readlinkSync } from "node:fs";
import { connect, type Socket } from "node:net";
import OpenAI, { toFile } from "openai";
import { wave } from "../../core/adapters/audio/testing/recordings";
import { createGate, startFakeUpstream, type FakeUpstream } from "../support/fakeUpstream";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { testConfig } from "../support/testConfig";

const MB = 1_048_576;
const PICTURE = Buffer.from("iVBORw0KGgo=", "base64");

describe("forms, sound and pictures through a whole gateway", () => {
  let upstream: FakeUpstream;
  let lumen: LumenProcess;
  let key: string;
  let openai: OpenAI;

  before(async () => {
    upstream = await startFakeUpstream();
    const model = {
      capabilities: ["transcriptions", "translations", "speech", "images"], input_cost_per_million: 0, output_cost_per_million: 0,
      audio_cost_per_hour: "3.6", image_cost: "0.25", million_characters_cost: "10",
    };
    lumen = await startLumenProcess({ config: testConfig({ urls: [upstream.url], endpoint: { model: "fake-model" }, model }) });
    key = await lumen.newKey("bot");
    openai = new OpenAI({ apiKey: key, baseURL: `${lumen.url}/v1`, maxRetries: 0 });
  });
  after(async () => {
    await lumen.remove();
    await upstream.close();
  });

  /** Uploads that the gateway holds open; their files have no name any more. */
  const spooled = (): number => readdirSync(`/proc/${lumen.child.pid}/fd`).filter((fd) => linkOf(`/proc/${lumen.child.pid}/fd/${fd}`).includes("data.spool")).length;
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await fetch(`${lumen.url}/healthz`);
  };
  const receipt = async (id: string): Promise<Record<string, unknown>> =>
    (await (await fetch(`${lumen.url}/v1/requests/${id}`, { headers: { authorization: `Bearer ${key}` } })).json()) as Record<string, unknown>;

  it("W60, W63: the official client transcribes and translates, as JSON, text and a stream", async () => {
    const file = () => toFile(wave(2), "talk.wav", { type: "audio/wav" });
    upstream.next((_request, respond) => respond.json(200, { text: "Hello" }));
    expect((await openai.audio.transcriptions.create({ file: await file(), model: "m" })).text).to.equal("Hello");
    upstream.next(async (_request, respond) => {
      await respond.head(200, { "content-type": "text/plain; charset=utf-8" });
      await respond.end("Hello\n");
    });
    expect(await openai.audio.translations.create({ file: await file(), model: "m", response_format: "text" })).to.equal("Hello\n");
    upstream.next(async (_request, respond) => {
      await respond.stream();
      await respond.event({ type: "transcript.text.delta", delta: "Hel" });
      await respond.event({ type: "transcript.text.done", text: "Hello", usage: { type: "duration", seconds: 2 } });
      await respond.end();
    });
    const types: string[] = [];
    for await (const event of await openai.audio.transcriptions.create({ file: await file(), model: "m", stream: true })) types.push(event.type);
    expect(types).to.deep.equal(["transcript.text.delta", "transcript.text.done"]);
  });

  it("W65: the official client makes pictures, and edits them", async () => {
    const answer = { created: 1, data: [{ b64_json: PICTURE.toString("base64") }] };
    upstream.next((_request, respond) => respond.json(200, answer));
    const made = await openai.images.generate({ model: "m", prompt: "a house" }).withResponse();
    expect(made.data.data).to.deep.equal(answer.data);
    expect(made.response.headers.get("x-lumen-cost")).to.equal("0.25");
    upstream.next((_request, respond) => respond.json(200, answer));
    const edited = await openai.images.edit({ model: "m", prompt: "a door", image: [await toFile(PICTURE, "a.png"), await toFile(PICTURE, "b.png")] });
    expect(edited.data).to.deep.equal(answer.data);
    expect(upstream.requests.at(-1)!.body.toString("latin1").match(/name="image\[\]"/g)).to.have.length(2);
  });

  it("W64: the official client hears the first sound before the last is made; the caller pays for the characters", async () => {
    const gate = createGate();
    upstream.next(async (_request, respond) => {
      await respond.head(200, { "content-type": "audio/mpeg" });
      await respond.body("first");
      await gate.opened;
      await respond.end("last");
    });
    const { data, request_id: id } = await openai.audio.speech.create({ model: "m", voice: "alloy", input: "Hello" }).withResponse();
    const reader = data.body!.getReader() as ReadableStreamDefaultReader<Uint8Array>;
    expect(Buffer.from((await reader.read()).value!).toString()).to.equal("first");
    gate.open();
    expect(Buffer.from((await reader.read()).value!).toString()).to.equal("last");
    expect((await reader.read()).done).to.equal(true);
    expect(await receipt(id!)).to.include({ cost: "0.00005", status: "completed" });
    expect((await lumen.cli("receipt", id!)).stdout).to.match(/media +5 characters spoken\n/);
  });

  it("W64: 100 MB of sound go by in bounded memory, and the last of them only once they are paid", async () => {
    const piece = Buffer.alloc(MB, "s");
    upstream.next(async (_request, respond) => {
      await respond.head(200, { "content-type": "audio/wav", "content-length": 100 * MB });
      for (let count = 0; count < 100; count++) await respond.body(piece);
      await respond.end();
    });
    const before = (await lumen.held()).rss;
    const answer = await fetch(`${lumen.url}/v1/audio/speech`, {
      method: "POST", headers: { authorization: `Bearer ${key}`, "content-type": "application/json" }, body: JSON.stringify({ model: "m", input: "Hello" }),
    });
    let size = 0;
    let most = 0;
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
      if (Math.floor(size / (25 * MB)) < Math.floor((size + chunk.length) / (25 * MB))) most = Math.max(most, (await lumen.held()).rss);
      size += chunk.length;
    }
    expect(size).to.equal(100 * MB);
    expect(most - before).to.be.lessThan(60 * MB);
  });

  for (const lying of [true, false]) {
    it(`W64: sound that breaks off cannot pass for whole, ${lying ? "with a length" : "in chunks"}`, async () => {
      const gate = createGate();
      upstream.next(async (_request, respond) => {
        await respond.head(200, { "content-type": "audio/mpeg", ...(lying ? { "content-length": 1_000 } : {}) });
        await respond.body("only a beginning");
        await gate.opened;
        respond.cut();
      });
      const answer = await openai.audio.speech.create({ model: "m", voice: "alloy", input: "Hello" }).withResponse();
      gate.open();
      expect(await answer.data.arrayBuffer().catch((error: unknown) => error)).to.be.instanceOf(Error);
      expect(await receipt(answer.request_id!)).to.deep.include({ cost: "0.00005", flags: ["failed"] });
    });
  }

  it("W64, W29: a caller that leaves ends the sound at its server, and pays for what it asked for", async () => {
    upstream.next(async (_request, respond) => {
      await respond.head(200, { "content-type": "audio/mpeg" });
      await respond.body("sound");
    });
    const leave = new AbortController();
    const { data, request_id: id } = await openai.audio.speech.create({ model: "m", voice: "alloy", input: "Hello" }, { signal: leave.signal }).withResponse();
    await data.body!.getReader().read();
    leave.abort();
    await upstream.requests.at(-1)!.closed;
    await lumen.printed(new RegExp(`${id}.*aborted`));
    expect(await receipt(id!)).to.deep.include({ cost: "0.00005", flags: ["aborted"] });
  });

  it("W61: four recordings of 20 MB at once go on byte for byte, in bounded memory, and leave nothing", async () => {
    const recording = wave(1_310);
    const gate = createGate();
    const sizes: number[] = [];
    for (let count = 0; count < 4; count++) {
      upstream.next(async (request, respond) => {
        sizes.push(request.body.length);
        expect(request.body.includes(recording.subarray(-MB))).to.equal(true);
        await gate.opened;
        await respond.json(200, { text: "Hello" });
      });
    }
    const before = (await lumen.held()).rss;
    const calls = Array.from({ length: 4 }, async () => openai.audio.transcriptions.create({ file: await toFile(recording, "a.wav"), model: "m" }));
    await until(() => sizes.length === 4);
    expect(spooled()).to.equal(4);
    expect(readdirSync(`${lumen.folder}/data.spool`)).to.deep.equal([]);
    expect((await lumen.held()).rss - before).to.be.lessThan(60 * MB);
    gate.open();
    for (const { text } of await Promise.all(calls)) expect(text).to.equal("Hello");
    await until(() => spooled() === 0);
    expect(Math.min(...sizes)).to.be.greaterThan(20 * 1_000_000);
  });

  describe("W61, W62: on a raw socket", () => {
    const head = (length: number) => `POST /v1/audio/transcriptions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: ${length}\r\n\r\n`;
    const form = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\nsound\r\n--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nm\r\n--b--\r\n';
    const open = (): Socket => connect(Number(new URL(lumen.url).port), "127.0.0.1").on("error", () => undefined);

    it("an upload that breaks off leaves nothing, and never reaches a server", async () => {
      const asked = upstream.requests.length;
      const socket = open();
      socket.write(head(50 * MB));
      socket.write(form.slice(0, form.indexOf("sound")));
      socket.write(Buffer.alloc(3 * MB));
      await until(() => spooled() === 1);
      socket.destroy();
      await until(() => spooled() === 0);
      expect(upstream.requests).to.have.length(asked);
    });

    it("a form is read the same wherever the network cuts it, at each byte of its boundaries", async () => {
      upstream.always((_request, respond) => respond.json(200, { text: "Hello" }));
      const socket = open().setNoDelay(true);
      const first = form.indexOf("\r\n--b");
      for (const cut of [...Array(12).keys()].flatMap((at) => [at, first + at, form.length - 1 - at])) {
        const answered = new Promise<string>((resolve) => socket.once("data", (data: Buffer) => resolve(data.toString())));
        await new Promise((resolve) => socket.write(head(form.length) + form.slice(0, cut), resolve));
        await fetch(`${lumen.url}/healthz`);
        socket.write(form.slice(cut));
        expect(await answered, `cut at ${cut}`).to.match(/^HTTP\/1.1 200 /);
        expect(upstream.requests.at(-1)!.body.toString()).to.equal(form.replace("\r\n\r\nm\r\n", "\r\n\r\nfake-model\r\n"));
      }
      socket.destroy();
    });

    it("an upload that is too large is refused while it is sent, and leaves nothing", async () => {
      const socket = open();
      const answered = new Promise<string>((resolve) => socket.once("data", (data: Buffer) => resolve(data.toString())));
      socket.write(head(65 * MB));
      expect(await answered).to.match(/^HTTP\/1.1 413 /);
      socket.destroy();
      await until(() => spooled() === 0);
    });
  });
});

function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return "";
  }
}
