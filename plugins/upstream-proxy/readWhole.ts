import type { Readable } from "node:stream";

export interface WholeBody {
  readonly bytes: Buffer;
  /** The limit was passed: the stream is paused, and more may come of it. */
  readonly more: boolean;
}

/**
 * Reads a body up to its end, its breaking off (the stream closes; who ends it is the caller's to tell) or the limit. By its
 * events: an async iterator over a stream costs a tenth of a whole small call.
 */
export function readWhole(stream: Readable, limit: number): Promise<WholeBody> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const stop = (more: boolean) => {
      stream.off("data", onData).off("end", onEnd).off("close", onEnd);
      resolve({ bytes: chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size), more });
    };
    const onData = (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size <= limit) return;
      stream.pause();
      stop(true);
    };
    const onEnd = () => stop(false);
    // Its close tells the same.
    stream.on("error", ignore);
    stream.on("data", onData).on("end", onEnd).on("close", onEnd);
    if (stream.destroyed) onEnd();
  });
}

function ignore(): void {}
