import { connect, type Socket } from "node:net";
import { AnswerReader, type WireAnswer } from "./answerReader";

/** A request as it is put on the wire. */
export interface RawRequest {
  readonly method?: string;
  /** The request target, as it is. */
  readonly path: string;
  /** In this order and case; `host` is added, and `content-length` where there is a body and no framing of its own. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: string | Buffer;
}

/** A client that does with its socket what it likes. */
export interface RawClient {
  /** Bytes as they are; resolves when the kernel has them. */
  write(bytes: string | Buffer): Promise<void>;
  /** A whole request. */
  send(request: RawRequest): Promise<void>;
  /** The next answer: when its framing ends it, or the connection does. */
  answer(method?: string): Promise<WireAnswer>;
  /** Resolves when what came holds this text; rejects when the connection ends before. */
  saw(text: string): Promise<void>;
  /** Resolves when the server has ended the connection, or its half of it. */
  readonly closed: Promise<void>;
  /** Says that nothing more comes, and goes on reading. */
  halfClose(): void;
  /** Stops reading, and goes on. */
  pause(): void;
  resume(): void;
  /** Closes the connection. */
  leave(): void;
  /** Resets it. */
  reset(): void;
}

/** Connects to a server on this machine. @param url its base URL */
export async function connectTo(url: string): Promise<RawClient> {
  const { hostname, port } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true, noDelay: true });
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  return new SocketClient(socket);
}

export function requestBytes({ method = "POST", path, headers = [], body }: RawRequest): Buffer {
  const names = headers.map(([name]) => name.toLowerCase());
  const content = body === undefined ? Buffer.alloc(0) : Buffer.from(body as string);
  const framed = names.includes("content-length") || names.includes("transfer-encoding");
  const all: (readonly [string, string])[] = [
    ...(names.includes("host") ? [] : [["host", "lumen.test"] as const]),
    ...headers,
    ...(body === undefined || framed ? [] : [["content-length", String(content.length)] as const]),
  ];
  const head = `${method} ${path} HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
  return Buffer.concat([Buffer.from(head, "latin1"), content]);
}

interface Waiter {
  readonly isDone: () => boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

class SocketClient implements RawClient {
  readonly closed: Promise<void>;
  private received: Buffer[] = [];
  /** Everything that came, for `saw`. */
  private readonly all: Buffer[] = [];
  private over = false;
  private readonly waiters = new Set<Waiter>();

  constructor(private readonly socket: Socket) {
    socket.on("data", (bytes: Buffer) => {
      this.received.push(bytes);
      this.all.push(bytes);
      if (this.waiters.size > 0) this.look();
    });
    // What the server does to the connection is told by `closed` and by the answer's framing.
    socket.on("error", () => undefined);
    this.closed = new Promise((resolve) => {
      const end = () => {
        this.over = true;
        this.look();
        resolve();
      };
      socket.on("end", end).on("close", end);
    });
  }

  write(bytes: string | Buffer): Promise<void> {
    return new Promise((resolve) => this.socket.write(bytes, () => resolve()));
  }

  send(request: RawRequest): Promise<void> {
    return this.write(requestBytes(request));
  }

  async answer(method = "POST"): Promise<WireAnswer> {
    const reader = new AnswerReader(method);
    const isDone = () => {
      while (this.received.length > 0 && !reader.ended) {
        const rest = reader.feed(this.received.shift()!);
        if (rest.length > 0) this.received.unshift(rest);
      }
      return reader.ended || this.over;
    };
    await this.until(isDone);
    return reader.read();
  }

  saw(text: string): Promise<void> {
    return this.until(() => {
      const seen = Buffer.concat(this.all).toString("latin1");
      if (this.over && !seen.includes(text)) throw new Error(`the connection ended before '${text}' came: ${seen.slice(-500)}`);
      return seen.includes(text);
    });
  }

  halfClose(): void {
    this.socket.end();
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  leave(): void {
    this.socket.destroy();
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  private until(isDone: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiters.add({ isDone, resolve, reject });
      this.look();
    });
  }

  private look(): void {
    for (const waiter of [...this.waiters]) {
      try {
        if (!waiter.isDone()) continue;
        waiter.resolve();
      } catch (error) {
        waiter.reject(error as Error);
      }
      this.waiters.delete(waiter);
    }
  }
}
