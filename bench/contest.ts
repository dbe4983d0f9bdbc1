import type { Contestant } from "./contestants";
import type { LoadGenerator } from "./load/loadGenerator";
import type { LoadJob, LoadResult, StreamResult } from "./load/loadJob";
import type { BenchOptions } from "./options";
import type { StreamPlan } from "./workload";

/** What one contestant did in one round. */
export interface RoundResult {
  readonly requestsPerSecond: number;
  readonly p99Ms: number;
  /** User and system time of the server's process for one request: hardly moved by what else runs on the machine. */
  readonly cpuMicros: number;
  /** The median of one connection, one request after the other. */
  readonly aloneP50Ms: number;
  /** Short streams, one after the other on each connection, whose events come all at once. */
  readonly streamsPerSecond: number;
  readonly streamCpuMicros: number;
  /** From the upstream's write to the reader, of events that come at a steady pace. */
  readonly eventP50Ms: number;
  readonly eventP99Ms: number;
}

/** Results in order of rounds. */
export type ContestResults = ReadonlyMap<Contestant, readonly RoundResult[]>;

const WARM_UP_MS = 3_000;
const STREAM_WARM_UP_MS = 1_000;
/** After another server's turn: caches and clock speed come back. */
const PREPARE_MS = 300;
const ALONE_MS = 700;
const SHORT_STREAM: StreamPlan = { events: 20, everyMs: 0, size: 20 };
/** As many at once as there are connections: 800 events/s by default, far below what any server can do, so that delay is all that is measured. */
const PACED_STREAM: StreamPlan = { events: 40, everyMs: 40, size: 20 };

type PlainResult = Pick<RoundResult, "requestsPerSecond" | "p99Ms" | "cpuMicros" | "aloneP50Ms">;
type StreamedResult = Omit<RoundResult, keyof PlainResult>;

/** Every contestant in every round: first all rounds of plain calls, then all rounds of streams, so that neither is measured on what V8 has made of the other. */
export async function holdContest(
  contestants: readonly Contestant[], load: LoadGenerator, options: BenchOptions, tell: (line: string) => void,
): Promise<ContestResults> {
  const plain = await holdRounds(contestants, options, async (contestant) => {
    tell(`warming up ${contestant.name}`);
    await drive(contestant, load, { connections: options.connections, durationMs: WARM_UP_MS });
  }, async (contestant, round) => {
    const result = await plainRound(contestant, load, options);
    tell(`round ${round + 1}/${options.rounds} ${contestant.name}: ${result.requestsPerSecond.toFixed(0)}/s, ${result.cpuMicros.toFixed(0)} µs CPU each`);
    return result;
  });
  const streamed = await holdRounds(contestants, options, async (contestant) => {
    await driveStreams(contestant, load, SHORT_STREAM, { connections: options.connections, durationMs: STREAM_WARM_UP_MS });
  }, async (contestant, round) => {
    const result = await streamedRound(contestant, load, options);
    tell(`round ${round + 1}/${options.rounds} ${contestant.name}: ${result.streamsPerSecond.toFixed(0)} streams/s`);
    return result;
  });
  return new Map(contestants.map((contestant) => [contestant, (plain.get(contestant) ?? []).map((result, round) => ({ ...result, ...(streamed.get(contestant)?.[round] as StreamedResult) }))]));
}

async function holdRounds<T>(
  contestants: readonly Contestant[], options: BenchOptions, warmUp: (contestant: Contestant) => Promise<void>, measure: (contestant: Contestant, round: number) => Promise<T>,
): Promise<ReadonlyMap<Contestant, readonly T[]>> {
  const results = new Map<Contestant, T[]>(contestants.map((contestant) => [contestant, []]));
  for (const contestant of contestants) await warmUp(contestant);
  for (let round = 0; round < options.rounds; round++) {
    for (const contestant of orderOf(contestants, round)) results.get(contestant)?.push(await measure(contestant, round));
  }
  return results;
}

async function plainRound(contestant: Contestant, load: LoadGenerator, { connections, seconds }: BenchOptions): Promise<PlainResult> {
  await drive(contestant, load, { connections, durationMs: PREPARE_MS });
  const before = await contestant.server.probe();
  const busy = await drive(contestant, load, { connections, durationMs: seconds * 1_000 });
  const after = await contestant.server.probe();
  const alone = await drive(contestant, load, { connections: 1, durationMs: ALONE_MS });
  return {
    requestsPerSecond: (busy.answered * 1_000) / busy.elapsedMs, p99Ms: busy.p99Ms, cpuMicros: (after.cpuMicros - before.cpuMicros) / busy.answered, aloneP50Ms: alone.p50Ms,
  };
}

async function streamedRound(contestant: Contestant, load: LoadGenerator, { connections, seconds }: BenchOptions): Promise<StreamedResult> {
  const before = await contestant.server.probe();
  const short = await driveStreams(contestant, load, SHORT_STREAM, { connections, durationMs: seconds * 500 });
  const after = await contestant.server.probe();
  const paced = await driveStreams(contestant, load, PACED_STREAM, { connections, durationMs: 0 });
  return {
    streamsPerSecond: (short.whole * 1_000) / short.elapsedMs, streamCpuMicros: (after.cpuMicros - before.cpuMicros) / short.whole, eventP50Ms: paced.p50Ms, eventP99Ms: paced.p99Ms,
  };
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

/** Streams, of which every one must come whole. @throws Error where one does not */
async function driveStreams(contestant: Contestant, load: LoadGenerator, plan: StreamPlan, job: { connections: number; durationMs: number }): Promise<StreamResult> {
  const result = await load.runStreams({ ...job, port: contestant.port, request: contestant.streamRequest(plan) });
  contestant.answered += result.whole;
  if (result.broken > 0) throw new Error(`${contestant.name} broke ${result.broken} streams: ${result.problem ?? ""}`);
  return result;
}
