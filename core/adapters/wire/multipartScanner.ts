import type { ByteRange } from "./byteSource";
import { readPartHead, type PartHead } from "./partHead";

/** One part of a form, with the place of its value in the body. */
export interface FormPart extends PartHead, ByteRange {
  /** The value, where the part is no file. */
  readonly text?: string;
}

/** What one form may hold. */
export interface FormLimits {
  readonly parts: number;
  /** Bytes of one part's headers. */
  readonly head: number;
  /** Bytes of all text values together. */
  readonly text: number;
}

export const FORM_LIMITS: FormLimits = { parts: 512, head: 16_384, text: 1_048_576 };

const DASHES = Buffer.from("--");
const CRLF = Buffer.from("\r\n");
const END_OF_HEAD = Buffer.from("\r\n\r\n");
const NOTHING = Buffer.alloc(0);
const CR = 13;

type State = "opening" | "delimited" | "head" | "value" | "closed";

/**
 * Finds the parts of a `multipart/form-data` body (RFC 2046) while it comes, and says where each value is. It keeps text values,
 * and of files no more than the bytes that may begin a delimiter. It is strict where readers differ: no preamble, no epilogue, no
 * padding behind a delimiter, line ends are CRLF.
 */
export class MultipartScanner {
  readonly parts: FormPart[] = [];
  /** Why this is no form, once that is known: the end of a sentence that begins with "The form". */
  fault?: string;
  private state: State = "opening";
  /** Bytes that were not understood yet, and where in the body they begin. */
  private pending: Buffer = NOTHING;
  private place = 0;
  private head?: PartHead;
  private start = 0;
  private text: Buffer[] = [];
  private textBytes = 0;
  private readonly opening: Buffer;
  private readonly delimiter: Buffer;

  constructor(boundary: string, private readonly limits: FormLimits = FORM_LIMITS) {
    this.opening = Buffer.from(`--${boundary}`, "latin1");
    this.delimiter = Buffer.from(`\r\n--${boundary}`, "latin1");
  }

  /** @returns false once there is a fault */
  push(chunk: Buffer): boolean {
    this.pending = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    while (this.fault === undefined && this.step());
    return this.fault === undefined;
  }

  /** To be called when the last byte has come. @returns false where the form was not whole */
  end(): boolean {
    if (this.state === "closed") {
      if (this.pending.length > 0 && !this.pending.equals(CRLF)) this.fault ??= "has something behind its last delimiter";
    } else this.fault ??= "is not whole: its closing delimiter is missing";
    return this.fault === undefined;
  }

  /** @returns true while there may be more to understand in what has come */
  private step(): boolean {
    switch (this.state) {
      case "opening": return this.open();
      case "delimited": return this.afterDelimiter();
      case "head": return this.readHead();
      case "value": return this.readValue();
      case "closed": return this.close();
    }
  }

  private take(count: number): void {
    this.pending = this.pending.subarray(count);
    this.place += count;
  }

  private open(): boolean {
    if (this.pending.length < this.opening.length) return false;
    if (this.pending.compare(this.opening, 0, this.opening.length, 0, this.opening.length) !== 0) return this.refuse("does not begin with its boundary");
    this.take(this.opening.length);
    this.state = "delimited";
    return true;
  }

  private afterDelimiter(): boolean {
    if (this.pending.length < 2) return false;
    const next = this.pending.subarray(0, 2);
    if (next.equals(DASHES)) this.state = "closed";
    else if (next.equals(CRLF)) this.state = "head";
    else return this.refuse("has its boundary inside of a value");
    this.take(2);
    return true;
  }

  private readHead(): boolean {
    const end = this.pending.indexOf(END_OF_HEAD);
    if ((end < 0 ? this.pending.length : end) > this.limits.head) return this.refuse("has a part whose headers are too long");
    if (end < 0) return false;
    const reading = readPartHead(this.pending.toString("utf8", 0, end));
    if ("fault" in reading) return this.refuse(`has a part that ${reading.fault}`);
    if (this.parts.length >= this.limits.parts) return this.refuse("has too many parts");
    this.head = reading.head;
    this.take(end + END_OF_HEAD.length);
    this.start = this.place;
    this.state = "value";
    return true;
  }

  private readValue(): boolean {
    const { pending, opening, delimiter } = this;
    if (this.place === this.start) {
      // Some readers take a boundary right behind the headers for a delimiter.
      if (pending.length < opening.length && opening.subarray(0, pending.length).equals(pending)) return false;
      if (pending.subarray(0, opening.length).equals(opening)) return this.refuse("has its boundary inside of a value");
    }
    const end = pending.indexOf(delimiter);
    if (end < 0) {
      this.keep(heldBack(pending, delimiter));
      return false;
    }
    this.keep(end);
    this.finishPart();
    this.take(delimiter.length);
    this.state = "delimited";
    return this.fault === undefined;
  }

  private keep(count: number): void {
    if (count === 0) return;
    if (!this.head?.isFile) {
      this.textBytes += count;
      if (this.textBytes > this.limits.text) this.refuse("has more text in its fields than is taken");
      else this.text.push(this.pending.subarray(0, count));
    }
    this.take(count);
  }

  private finishPart(): void {
    const { head, start, place: end } = this;
    if (head) this.parts.push({ ...head, start, end, ...(head.isFile ? {} : { text: Buffer.concat(this.text).toString("utf8") }) });
    this.text = [];
  }

  /** Behind the last delimiter one line end is allowed, which many clients write. */
  private close(): boolean {
    return this.pending.length > CRLF.length ? this.refuse("has something behind its last delimiter") : false;
  }

  private refuse(fault: string): false {
    this.fault ??= fault;
    return false;
  }
}

/** How many of the bytes are surely no part of a delimiter: it may begin at their last CR alone. */
function heldBack(bytes: Buffer, delimiter: Buffer): number {
  const at = bytes.lastIndexOf(CR);
  const rest = at < 0 ? 0 : bytes.length - at;
  const isBeginning = rest > 0 && rest < delimiter.length && bytes.compare(delimiter, 0, rest, at) === 0;
  return isBeginning ? at : bytes.length;
}
