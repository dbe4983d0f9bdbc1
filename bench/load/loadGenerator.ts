import { fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import type { LoadJob, LoadReply, LoadResult, StreamJob, StreamResult } from "./loadJob";

/** The load generator's process, seen from the bench. */
export interface LoadGenerator {
  /** @throws Error when a connection broke */
  run(job: LoadJob): Promise<LoadResult>;
  /** Streams that break are counted; nothing is thrown for them. */
  runStreams(job: StreamJob): Promise<StreamResult>;
  close(): void;
}

export function startLoadGenerator(): LoadGenerator {
  const child = fork(path.join(__dirname, "loadProcess.js"), [], { execArgv: [] });
  const ask = async <T>(question: { job: LoadJob } | { streams: StreamJob }, port: number): Promise<T> => {
    child.send(question);
    const [reply] = (await once(child, "message")) as [LoadReply<T>];
    if (!reply.ok) throw new Error(`load on port ${port}: ${reply.problem}`);
    return reply.result;
  };
  return {
    run: (job) => ask<LoadResult>({ job }, job.port),
    runStreams: (streams) => ask<StreamResult>({ streams }, streams.port),
    close: () => void (child.connected && child.disconnect()),
  };
}
