import type { Contestant } from "./contestants";
import type { LoadGenerator } from "./load/loadGenerator";
import type { LoadJob, LoadResult } from "./load/loadJob";
import type { BenchOptions } from "./options";

/** What one contestant did in one round. */
export interface RoundResult {
  readonly requestsPerSecond: number;
  readonly p99Ms: number;
  /** User and system time of the server's process for one request: hardly moved by what else runs on the machine. */
  readonly cpuMicros: number;
  /** The median of one connection, one request after the other. */
  readonly aloneP50Ms: number;
}

/** Results in order of rounds. */
export type ContestResults = ReadonlyMap<Contestant, readonly RoundResult[]>;

const WARM_UP_MS = 3_000;
/** After another server's turn: caches and clock speed come back. */
const PREPARE_MS = 300;
const ALONE_MS = 700;

/** Every contestant in every round. */
export async function holdContest(
  contestants: readonly Contestant[], load: LoadGenerator, options: BenchOptions, tell: (line: string) => void,
): Promise<ContestResults> {
  const results = new Map<Contestant, RoundResult[]>(contestants.map((contestant) => [contestant, []]));
  const work = (contestant: Contestant, connections: number, durationMs: number) => drive(contestant, load, { connections, durationMs });
  for (const contestant of contestants) {
    tell(`warming up ${contestant.name}`);
    await work(contestant, options.connections, WARM_UP_MS);
  }
  for (let round = 0; round < options.rounds; round++) {
    for (const contestant of orderOf(contestants, round)) {
      await work(contestant, options.connections, PREPARE_MS);
      const before = await contestant.server.probe();
      const busy = await work(contestant, options.connections, options.seconds * 1_000);
      const after = await contestant.server.probe();
      const alone = await work(contestant, 1, ALONE_MS);
      const result: RoundResult = {
        requestsPerSecond: (busy.answered * 1_000) / busy.elapsedMs,
        p99Ms: busy.p99Ms,
        cpuMicros: (after.cpuMicros - before.cpuMicros) / busy.answered,
        aloneP50Ms: alone.p50Ms,
      };
      results.get(contestant)?.push(result);
      tell(`round ${round + 1}/${options.rounds} ${contestant.name}: ${result.requestsPerSecond.toFixed(0)}/s, ${result.cpuMicros.toFixed(0)} µs CPU each`);
    }
  }
  return results;
}

/** Begins with another one each time, and goes backwards every other time: nobody always comes after the same neighbour. */
function orderOf(contestants: readonly Contestant[], round: number): readonly Contestant[] {
  const first = round % contestants.length;
  const order = [...contestants.slice(first), ...contestants.slice(0, first)];
  return round % 2 === 0 ? order : order.reverse();
}

/** Sends load and takes note of what was answered. @throws Error for any answer but 200 */
export async function drive(contestant: Contestant, load: LoadGenerator, job: Omit<LoadJob, "port" | "request">): Promise<LoadResult> {
  const result = await load.run({ ...job, port: contestant.port, request: contestant.request });
  contestant.answered += result.statuses["200"] ?? 0;
  const others = Object.keys(result.statuses).filter((status) => status !== "200");
  if (others.length > 0) throw new Error(`${contestant.name} answered ${JSON.stringify(result.statuses)}: only 200 is worth measuring`);
  return result;
}
