/** One answer as it came over a socket. */
export interface WireAnswer {
  readonly status: number;
  /** The status line, without its line end. */
  readonly statusLine: string;
  /** In the order and case that came. */
  readonly rawHeaders: readonly (readonly [name: string, value: string])[];
  /** By lower-case name; repeated ones joined by a comma. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Without its chunked framing. */
  readonly body: Buffer;
  /** True when the framing says that all of it came: the length, or the last chunk. False when the connection was cut. */
  readonly whole: boolean;
}

type State = "head" | "length" | "chunk-size" | "chunk" | "chunk-end" | "trailers" | "until-close" | "ended";

/** Reads one answer from the bytes of a connection, with no tolerance: what breaks the framing throws. */
export class AnswerReader {
  private state: State = "head";
  private line: Buffer[] = [];
  private lines: string[] = [];
  private missing = 0;
  private readonly pieces: Buffer[] = [];

  constructor(private readonly method: string) {}

  get ended(): boolean {
    return this.state === "ended";
  }

  get headCame(): boolean {
    return this.state !== "head";
  }

  /** @returns the bytes behind the answer's end, which begin the next one */
  feed(bytes: Buffer): Buffer {
    let rest = bytes;
    while (rest.length > 0 && this.state !== "ended") {
      rest = this.state === "length" || this.state === "chunk" || this.state === "until-close" ? this.takeBody(rest) : this.takeLine(rest);
    }
    return rest;
  }

  /** What came so far. */
  read(): WireAnswer {
    const [statusLine = "", ...fields] = this.lines;
    const rawHeaders = fields.map((field): [string, string] => [field.slice(0, field.indexOf(":")), field.slice(field.indexOf(":") + 1).trim()]);
    const headers: Record<string, string | undefined> = {};
    for (const [name, value] of rawHeaders) {
      const before = headers[name.toLowerCase()];
      headers[name.toLowerCase()] = before === undefined ? value : `${before}, ${value}`;
    }
    return { status: Number(statusLine.split(" ")[1] ?? 0), statusLine, rawHeaders, headers, body: Buffer.concat(this.pieces), whole: this.ended };
  }

  private takeBody(bytes: Buffer): Buffer {
    if (this.state === "until-close") {
      this.pieces.push(bytes);
      return Buffer.alloc(0);
    }
    const taken = bytes.subarray(0, this.missing);
    this.pieces.push(taken);
    this.missing -= taken.length;
    if (this.missing === 0) this.state = this.state === "length" ? "ended" : "chunk-end";
    return bytes.subarray(taken.length);
  }

  private takeLine(bytes: Buffer): Buffer {
    const end = bytes.indexOf(10);
    this.line.push(end < 0 ? bytes : bytes.subarray(0, end));
    if (end < 0) return Buffer.alloc(0);
    const line = Buffer.concat(this.line).toString("latin1").replace(/\r$/, "");
    this.line = [];
    this.onLine(line);
    return bytes.subarray(end + 1);
  }

  private onLine(line: string): void {
    if (this.state === "head") {
      if (line !== "") this.lines.push(line);
      else this.endHead();
    } else if (this.state === "chunk-size") {
      if (!/^[0-9a-f]+$/i.test(line)) throw new Error(`no chunk size: ${line.slice(0, 80)}`);
      this.missing = Number.parseInt(line, 16);
      this.state = this.missing === 0 ? "trailers" : "chunk";
    } else if (this.state === "chunk-end") {
      if (line !== "") throw new Error(`a chunk is longer than it says: ${line.slice(0, 80)}`);
      this.state = "chunk-size";
    } else if (line === "") {
      this.state = "ended";
    }
  }

  private endHead(): void {
    const { status, headers } = this.read();
    if (status >= 100 && status < 200) {
      this.lines = [];
      return;
    }
    const length = headers["content-length"];
    if (this.method === "HEAD" || status === 204 || status === 304) this.state = "ended";
    else if (headers["transfer-encoding"] === "chunked") this.state = "chunk-size";
    else if (length === undefined) this.state = "until-close";
    else {
      if (!/^\d+$/.test(length)) throw new Error(`no length: ${length}`);
      this.missing = Number(length);
      this.state = this.missing === 0 ? "ended" : "length";
    }
  }
}
