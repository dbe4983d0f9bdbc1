// Preloaded into a process under test (`node --require`): on SIGUSR2 it collects garbage and prints what is left.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose_gc");
const collect = runInNewContext("gc") as () => void;

process.on("SIGUSR2", () => {
  collect();
  const { heapUsed, rss } = process.memoryUsage();
  process.stdout.write(`memory ${JSON.stringify({ heapUsed, rss, at: process.hrtime.bigint().toString() })}\n`);
});
