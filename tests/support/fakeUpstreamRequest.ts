/** A request as it came over the wire. */
export interface ReceivedRequest {
  readonly method: string;
  /** With its query, as sent. */
  readonly path: string;
  /** In the order and case that came, each header on its own. */
  readonly rawHeaders: readonly (readonly [string, string])[];
  /** By lower-case name; repeated ones joined by a comma. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Which connection it came over, counted from 1: two requests with one number shared it. */
  readonly connection: number;
  /** The body so far; the whole of it once `whole` has resolved. */
  readonly body: Buffer;
  /** Resolves when the last byte of the body has come. */
  readonly whole: Promise<void>;
  /** Resolves when the gateway has closed the connection, or half of it; `at` is `performance.now()`. */
  readonly closed: Promise<{ at: number }>;
  readonly isClosed: boolean;
  /** The body parsed. */
  json(): Record<string, unknown>;
}

/** The request while it is being received. */
export class IncomingRequest implements ReceivedRequest {
  readonly rawHeaders: [string, string][] = [];
  readonly whole: Promise<void>;
  readonly closed: Promise<{ at: number }>;
  isClosed = false;
  private readonly chunks: Buffer[] = [];
  private resolveWhole: () => void = () => undefined;
  private resolveClosed: (closed: { at: number }) => void = () => undefined;

  constructor(readonly method: string, readonly path: string, readonly connection: number) {
    this.whole = new Promise((resolve) => (this.resolveWhole = resolve));
    this.closed = new Promise((resolve) => (this.resolveClosed = resolve));
  }

  get headers(): Record<string, string | undefined> {
    const joined: Record<string, string | undefined> = {};
    for (const [name, value] of this.rawHeaders) {
      const before = joined[name.toLowerCase()];
      joined[name.toLowerCase()] = before === undefined ? value : `${before}, ${value}`;
    }
    return joined;
  }

  get body(): Buffer {
    return Buffer.concat(this.chunks);
  }

  json(): Record<string, unknown> {
    return JSON.parse(this.body.toString("utf8")) as Record<string, unknown>;
  }

  addBody(chunk: Buffer): void {
    this.chunks.push(chunk);
  }

  endBody(): void {
    this.resolveWhole();
  }

  close(): void {
    this.isClosed = true;
    this.resolveClosed({ at: performance.now() });
  }
}

type State = "start" | "headers" | "body" | "chunk-size" | "chunk" | "chunk-end" | "trailers";

/** Reads the requests of one connection from its bytes: lengths, chunks, keep-alive. Just enough HTTP, and no opinions. */
export class RequestParser {
  private state: State = "start";
  private line = "";
  private missing = 0;
  private request?: IncomingRequest;

  constructor(
    private readonly connection: number,
    private readonly onHead: (request: IncomingRequest) => void,
    private readonly onWhole: (request: IncomingRequest) => void,
  ) {}

  feed(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
      const isBody = this.state === "body" || this.state === "chunk";
      rest = isBody ? this.takeBody(rest) : this.takeLine(rest);
    }
  }

  private takeBody(bytes: Buffer): Buffer {
    const taken = bytes.subarray(0, this.missing);
    this.request?.addBody(taken);
    this.missing -= taken.length;
    if (this.missing === 0) {
      if (this.state === "body") this.finish();
      else this.state = "chunk-end";
    }
    return bytes.subarray(taken.length);
  }

  private takeLine(bytes: Buffer): Buffer {
    const end = bytes.indexOf(10);
    this.line += bytes.toString("latin1", 0, end < 0 ? bytes.length : end);
    if (end >= 0) {
      const line = this.line.replace(/\r$/, "");
      this.line = "";
      this.onLine(line);
    }
    return end < 0 ? Buffer.alloc(0) : bytes.subarray(end + 1);
  }

  private onLine(line: string): void {
    if (this.state === "start") {
      if (line === "") return;
      const [method = "", path = ""] = line.split(" ");
      this.request = new IncomingRequest(method, path, this.connection);
      this.state = "headers";
    } else if (this.state === "headers") {
      if (line === "") this.endHead();
      else {
        const colon = line.indexOf(":");
        this.request?.rawHeaders.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
      }
    } else if (this.state === "chunk-size") {
      this.missing = Number.parseInt(line, 16);
      this.state = this.missing === 0 ? "trailers" : "chunk";
    } else if (this.state === "chunk-end") {
      this.state = "chunk-size";
    } else if (line === "") {
      this.finish();
    }
  }

  private endHead(): void {
    const { request } = this;
    if (!request) return;
    const { headers } = request;
    this.missing = Number(headers["content-length"] ?? 0);
    this.state = headers["transfer-encoding"]?.includes("chunked") ? "chunk-size" : "body";
    this.onHead(request);
    if (this.state === "body" && this.missing === 0) this.finish();
  }

  private finish(): void {
    const { request } = this;
    this.state = "start";
    if (!request) return;
    request.endBody();
    this.onWhole(request);
  }
}
