import { readFileSync } from "node:fs";

/** Linux counts in hundredths of a second. */
const MICROS_PER_TICK = 10_000;

/** User and system time of a process and of all that it started, those that have ended too, in µs. */
export function cpuOfTree(pid: number): number {
  const [own, ended] = timesOf(pid);
  return (own + ended) * MICROS_PER_TICK + childrenOf(pid).reduce((sum, child) => sum + cpuOfTree(child), 0);
}

function timesOf(pid: number): readonly [own: number, ended: number] {
  // After the name, which stands in brackets and may hold anything.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "").split(" ").map(Number);
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15);
  return [user + system, endedUser + endedSystem];
}

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
}
