import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { answerNumber, answerPieces, answerText, REFUSED_MARK } from "./soakAnswer";

/**
 * A model server of the soak, a process of its own: answers by the call's own mark and behaves as it is told over IPC. Its
 * port is its argument, so that it comes back where it was after it was killed; 0 for the first time.
 */
export type Mood =
  /** As it should. */
  | "well"
  /** Heads and events come late. */
  | "slow"
  /** Takes calls and says nothing. */
  | "silent"
  | "status-500"
  | "status-429"
  /** Breaks its answers off in the middle, half of them before their first byte. */
  | "cutting"
  /** Resets connections. */
  | "resetting";

export interface UpstreamQuestion {
  /** A new mood, or none: only tell. */
  readonly mood?: Mood;
}

export interface UpstreamReading {
  /** Calls whose connection is open and whose answer is not at its end. */
  readonly running: number;
}

interface AskedBody {
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly messages?: readonly { readonly content: string }[];
  readonly prompt?: string;
  readonly input?: string | readonly { readonly content: string }[];
}

let mood: Mood = "well";
const running = new Set<ServerResponse>();
const USAGE = { prompt_tokens: 12, completion_tokens: 20, total_tokens: 32 };
const BASE = { id: "chatcmpl-soak", created: 1_760_000_000, model: "soak-upstream" };

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function json(res: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value);
  res.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  if (mood === "cutting" && status === 200) {
    res.write(text.slice(0, text.length >> 1), () => res.destroy());
    return;
  }
  res.end(text);
}

/** Where a stream is cut in the mood for it: half of them before their first byte. */
function cutAt(pieces: readonly string[]): number {
  return mood === "cutting" ? (pieces.length % 2 === 0 ? 0 : pieces.length >> 1) : Infinity;
}

/** Sends the pieces at the mood's pace, what `write` makes of each. @returns false where the stream is over already */
async function sendPieces(res: ServerResponse, mark: string, write: (piece: string) => boolean): Promise<boolean> {
  const pieces = answerPieces(mark);
  const cutAfter = cutAt(pieces);
  for (const [at, piece] of pieces.entries()) {
    if (at >= cutAfter) res.destroy();
    await pause(mood === "slow" ? 100 : 10);
    if (res.destroyed) return false;
    if (!write(piece)) await new Promise<void>((resolve) => res.once("drain", resolve).once("close", resolve));
  }
  return true;
}

async function stream(res: ServerResponse, body: AskedBody, mark: string, isChat: boolean): Promise<void> {
  const object = isChat ? "chat.completion.chunk" : "text_completion";
  const event = (choices: readonly object[], more: object = {}) => res.write(`data: ${JSON.stringify({ ...BASE, object, choices, ...more })}\n\n`);
  const choice = (text: string, finish: string | null) => ({ index: 0, ...(isChat ? { delta: { content: text } } : { text }), finish_reason: finish });
  res.writeHead(200, { "content-type": "text/event-stream" });
  res.flushHeaders();
  if (!(await sendPieces(res, mark, (piece) => event([choice(piece, null)])))) return;
  event([choice("", "stop")]);
  if (body.stream_options?.include_usage === true) event([], { usage: USAGE });
  res.end("data: [DONE]\n\n");
}

/** Anthropic's protocol. */
function messageOf(mark: string): object {
  return { id: "msg_soak", type: "message", role: "assistant", model: BASE.model, content: [{ type: "text", text: answerText(mark) }], stop_reason: "end_turn", stop_sequence: null, usage: { input_tokens: 12, output_tokens: 20 } };
}

async function messageStream(res: ServerResponse, mark: string): Promise<void> {
  const event = (type: string, more: object) => res.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`);
  res.writeHead(200, { "content-type": "text/event-stream" });
  res.flushHeaders();
  let begun = false;
  const whole = await sendPieces(res, mark, (text) => {
    if (!begun) {
      event("message_start", { message: { ...messageOf(mark), content: [], stop_reason: null, usage: { input_tokens: 12, output_tokens: 1 } } });
      event("content_block_start", { index: 0, content_block: { type: "text", text: "" } });
      begun = true;
    }
    return event("content_block_delta", { index: 0, delta: { type: "text_delta", text } });
  });
  if (!whole) return;
  event("content_block_stop", { index: 0 });
  event("message_delta", { delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 20 } });
  event("message_stop", {});
  res.end();
}

/** The protocol of responses. */
function responseOf(mark: string): object {
  const output = [{ id: "msg_soak", type: "message", role: "assistant", status: "completed", content: [{ type: "output_text", text: answerText(mark), annotations: [] }] }];
  return { id: "resp_soak", object: "response", created_at: BASE.created, status: "completed", model: BASE.model, output, usage: { input_tokens: 12, output_tokens: 20, total_tokens: 32 } };
}

async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  if (mood === "silent") return;
  if (mood === "resetting") return void req.socket.resetAndDestroy();
  if (req.method === "GET") return json(res, 200, { object: "list", data: [{ id: BASE.model, object: "model" }] });
  if (mood === "status-500") return json(res, 500, { error: { message: "out of memory" } });
  if (mood === "status-429") return json(res, 429, { error: { message: "too many" } });
  await pause(mood === "slow" ? 700 : 5);
  const body = JSON.parse(Buffer.concat(chunks).toString()) as AskedBody;
  const input = typeof body.input === "string" ? body.input : body.input?.at(-1)?.content;
  const mark = body.messages?.at(-1)?.content ?? body.prompt ?? input ?? "";
  const path = req.url ?? "";
  if (mark.includes(REFUSED_MARK)) return json(res, 400, { error: { message: "this prompt is refused", type: "invalid_request_error", param: null, code: null } });
  if (path.endsWith("/embeddings")) {
    return json(res, 200, { object: "list", model: BASE.model, data: [{ object: "embedding", index: 0, embedding: [answerNumber(mark), 1] }], usage: { prompt_tokens: 12, total_tokens: 12 } });
  }
  if (path.endsWith("/messages")) return body.stream ? messageStream(res, mark) : json(res, 200, messageOf(mark));
  if (path.endsWith("/responses")) return json(res, 200, responseOf(mark));
  const isChat = path.endsWith("/chat/completions");
  if (body.stream) return stream(res, body, mark, isChat);
  const said = isChat ? { message: { role: "assistant", content: answerText(mark) } } : { text: answerText(mark) };
  return json(res, 200, { ...BASE, object: isChat ? "chat.completion" : "text_completion", choices: [{ index: 0, ...said, finish_reason: "stop" }], usage: USAGE });
}

const server = http.createServer((req, res) => {
  if (req.method !== "GET") {
    running.add(res);
    res.once("close", () => running.delete(res));
  }
  // A request that breaks off while it is read has nobody left to be answered.
  answer(req, res).catch(() => res.destroy());
});
server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => {
  process.stdout.write(`ready at http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
process.on("message", (question: UpstreamQuestion) => {
  // Those that hang in silence are let go: a server that is well again does not keep what it never answered.
  if (question.mood !== undefined && mood === "silent" && question.mood !== "silent") for (const res of running) res.destroy();
  mood = question.mood ?? mood;
  const reading: UpstreamReading = { running: running.size };
  process.send?.(reading);
});
process.on("disconnect", () => process.exit());
// Ctrl-C is for the soak itself, which reports before it ends its children.
process.on("SIGINT", () => undefined);
