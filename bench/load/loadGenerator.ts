import { fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import type { LoadJob, LoadReply, LoadResult } from "./loadJob";

/** The load generator's process, seen from the bench. */
export interface LoadGenerator {
  /** @throws Error when a connection broke */
  run(job: LoadJob): Promise<LoadResult>;
  close(): void;
}

export function startLoadGenerator(): LoadGenerator {
  const child = fork(path.join(__dirname, "loadProcess.js"), [], { execArgv: [] });
  return {
    async run(job) {
      child.send(job);
      const [reply] = (await once(child, "message")) as [LoadReply];
      if (!reply.ok) throw new Error(`load on port ${job.port}: ${reply.problem}`);
      return reply.result;
    },
    close: () => void (child.connected && child.disconnect()),
  };
}
