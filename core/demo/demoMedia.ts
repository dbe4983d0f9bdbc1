import { deflateSync } from "node:zlib";
import { readDemoFault } from "./demoFault";
import { isPositive, misbehaves, type DemoHandler } from "./demoHandler";
import { replyError, replyJson } from "./demoReply";

const RATE = 8_000;
const LONGEST_SECONDS = 60;
const HEARD = "I am a demo model: I did not listen to your recording, but it arrived whole.";
const MOST_PICTURES = 10;
const EDGE = 64;

/** A WAV of one tone, as long as somebody would need to say the text. */
function tone(characters: number): Buffer {
  const samples = Math.min(LONGEST_SECONDS, Math.max(1, Math.ceil(characters / 15))) * RATE;
  const sound = Buffer.alloc(samples * 2);
  for (let at = 0; at < samples; at += 1) sound.writeInt16LE(Math.round(6_000 * Math.sin((at * 2 * Math.PI * 440) / RATE)), at * 2);
  const head = Buffer.alloc(44);
  head.write("RIFF....WAVEfmt ", 0, "latin1");
  head.writeUInt32LE(36 + sound.length, 4);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(RATE, 24);
  head.writeUInt32LE(RATE * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36, "latin1");
  head.writeUInt32LE(sound.length, 40);
  return Buffer.concat([head, sound]);
}

/** `POST /audio/speech`: a tone, always as WAV. */
export const answerSpeech: DemoHandler = (_state, response, body, header) => {
  if (typeof body.input !== "string" || body.input === "") return replyError(response, 400, "'input' must be a text.", "input");
  if (misbehaves(response, readDemoFault(header, body.input))) return;
  response.writeHead(200, { "content-type": "audio/wav" });
  response.end(tone(body.input.length));
};

/** The shapes in which a transcript is given. */
const TRANSCRIPTS: Readonly<Record<string, readonly [type: string, text: string]>> = {
  json: ["application/json", JSON.stringify({ text: HEARD })],
  text: ["text/plain; charset=utf-8", `${HEARD}\n`],
  srt: ["text/plain; charset=utf-8", `1\n00:00:00,000 --> 00:00:01,000\n${HEARD}\n\n`],
  vtt: ["text/plain; charset=utf-8", `WEBVTT\n\n00:00.000 --> 00:01.000\n${HEARD}\n\n`],
};

/** `POST /audio/transcriptions` and `/audio/translations`: always the same text, which says so. */
export const answerTranscription: DemoHandler = (_state, response, body, header) => {
  if (misbehaves(response, readDemoFault(header, ""))) return;
  const format = typeof body.response_format === "string" ? body.response_format : "json";
  const transcript = Object.hasOwn(TRANSCRIPTS, format) ? TRANSCRIPTS[format] : undefined;
  if (!transcript) return replyError(response, 400, `The demo model gives ${Object.keys(TRANSCRIPTS).join(", ")}.`, "response_format");
  const bytes = Buffer.from(transcript[1]);
  response.writeHead(200, { "content-type": transcript[0], "content-length": bytes.length });
  response.end(bytes);
};

function pngChunk(type: string, content: Buffer): Buffer {
  const chunk = Buffer.alloc(content.length + 12);
  chunk.writeUInt32BE(content.length);
  chunk.write(type, 4, "latin1");
  content.copy(chunk, 8);
  chunk.writeUInt32BE(crc(chunk.subarray(4, -4)), chunk.length - 4);
  return chunk;
}

/** CRC-32, bit by bit: Node 20.19 has none of its own. */
function crc(bytes: Buffer): number {
  let value = ~0;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value >>> 0;
}

/** A square of one colour, which the prompt chooses. */
function picture(prompt: string): Buffer {
  const shade = [...prompt].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 256, 7);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(EDGE, 0);
  head.writeUInt32BE(EDGE, 4);
  head.writeUInt8(8, 8);
  head.writeUInt8(2, 9);
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(EDGE * 3, Buffer.from([shade, 255 - shade, 160]))]);
  const rows = Buffer.concat(Array.from({ length: EDGE }, () => row));
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), pngChunk("IHDR", head), pngChunk("IDAT", deflateSync(rows)), pngChunk("IEND", Buffer.alloc(0))]);
}

/** `POST /images/generations` and `/images/edits`: coloured squares. */
export const answerImages: DemoHandler = (_state, response, body, header) => {
  const { prompt } = body;
  if (typeof prompt !== "string" || prompt === "") return replyError(response, 400, "'prompt' must be a text.", "prompt");
  const wanted = Number(body.n ?? 1);
  if (!isPositive(wanted) || wanted > MOST_PICTURES) return replyError(response, 400, `'n' must be a whole number from 1 to ${MOST_PICTURES}.`, "n");
  if (misbehaves(response, readDemoFault(header, prompt))) return;
  const b64_json = picture(prompt).toString("base64");
  replyJson(response, 200, { created: Math.floor(Date.now() / 1_000), data: Array.from({ length: wanted }, () => ({ b64_json })) });
};

/** The text fields of a form; files are not looked at. The gateway has read it with more care. */
export function readFormFields(bytes: Buffer): Record<string, unknown> {
  const fields = [...bytes.toString("latin1").matchAll(/name="([^"]*)"\r\n\r\n(.*)\r\n--/g)];
  return Object.fromEntries(fields.map(([, name = "", value = ""]) => [name, Buffer.from(value, "latin1").toString("utf8")]));
}
