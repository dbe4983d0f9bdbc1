import { OutgoingMessage, type OutgoingHttpHeaders, type ServerResponse } from "node:http";

/**
 * The streamed answer as its caller gets it, in whole events. What is added goes out with the next `flush`, in one write and as one chunk of the
 * body: `write` of Node makes four pieces of each chunk, which costs more than all else that is done for an event.
 *
 * Events are texts here that hold one byte in each character (`latin1`): small ones are cut, joined and written faster so than as Buffers.
 */
export class CallerStream {
  private added = "";
  private lastWrite = Date.now();
  private draining = false;

  /**
   * @param headers asked for when the first bytes go out
   * @param onDrain the caller has read what it was sent: more may come
   */
  constructor(private readonly res: ServerResponse, private readonly headers: () => OutgoingHttpHeaders, private readonly onDrain: () => void) {}

  /** The caller reads more slowly than the server writes: nothing more should be read for it before `onDrain`. */
  get isFull(): boolean {
    return this.draining;
  }

  /** Milliseconds since something went out. */
  get silentMs(): number {
    return Date.now() - this.lastWrite;
  }

  add(event: string): void {
    this.added += event;
  }

  flush(): void {
    const { res, added } = this;
    if (added === "") return;
    this.added = "";
    if (res.destroyed) return;
    if (!res.headersSent) res.writeHead(200, this.headers());
    this.lastWrite = Date.now();
    if (this.write(added) || this.draining) return;
    this.draining = true;
    res.once("drain", () => {
      this.draining = false;
      this.onDrain();
    });
  }

  /** Ends the answer with these events. */
  end(events: readonly Buffer[]): void {
    this.flush();
    if (!this.res.headersSent) this.res.writeHead(200, this.headers());
    this.res.end(Buffer.concat(events));
  }

  private write(bytes: string): boolean {
    const { res } = this;
    // To HTTP/1.0 a body has no chunks; and what has put itself before `write`, as a policy of the host may, gets the bytes of the body alone.
    if (!res.chunkedEncoding || res.write !== OutgoingMessage.prototype.write) return res.write(Buffer.from(bytes, "latin1"));
    // Node would hold a single write back until the end of the turn, to join it with others.
    res.socket?.cork();
    res.chunkedEncoding = false;
    const goesOn = res.write(`${bytes.length.toString(16)}\r\n${bytes}\r\n`, "latin1");
    res.chunkedEncoding = true;
    res.socket?.uncork();
    return goesOn;
  }
}
