import type { Socket } from "node:net";
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
  /** Where chunks are written by hand, once the head and all that was written before it have gone into it. */
  private socket?: Socket;

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
    const { added } = this;
    if (added === "") return;
    this.added = "";
    const to = this.socket ?? this.res;
    // Node ends a connection whose caller has ended its own side: what it still has to send goes out, and a write would destroy it.
    if (to.destroyed || !to.writable) return;
    this.lastWrite = Date.now();
    const goesOn = this.socket ? this.socket.write(chunkOf(added), "latin1") : this.writeOnMessage(added);
    if (goesOn || this.draining) return;
    this.draining = true;
    to.once("drain", () => {
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

  private writeOnMessage(bytes: string): boolean {
    const { res } = this;
    if (!res.headersSent) res.writeHead(200, this.headers());
    const goesOn = res.write(Buffer.from(bytes, "latin1"));
    // To HTTP/1.0 a body has no chunks; what has put itself before `write`, as a policy of the host may, is to see the body; and an answer may still wait for the one before it on its connection.
    if (res.chunkedEncoding && res.write === OutgoingMessage.prototype.write && res.socket && res.writableLength === res.socket.writableLength) this.socket = res.socket;
    return goesOn;
  }
}

function chunkOf(bytes: string): string {
  return `${bytes.length.toString(16)}\r\n${bytes}\r\n`;
}
