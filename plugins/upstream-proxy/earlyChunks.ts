import type { Readable } from "node:stream";

/** More than this is not kept: the stream is paused until somebody reads it. */
const MOST_KEPT = 1_048_576;

/**
 * Keeps what comes of a body while its reader still waits for something else. Node throws away what nobody has read when the
 * connection closes, and what came has to be delivered (docs/wire.md W27).
 */
export class EarlyChunks {
  private readonly chunks: Buffer[] = [];
  private size = 0;
  private readonly keep = (chunk: Buffer): void => {
    this.chunks.push(chunk);
    this.size += chunk.length;
    if (this.size > MOST_KEPT) this.stream.pause();
  };

  constructor(private readonly stream: Readable) {
    stream.on("data", this.keep);
    // Its close says the same.
    stream.on("error", () => undefined);
  }

  /** Hands over what came: from now on the taker listens. */
  take(): readonly Buffer[] {
    this.stream.off("data", this.keep);
    if (this.size > MOST_KEPT) this.stream.resume();
    return this.chunks;
  }
}
