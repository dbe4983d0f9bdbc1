import net from "node:net";
import { performance } from "node:perf_hooks";
import { MessageReader } from "../messageReader";
import { percentile } from "../statistics";
import type { LoadJob, LoadReply, LoadResult, StreamJob } from "./loadJob";
import { runStreams } from "./streamRun";

/**
 * The load generator, a process of its own: keeps each connection busy with one request after the other, over raw sockets,
 * because on two cores whatever it costs is taken from the server that is measured.
 */
class LoadRun {
  private readonly statuses = new Map<string, number>();
  private readonly latencies: number[] = [];
  private readonly started = performance.now();
  private readonly endsAt: number;
  private readonly bytes: Buffer;
  private left: number;
  private open = 0;

  constructor(
    private readonly job: LoadJob,
    private readonly resolve: (result: LoadResult) => void,
    private readonly reject: (error: Error) => void,
  ) {
    this.bytes = Buffer.from(job.request);
    this.left = job.requests ?? Infinity;
    this.endsAt = this.started + (job.durationMs ?? Infinity);
  }

  start(): void {
    for (let i = 0; i < this.job.connections; i++) this.connect();
  }

  private connect(): void {
    const socket = net.connect({ port: this.job.port, host: "127.0.0.1", noDelay: true });
    let sentAt = 0;
    let ended = false;
    this.open++;
    const send = () => {
      if (this.left <= 0 || performance.now() >= this.endsAt) {
        ended = true;
        socket.end();
        this.closed();
        return;
      }
      this.left--;
      sentAt = performance.now();
      socket.write(this.bytes);
    };
    const reader = new MessageReader((head) => {
      this.latencies.push(performance.now() - sentAt);
      const status = head.slice(9, 12);
      this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
      send();
    });
    socket.on("connect", send);
    socket.on("data", (chunk) => reader.push(chunk));
    socket.on("error", (error) => this.reject(error));
    socket.on("close", () => {
      if (!ended) this.reject(new Error("the server closed a connection between two requests"));
    });
  }

  private closed(): void {
    if (--this.open > 0) return;
    const elapsedMs = performance.now() - this.started;
    const sorted = Float64Array.from(this.latencies).sort();
    this.resolve({
      answered: sorted.length,
      elapsedMs,
      statuses: Object.fromEntries(this.statuses),
      p50Ms: percentile(sorted, 0.5),
      p99Ms: percentile(sorted, 0.99),
    });
  }
}

process.on("message", (question: { readonly job: LoadJob } | { readonly streams: StreamJob }) => {
  const reply = (message: LoadReply<unknown>) => process.send?.(message);
  const result: Promise<unknown> = "job" in question
    ? new Promise<LoadResult>((resolve, reject) => new LoadRun(question.job, resolve, reject).start())
    : runStreams(question.streams);
  result.then(
    (value) => reply({ ok: true, result: value }),
    (error: Error) => reply({ ok: false, problem: error.message }),
  );
});
process.on("disconnect", () => process.exit());
