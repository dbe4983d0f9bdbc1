import { expect } from "chai";
import { wave } from "../../core/adapters/audio/testing/recordings";
import { createGate, type Handler } from "../support/fakeUpstream";
import { runRows, type WireRow } from "./support/rows";
import { wireBench, type CallSpec } from "./support/wireBench";

const TRANSCRIBE = "/v1/audio/transcriptions";
const SPEECH = "/v1/audio/speech";
const DRAW = "/v1/images/generations";
const EDIT = "/v1/images/edits";
const KIND = "multipart/form-data; boundary=xYz";

const part = (name: string, value: string, more = ""): string => `--xYz\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`;
const file = (bytes = wave(2).toString("latin1")): string => part("file", bytes, '; filename="talk.wav"\r\nContent-Type: audio/wav');
/** A form of these parts, byte for byte. */
const form = (...parts: string[]): Buffer => Buffer.from(`${parts.join("")}--xYz--\r\n`, "latin1");
const upload = (path: string, body: Buffer, contentType = KIND): CallSpec => ({ path, body, headers: [["content-type", contentType]] });
const says = (text: string, contentType = "application/json"): Handler => async (_request, respond) => {
  await respond.head(200, { "content-type": contentType });
  await respond.end(text);
};
const streams = (text: string, end: "end" | "cut" = "end"): Handler => async (_request, respond) => {
  await respond.stream();
  await respond.body(text);
  if (end === "cut") respond.cut();
  else await respond.end();
};
const event = (data: object): string => `data: ${JSON.stringify(data)}\n\n`;

describe("the wire: forms, sound and pictures", () => {
  const bench = wireBench({
    config: ({ url }) => ({
      models: [{
        name: "ears", capabilities: ["transcriptions", "translations", "speech", "images"], audio_cost_per_hour: "3.6", million_characters_cost: "10", image_cost: "0.25",
        endpoints: [{ url, model: "other/name" }],
      }],
    }),
  });

  const asked: Readonly<Record<string, Buffer>> = {
    "model first": form(part("model", "ears"), part("x", "1"), file()),
    "model behind the file": form(file(), part("prompt", "names: Ünal"), part("model", "ears")),
    "names and fields that nobody knows": form(part("timestamp_granularities[]", "word"), part("timestamp_granularities[]", "segment"), part("model", "ears"), file()),
    "a value that looks like a delimiter": form(part("prompt", "\r\n--xY\r\n--xyZ"), part("model", "ears"), file("--xY\r\n\r\n--")),
    "empty values": form(part("prompt", ""), part("model", "ears"), file("")),
  };
  for (const [what, body] of Object.entries(asked)) {
    const arrives = Buffer.from(body.toString("latin1").replace("\r\n\r\nears\r\n", "\r\n\r\nother/name\r\n"), "latin1");
    runRows(bench, {
      [`W60, W61: of ${what} only the value of model changes`]: {
        send: upload(TRANSCRIBE, body), upstream: says('{"text": "Hello"}'), body: '{"text": "Hello"}',
        arrives: { path: TRANSCRIBE, body: arrives, headers: { "content-type": KIND, "content-length": String(arrives.length) } },
      },
    });
  }

  runRows(bench, {
    "W60: another content type is 415": { send: { path: TRANSCRIBE, body: { model: "ears" } }, status: 415, code: "unsupported_media_type", arrives: "nothing" },
    "W60: a form where JSON is wanted is 415": { send: upload(SPEECH, form(part("model", "ears"))), status: 415, code: "unsupported_media_type", arrives: "nothing" },
    "W60: a compressed form is 415": {
      send: { path: TRANSCRIBE, body: form(part("model", "ears")), headers: [["content-type", KIND], ["content-encoding", "gzip"]] }, status: 415, arrives: "nothing",
    },
    "W60: pictures to be edited come in a form": { send: upload(EDIT, form(part("model", "ears"), part("prompt", "x"), part("image[]", "PNG", '; filename="a.png"'))), upstream: says('{"data":[{"b64_json":"aGk="}]}') },
    "W60: the path without /v1 is served": { send: upload(TRANSCRIBE.slice(3), form(part("model", "ears"), file())), upstream: says("{}"), arrives: { path: TRANSCRIBE } },
  });

  const refused: Readonly<Record<string, readonly [body: Buffer, more?: Partial<WireRow>]>> = {
    "no model": [form(file()), { code: "missing_required_parameter", message: /model/ }],
    "two models": [form(part("model", "ears"), part("model", "m"), file())],
    "a model in another spelling": [form(part("Model", "m"), part("model", "ears"), file())],
    "a model that is a file": [form(part("model", "ears", '; filename="m"'), file())],
    "a form that is not whole": [Buffer.from(part("model", "ears") + file())],
    "a boundary inside of a value": [form(part("prompt", "\r\n--xYzz"), part("model", "ears"))],
    "a preamble": [Buffer.concat([Buffer.from("x\r\n"), form(part("model", "ears"))])],
    "an epilogue": [Buffer.concat([form(part("model", "ears")), Buffer.from("x")])],
    "a bare line end in a header": [Buffer.from('--xYz\nContent-Disposition: form-data; name="model"\n\nears\n--xYz--\n')],
    "a name*": [form('--xYz\r\nContent-Disposition: form-data; name*=UTF-8\'\'model; name="x"\r\n\r\nears\r\n')],
    "a transfer encoding": [form('--xYz\r\nContent-Disposition: form-data; name="model"\r\nContent-Transfer-Encoding: base64\r\n\r\nZWFycw==\r\n')],
    "a name of 2,000 characters": [form(part("n".repeat(2_000), "x"), part("model", "ears"))],
    "600 parts": [form(...Array.from({ length: 600 }, () => part("x", "")), part("model", "ears"))],
  };
  for (const [what, [body, more]] of Object.entries(refused)) {
    runRows(bench, { [`W62: ${what} is 400`]: { send: upload(TRANSCRIBE, body), status: 400, arrives: "nothing", ...more } });
  }
  runRows(bench, { "W62: a form without a boundary is 400": { send: upload(TRANSCRIBE, form(part("model", "ears")), "multipart/form-data"), status: 400, arrives: "nothing" } });

  for (const [format, contentType, text] of [
    ["json", "application/json", '{"text":"model","x":0.10}'], ["text", "text/plain; charset=utf-8", "{\"model\":\"other/name\"}\n"], ["srt", "application/x-subrip", "1\n00:00:00,000 --> 00:00:01,000\nHi\n"],
    ["vtt", "text/vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\nHi\n"], ["verbose_json", "application/json", '{"duration":1.50,"text":"Hi"}'],
  ] as const) {
    runRows(bench, {
      [`W63: ${format} keeps its bytes and its content type`]: {
        send: upload(TRANSCRIBE, form(part("model", "ears"), part("response_format", format), file())), upstream: says(text, contentType), body: text, headers: { "content-type": contentType },
      },
    });
  }

  const speak: CallSpec = { path: SPEECH, body: { model: "ears", input: "Grüße 😀", voice: "alloy" } };
  const sound = Buffer.from([0, 255, 13, 10, 128, 0]);
  runRows(bench, {
    "W64: sound in chunks comes as it is, and tells no cost": {
      send: speak, upstream: async (_request, respond) => { await respond.head(200, { "content-type": "audio/mpeg" }); await respond.body(sound.subarray(0, 2)); await respond.end(sound.subarray(2)); },
      body: sound, headers: { "content-type": "audio/mpeg", "x-lumen-cost": undefined, "x-lumen-upstream-model": "other/name" },
    },
    "W64: sound of a known length keeps it": {
      send: speak, upstream: async (_request, respond) => { await respond.head(200, { "content-type": "audio/wav", "content-length": sound.length }); await respond.end(sound); },
      body: sound, headers: { "content-length": String(sound.length) },
    },
    "W64: a refusal of sound is JSON": { send: speak, upstream: (_request, respond) => respond.json(400, { error: { message: "no such voice" } }), status: 400, message: /no such voice/ },
    "W65: pictures are JSON, and tell their cost": { send: { path: DRAW, body: { model: "ears", prompt: "x", n: 2 } }, upstream: says('{"data":[{"url":"a"},{"url":"b"}]}'), body: '{"data":[{"url":"a"},{"url":"b"}]}', headers: { "x-lumen-cost": "0.5" } },
  });

  it("W64: sound that breaks off is cut off", async () => {
    const heard = createGate();
    bench.upstream.always(async (_request, respond) => {
      await respond.head(200, { "content-type": "audio/mpeg", "content-length": 100 });
      await respond.body("the first piece");
      await heard.opened;
      respond.cut();
    });
    const client = await bench.open();
    try {
      await client.send(bench.request(speak));
      await client.saw("the first piece");
      heard.open();
      const answer = await client.answer();
      expect([answer.status, answer.whole]).to.deep.equal([200, false]);
    } finally {
      client.leave();
    }
  });

  const paid: [what: string, send: CallSpec, upstream: Handler, usage: object, costNano: bigint][] = [
    ["a recording by its length", upload(TRANSCRIBE, form(part("model", "ears"), file(wave(2).toString("latin1")))), says('{"text":"Hi"}'), { audioMs: 2_000 }, 2_000_000n],
    ["a recording by what is reported", upload(TRANSCRIBE, form(part("model", "ears"), file())), says('{"text":"Hi","usage":{"type":"duration","seconds":3}}'), { audioMs: 3_000 }, 3_000_000n],
    ["speech by its characters", speak, says("sound", "audio/mpeg"), { characters: 7 }, 70_000n],
    ["pictures by how many came", { path: DRAW, body: { model: "ears", prompt: "x", n: 3 } }, says('{"data":[{},{}]}'), { images: 2 }, 500_000_000n],
  ];
  for (const [what, send, upstream, usage, costNano] of paid) {
    it(`W66: ${what}`, async () => {
      bench.upstream.always(upstream);
      const entry = await bench.booked((await bench.call(send)).headers["x-request-id"]);
      expect(entry?.usage).to.include(usage);
      expect(entry?.costNano).to.equal(costNano);
    });
  }

  const transcript = event({ type: "transcript.text.delta", delta: "Hel" }) + event({ type: "transcript.text.done", text: "Hello", usage: { type: "duration", seconds: 2 } });
  const hear = upload(TRANSCRIBE, form(part("model", "ears"), part("stream", "true"), file()));
  runRows(bench, {
    "W67: a stream of text passes as it came, without [DONE]": { send: hear, upstream: streams(transcript), body: transcript, headers: { "content-type": /^text\/event-stream/ } },
    "W67: a stream of sound passes as it came": {
      send: { path: SPEECH, body: { model: "ears", input: "Hi", stream_format: "sse" } }, upstream: streams(event({ type: "speech.audio.delta", audio: "aGk=" }) + event({ type: "speech.audio.done" })),
      body: event({ type: "speech.audio.delta", audio: "aGk=" }) + event({ type: "speech.audio.done" }),
    },
    "W67: one that breaks off ends with an error": { send: hear, upstream: streams(event({ type: "transcript.text.delta", delta: "Hel" }), "cut"), body: /"Hel"\}\n\nevent: error\ndata: \{"type":"error","error":/ },
  });
});
