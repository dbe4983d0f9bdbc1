/**
 * Loaded into each server under test with `node --require`, so that none of them knows that it is measured: answers what the
 * bench asks over the IPC channel.
 */
export interface ProbeReading {
  /** User and system time of the whole process so far. */
  readonly cpuMicros: number;
  /** After a collection, where the process was started with `--expose-gc`. */
  readonly heapBytes: number;
  readonly rssBytes: number;
}

export const PROBE_QUESTION = "bench:probe";

async function answer(): Promise<void> {
  const { user, system } = process.cpuUsage();
  // Twice, with a turn between: finalizers of the first let go of what the second can free.
  globalThis.gc?.();
  await new Promise((resolve) => setImmediate(resolve));
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  const reading: ProbeReading = { cpuMicros: user + system, heapBytes: heapUsed, rssBytes: rss };
  process.send?.(reading);
}

if (process.send !== undefined && require.main !== module) {
  process.on("message", (message) => {
    if (message === PROBE_QUESTION) void answer();
  });
  // Listening must not keep a server alive that has been told to stop.
  process.channel?.unref();
}
