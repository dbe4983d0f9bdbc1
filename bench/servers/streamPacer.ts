import type { Socket } from "node:net";
import { markedText, UPSTREAM_MODEL, type StreamPlan } from "../workload";

const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
const BASE = `"id":"chatcmpl-bench-0000000000000000","object":"chat.completion.chunk","created":1760000000,"model":"${UPSTREAM_MODEL}"`;
const FINISH = `data: {${BASE},"choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]}\n\n`;
const USAGE = `data: {${BASE},"choices":[],"usage":{"prompt_tokens":41,"completion_tokens":23,"total_tokens":64}}\n\n`;
const TICK_MS = 1;

interface PacedStream {
  readonly socket: Socket;
  readonly plan: StreamPlan;
  left: number;
  /** `performance.now()` of its next event. */
  nextAt: number;
}

/**
 * Sends the events of all streams, each at its own pace and with the moment of its sending in it. The streams of one pace are spread
 * over the time between two events, so that they do not all send at once. One timer for all.
 */
export class StreamPacer {
  private readonly running = new Set<PacedStream>();
  private timer: NodeJS.Timeout | undefined;

  begin(socket: Socket, plan: StreamPlan): void {
    const stream: PacedStream = { socket, plan, left: plan.events, nextAt: performance.now() + Math.random() * plan.everyMs };
    socket.write(HEAD);
    if (plan.everyMs === 0) {
      while (stream.left > 0) this.sendEvent(stream);
      this.end(stream);
      return;
    }
    this.running.add(stream);
    socket.once("close", () => this.running.delete(stream));
    this.timer ??= setInterval(() => this.tick(), TICK_MS);
  }

  private tick(): void {
    const now = performance.now();
    for (const stream of this.running) {
      if (stream.nextAt > now) continue;
      stream.nextAt += stream.plan.everyMs;
      if (stream.socket.writableLength === 0) {
        if (stream.left > 0) this.sendEvent(stream);
        else this.end(stream);
      } else if (stream.left > 0) {
        // Nobody takes what was sent before: this one falls out, so that the stream ends when it was to end.
        stream.left--;
      }
    }
  }

  private sendEvent(stream: PacedStream): void {
    stream.left--;
    stream.socket.write(chunk(`data: {${BASE},"choices":[{"index":0,"delta":{"content":"${markedText(stream.plan.size)}"},"logprobs":null,"finish_reason":null}]}\n\n`));
  }

  private end(stream: PacedStream): void {
    this.running.delete(stream);
    stream.socket.write(`${chunk(FINISH)}${chunk(USAGE)}${chunk("data: [DONE]\n\n")}0\r\n\r\n`);
  }
}

/** All of it is ASCII. */
function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}
