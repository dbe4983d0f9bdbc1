import { LLMock, type FixtureFileResponse } from "@copilotkit/aimock";
import type { IncomingMessage, ServerResponse } from "node:http";
import { json } from "node:stream/consumers";

/** What the fake model server says, and to which prompts. */
export const SAID = {
  text: "Hello from the model server",
  place: { city: "Bern", degrees: 7 },
  tool: { name: "get_weather", input: { city: "Bern" } },
  outputTokens: 5,
  embedding: [0.25, -0.5, 1],
  picture: "aGVsbG8=",
  sound: "a sound",
  transcript: "This was said.",
  errors: { 404: "There is no such model here.", 429: "Slow down.", 500: "It broke." },
} as const;

export type ErrorStatus = keyof typeof SAID.errors;

export const promptForError = (status: ErrorStatus) => `error ${status}`;

/** A third-party model server on a free port, which wants this key. Prompts choose its answers. */
export async function startModelServer(apiKey: string): Promise<LLMock> {
  const server = new LLMock({ port: 0, host: "127.0.0.1", logLevel: "silent", auth: { apiKeys: [apiKey] } });
  const usage = { prompt_tokens: 3, completion_tokens: SAID.outputTokens, input_tokens: 3, output_tokens: SAID.outputTokens };
  const say = (prompt: string, response: FixtureFileResponse, more = {}) => server.onMessage(prompt, response, more);
  say("Hello!", { content: SAID.text, usage });
  say("greet", { content: SAID.text, usage }, { chunkSize: 6 });
  // With a pause between pieces: otherwise the cut overtakes what was written before it.
  say("cut", { content: SAID.text, usage }, { chunkSize: 3, truncateAfterChunks: 6, latency: 20 });
  say("weather", { toolCalls: [{ name: SAID.tool.name, arguments: { ...SAID.tool.input }, id: "call_1" }], usage });
  say("place", { content: { ...SAID.place }, usage });
  for (const [status, message] of Object.entries(SAID.errors)) {
    say(promptForError(Number(status) as ErrorStatus), { error: { message, type: "some_error", code: "some_code" }, status: Number(status) });
  }
  server.mount("/v1/embeddings", { handleRequest: embed });
  server.onImage(/./, { image: { b64Json: SAID.picture } });
  server.onSpeech(/./, { audio: Buffer.from(SAID.sound).toString("base64"), format: "mp3" });
  server.onTranscription({ transcription: { text: SAID.transcript, language: "english", duration: 1 } });
  await server.start();
  return server;
}

/** Embeddings in base64 where they are asked for, as the official client does: the third-party server knows numbers alone. */
async function embed(req: IncomingMessage, res: ServerResponse): Promise<boolean> {
  const { input, encoding_format: format, model } = (await json(req)) as { input: string | string[]; encoding_format?: string; model: string };
  const embedding = format === "base64" ? Buffer.from(new Float32Array(SAID.embedding).buffer).toString("base64") : SAID.embedding;
  const data = [input].flat().map((_, index) => ({ object: "embedding", index, embedding }));
  res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ object: "list", data, model, usage: { prompt_tokens: 2, total_tokens: 2 } }));
  return true;
}
