import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";

export type HeaderValues = Readonly<Record<string, string | number | readonly string[]>>;

/**
 * Answers one request in pieces, right or wrong. Each write resolves when the kernel has taken its bytes, so that a test can
 * wait for what it has said, and see that nobody reads. Nothing here waits by itself: a gate is a promise that the test holds.
 */
export class Responder {
  private chunked = false;
  private isEnded = false;

  constructor(private readonly socket: Socket, private readonly keepAlive: boolean, private readonly onEnd: () => void) {}

  /** Bytes written that the gateway has not taken: they grow when it stops reading. */
  get unsent(): number {
    return this.socket.writableLength;
  }

  /** True once nothing more can be said, whoever closed the connection. */
  get isClosed(): boolean {
    return !this.socket.writable;
  }

  /** Bytes on the socket as they are: half a head, nonsense, anything. */
  raw(bytes: string | Buffer): Promise<void> {
    // Whoever writes on and on into a connection that is gone must let others run, or nobody ever hears of its end.
    if (this.isClosed) return new Promise((resolve) => setImmediate(resolve));
    // Where it goes meanwhile the callback comes, too, with an error that is no news.
    return new Promise((resolve) => this.socket.write(bytes, () => resolve()));
  }

  /** Status line and headers. Without a length of its own the body that follows is chunked. */
  head(status: number, headers: HeaderValues = {}): Promise<void> {
    const names = Object.keys(headers).map((name) => name.toLowerCase());
    this.chunked = !names.includes("content-length") && !names.includes("transfer-encoding") && status !== 204 && status !== 304;
    const all: HeaderValues = {
      ...headers,
      ...(this.chunked ? { "transfer-encoding": "chunked" } : {}),
      ...(this.keepAlive || names.includes("connection") ? {} : { connection: "close" }),
    };
    const lines = Object.entries(all).flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${String(one)}\r\n`));
    return this.raw(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Unknown"}\r\n${lines.join("")}\r\n`);
  }

  /** Bytes of the body, in a chunk of their own where it is chunked. */
  body(bytes: string | Buffer): Promise<void> {
    const content = Buffer.from(bytes as string);
    if (!this.chunked || content.length === 0) return this.raw(content);
    return this.raw(Buffer.concat([Buffer.from(`${content.length.toString(16)}\r\n`), content, Buffer.from("\r\n")]));
  }

  /** Ends the answer; the connection stays for the next request. */
  async end(bytes?: string | Buffer): Promise<void> {
    if (bytes !== undefined) await this.body(bytes);
    if (this.chunked) await this.raw("0\r\n\r\n");
    if (this.isEnded) return;
    this.isEnded = true;
    if (!this.keepAlive) this.socket.end();
    this.onEnd();
  }

  /** A whole JSON answer. */
  async json(status: number, value: unknown, headers: HeaderValues = {}): Promise<void> {
    const bytes = Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
    await this.head(status, { "content-type": "application/json", "content-length": bytes.length, ...headers });
    await this.end(bytes);
  }

  /** A JSON answer compressed, asked for or not. */
  async gzip(status: number, value: unknown, headers: HeaderValues = {}): Promise<void> {
    const bytes = gzipSync(JSON.stringify(value));
    await this.head(status, { "content-type": "application/json", "content-encoding": "gzip", "content-length": bytes.length, ...headers });
    await this.end(bytes);
  }

  /** The head of an event stream. */
  stream(headers: HeaderValues = {}): Promise<void> {
    return this.head(200, { "content-type": "text/event-stream", ...headers });
  }

  /** One event: an object becomes JSON, a text is the data as it is. */
  event(data: unknown): Promise<void> {
    return this.body(`data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`);
  }

  /** One chat chunk with this text. */
  delta(content: string, more: object = {}): Promise<void> {
    return this.event(chunkOf({ content }, null, more));
  }

  /** The chat chunk with the finish reason. */
  finish(reason = "stop", more: object = {}): Promise<void> {
    return this.event(chunkOf({}, reason, more));
  }

  /** The usage chunk. */
  usage(promptTokens: number, completionTokens: number, more: object = {}): Promise<void> {
    const usage = { prompt_tokens: promptTokens, completion_tokens: completionTokens, total_tokens: promptTokens + completionTokens, ...more };
    return this.event({ ...chunkOf({}, null, {}), choices: [], usage });
  }

  /** `[DONE]`, and the end. */
  async done(): Promise<void> {
    await this.event("[DONE]");
    await this.end();
  }

  /** A body without an end and without a line end, until the gateway closes the connection. */
  async endlessLine(): Promise<void> {
    const piece = Buffer.alloc(65_536, "x");
    await this.body("data: ");
    while (!this.isClosed) await this.body(piece);
  }

  /** Closes the connection as it is, in the middle of whatever was being said; what was written before still arrives. */
  cut(): void {
    this.socket.destroySoon();
  }

  /** Resets the connection: the gateway sees ECONNRESET. */
  reset(): void {
    this.socket.resetAndDestroy();
  }
}

function chunkOf(delta: object, finish: string | null, more: object): object {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }];
  return { id: "chatcmpl-fake", object: "chat.completion.chunk", created: 1_700_000_000, model: "fake-model", choices, ...more };
}
