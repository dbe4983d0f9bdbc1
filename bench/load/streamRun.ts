import net, { type Socket } from "node:net";
import { createHistogram, monitorEventLoopDelay, performance } from "node:perf_hooks";
import { momentAt, nowMicros, SENT_MARK } from "../workload";
import type { StreamJob, StreamResult } from "./loadJob";

const MARK = Buffer.from(SENT_MARK);
const DONE = Buffer.from("data: [DONE]");
const PING = Buffer.from(": ping");
const LAST_CHUNK = "0\r\n\r\n";
/** What is kept of one piece to find what is cut between two. */
const LONGEST_CUT = 32;

/**
 * Opens streams and notes how old each event is when it comes, over raw sockets: on two cores whatever this costs is taken
 * from the server that is measured.
 */
export function runStreams(job: StreamJob): Promise<StreamResult> {
  return new Promise((resolve) => new StreamRun(job, resolve).start());
}

class StreamRun {
  private readonly delays = createHistogram();
  private readonly lag = monitorEventLoopDelay({ resolution: 1 });
  private readonly began = performance.now();
  private whole = 0;
  private broken = 0;
  private pings = 0;
  private problem: string | undefined;
  private open = 0;

  constructor(private readonly job: StreamJob, private readonly resolve: (result: StreamResult) => void) {}

  start(): void {
    const { connections, rampMs = 0, slow } = this.job;
    const all = connections + (slow?.connections ?? 0);
    this.open = all;
    this.lag.enable();
    for (let i = 0; i < all; i++) {
      const connect = () => (i < connections ? this.connect(this.job.request) : this.connect(slow?.request ?? "", slow?.pauseMs));
      if (rampMs === 0) connect();
      else setTimeout(connect, (rampMs * i) / all);
    }
  }

  private connect(request: string, pauseMs?: number): void {
    const socket = net.connect({ port: this.job.port, host: "127.0.0.1", noDelay: true });
    const reader = new StreamReader((bytes) => this.count(bytes, pauseMs === undefined));
    let ended = false;
    const end = (problem?: string) => {
      if (ended) return;
      ended = true;
      if (problem !== undefined) {
        this.broken++;
        this.problem ??= problem;
      }
      socket.destroy();
      if (--this.open === 0) this.finish();
    };
    socket.on("connect", () => socket.write(request));
    socket.on("data", (chunk) => {
      const state = reader.push(chunk);
      if (pauseMs !== undefined && state !== "ended" && performance.now() - this.began < (this.job.slow?.forMs ?? 0)) rest(socket, pauseMs);
      if (state === "reading") return;
      if (state === "refused") return end(`not a stream: ${chunk.toString("latin1", 0, 300)}`);
      this.whole++;
      if (performance.now() - this.began >= this.job.durationMs) return end();
      reader.reset();
      socket.write(request);
    });
    socket.on("error", (error) => end(error.message));
    socket.on("close", () => end(`a connection closed in the middle of a stream; its last bytes: ${reader.tail}`));
  }

  private count(bytes: Buffer, isQuick: boolean): void {
    for (let at = bytes.indexOf(PING); at >= 0; at = bytes.indexOf(PING, at + PING.length)) this.pings++;
    if (!isQuick || performance.now() - this.began > (this.job.countedMs ?? Infinity)) return;
    const now = nowMicros();
    for (let at = bytes.indexOf(MARK); at >= 0; at = bytes.indexOf(MARK, at + MARK.length)) {
      const sent = momentAt(bytes, at + MARK.length);
      // One that is cut inside the moment is left out, and so is its delay.
      if (sent !== undefined) this.delays.record(Math.max(1, now - sent));
    }
  }

  private finish(): void {
    this.lag.disable();
    const ms = (micros: number) => micros / 1_000;
    const { delays } = this;
    this.resolve({
      elapsedMs: performance.now() - this.began, whole: this.whole, broken: this.broken, problem: this.problem, events: Number(delays.count),
      p50Ms: ms(delays.percentile(50)), p99Ms: ms(delays.percentile(99)), maxMs: ms(delays.max), pings: this.pings,
      lagP99Ms: Math.max(0, this.lag.percentile(99) / 1e6 - 1),
    });
  }
}

type StreamState = "reading" | "ended" | "refused";

/** Follows one answer to its last chunk. */
class StreamReader {
  tail = "";
  private begun = false;
  private done = false;

  constructor(private readonly onBytes: (bytes: Buffer) => void) {}

  push(chunk: Buffer): StreamState {
    if (!this.begun && !chunk.subarray(0, 15).toString("latin1").startsWith("HTTP/1.1 200")) return "refused";
    this.begun = true;
    this.onBytes(chunk);
    const end = this.tail + chunk.toString("latin1", Math.max(0, chunk.length - 4 * LONGEST_CUT));
    this.done ||= end.includes(DONE.toString());
    this.tail = end.slice(-LONGEST_CUT);
    return this.done && this.tail.endsWith(LAST_CHUNK) ? "ended" : "reading";
  }

  reset(): void {
    this.tail = "";
    this.begun = false;
    this.done = false;
  }
}

function rest(socket: Socket, ms: number): void {
  socket.pause();
  setTimeout(() => socket.resume(), ms);
}
