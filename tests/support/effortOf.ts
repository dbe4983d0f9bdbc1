const YARDSTICK = Buffer.alloc(1 << 20, "0123456789abcdef");
const ATTEMPTS = 3;

/**
 * How much work something is: its CPU time in yardsticks, one of which is a plain loop over 1 MB of bytes (about a millisecond on an idle machine
 * of today). Both slow down together on a machine that has other work, so that a limit in yardsticks says something about the code alone.
 * @param limit in yardsticks; who keeps within it is not asked again
 * @returns the least of at most three attempts
 */
export function effortOf(work: () => unknown, limit: number): number {
  let least = Infinity;
  for (let attempt = 0; attempt < ATTEMPTS && least > limit; attempt += 1) {
    const before = yardstickMs();
    const ms = cpuMs(work);
    least = Math.min(least, ms / Math.max(before, yardstickMs()));
  }
  return least;
}

/** The median of a few: the first ones are not compiled yet. */
function yardstickMs(): number {
  const times = Array.from({ length: 9 }, () => cpuMs(walk)).sort((a, b) => a - b);
  return times[4] as number;
}

function walk(): number {
  let sum = 0;
  for (let at = 0; at < YARDSTICK.length; at += 1) sum = (sum + (YARDSTICK[at] as number)) | 0;
  return sum;
}

/** Of this process: what it waits for the machine is not in it. */
function cpuMs(work: () => unknown): number {
  const from = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1_000;
}
