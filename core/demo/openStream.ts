import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

/** How a stream's own code writes: at the caller's pace, and not beyond the caller's leaving. */
export interface StreamPen {
  readonly write: (text: string) => Promise<void>;
  /** Milliseconds; 0 = go on. */
  readonly pause: (ms: number) => Promise<void>;
}

/** Opens an event stream and lets `run` write it; stops at once when the caller leaves. */
export function openStream(response: ServerResponse, run: (pen: StreamPen) => Promise<void>): void {
  const left = new AbortController();
  const { signal } = left;
  response.on("close", () => left.abort());
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" });
  response.flushHeaders();
  const pen: StreamPen = {
    async write(text) {
      if (!response.write(text)) await once(response, "drain", { signal });
    },
    async pause(ms) {
      if (ms > 0) await delay(ms, undefined, { signal });
    },
  };
  run(pen).catch(() => response.destroy());
}
