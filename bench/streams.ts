import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startChild, type ChildServer } from "./childServer";
import { startDummyUpstream } from "./contestants";
import { startLumenServer } from "./lumen/startLumenServer";
import { proveBooks, type Proof } from "./lumen/proofs";
import { startLoadGenerator, type LoadGenerator } from "./load/loadGenerator";
import type { StreamJob, StreamResult } from "./load/loadJob";
import type { ProbeReading } from "./probe";
import { machine, proofLines, table } from "./report";
import { readStreamsOptions, type StreamsOptions } from "./streamsOptions";
import { requestBytes, streamBody, type StreamPlan } from "./workload";

/** What one stream may take of memory. */
const MOST_KB_PER_STREAM = 100;
/** The slowest percent of events may be so much later than through a bare http-proxy. */
const MOST_TIMES = 2;
const MOST_MORE_MS = 5;
/** What memory may grow while streams are idle. */
const MOST_GROWTH = 0.05;
const PING_SECONDS = 15;
const WARM_UP: StreamPlan = { events: 40, everyMs: 20, size: 20 };
const RAMP_MS = 3_000;
/** What a server loads in its first idle moments is no memory of streams. */
const AT_REST_MS = 2_000;
/** Delays are counted for this share of the time, because reading the memory collects it first, which takes its own. */
const COUNTED = 0.9;
/** When the memory is read, as shares of the time; all streams are open by then. */
const READ_AT = [0.92];
const READ_AT_IDLE = [0.3, 0.92];
/** Events of a slow reader, in characters, and how long it rests after each piece: far below what is sent to it. */
const SLOW_SIZE = 16_384;
const SLOW_PAUSE_MS = 1_000;
const EVENT_SIZE = 20;

type MemoryField = "heapBytes" | "rssBytes";

/** Streams through one server, and what it took. */
interface StreamsReading {
  readonly name: string;
  readonly result: StreamResult;
  /** Before the streams, and shortly before their end, after a collection. */
  readonly before: ProbeReading;
  readonly during: readonly ProbeReading[];
  readonly after: ProbeReading;
}

/** `npm run bench:streams`: very many streams at once, through Lumen and a bare http-proxy (docs/performance.md). */
async function main(): Promise<void> {
  const options = readStreamsOptions(process.argv.slice(2));
  const what = options.idle ? "idle streams" : `streams of ${options.eventsPerSecond} events/s, and ${options.slow} with slow readers,`;
  console.log(`${machine()}\n${options.streams} ${what} for ${options.seconds} s\n`);
  const upstream = await startDummyUpstream();
  const load = startLoadGenerator();
  try {
    const bare = options.idle ? undefined : await throughBareProxy(upstream, load, options);
    const { reading, proofs } = await throughLumen(upstream, load, options);
    console.log(figures([...(bare ? [bare] : []), reading], options));
    const all = [...(bare ? [...proveWhole(bare, options), proveDelay(reading, bare)] : proveIdle(reading, options)), ...proveWhole(reading, options), proveMemory(reading, options), ...proofs];
    console.log(`\n${proofLines(all)}`);
    if (all.some(({ holds }) => !holds)) process.exitCode = 1;
  } finally {
    load.close();
    await upstream.stop();
  }
}

async function throughBareProxy(upstream: ChildServer, load: LoadGenerator, options: StreamsOptions): Promise<StreamsReading> {
  const server = await startChild({ file: path.join(__dirname, "servers/bareProxy.js"), args: [upstream.url], nodeArgs: ["--expose-gc"] });
  try {
    return await stream("bare-http-proxy", server, "sk_bench", load, options);
  } finally {
    await server.stop();
  }
}

async function throughLumen(upstream: ChildServer, load: LoadGenerator, options: StreamsOptions): Promise<{ reading: StreamsReading; proofs: readonly Proof[] }> {
  const lumen = await startLumenServer({ upstreamUrl: upstream.url, nodeArgs: ["--expose-gc", ...options.lumenNodeArgs] });
  try {
    const reading = await stream("lumen", lumen, lumen.keys.client, load, options);
    return { reading, proofs: proveBooks(await lumen.stopAndReadBooks(), WARM_UP_STREAMS + reading.result.whole) };
  } finally {
    await lumen.stop();
    lumen.dispose();
  }
}

const WARM_UP_STREAMS = 200;

async function stream(name: string, server: ChildServer, key: string, load: LoadGenerator, options: StreamsOptions): Promise<StreamsReading> {
  const { streams, slow, eventsPerSecond, seconds, idle } = options;
  const port = Number(new URL(server.url).port);
  const request = (plan: StreamPlan) => requestBytes(server.url, { authorization: `Bearer ${key}` }, streamBody(plan));
  console.error(`warming up ${name}`);
  await load.runStreams({ port, request: request(WARM_UP), connections: WARM_UP_STREAMS, durationMs: 0 });
  await pause(AT_REST_MS);
  const before = await server.probe();
  // An idle stream has its first event within the time and its end after it.
  const events = idle ? 1 : seconds * eventsPerSecond;
  const everyMs = idle ? seconds * 1_000 : 1_000 / eventsPerSecond;
  const job: StreamJob = {
    port, request: request({ events, everyMs, size: EVENT_SIZE }), connections: streams, durationMs: 0, rampMs: RAMP_MS, countedMs: COUNTED * (RAMP_MS + seconds * 1_000),
    ...(slow > 0 ? { slow: { request: request({ events, everyMs, size: SLOW_SIZE }), connections: slow, pauseMs: SLOW_PAUSE_MS, forMs: RAMP_MS + seconds * 1_000 } } : {}),
  };
  console.error(`${name}: ${streams + slow} streams`);
  const began = performance.now();
  const running = load.runStreams(job);
  const during: ProbeReading[] = [];
  for (const readAt of idle ? READ_AT_IDLE : READ_AT) {
    await pause(began + readAt * (RAMP_MS + seconds * 1_000) - performance.now());
    during.push(await server.probe());
  }
  const result = await running;
  return { name, result, before, during, after: await server.probe() };
}

function figures(readings: readonly StreamsReading[], options: StreamsOptions): string {
  const rows = readings.map((reading) => {
    const { name, result, before, after } = reading;
    return [
      name, (result.events / (COUNTED * (RAMP_MS / 1_000 + options.seconds))).toFixed(0), result.p50Ms.toFixed(1), result.p99Ms.toFixed(1), result.maxMs.toFixed(0),
      ((after.cpuMicros - before.cpuMicros) / Math.max(1, result.events)).toFixed(0), perStream(reading, options, "heapBytes").toFixed(0), perStream(reading, options, "rssBytes").toFixed(0), result.lagP99Ms.toFixed(1), String(result.pings),
    ];
  });
  return table(["", "events/s", "p50 ms", "p99 ms", "max ms", "CPU µs/event", "heap kB/stream", "resident kB/stream", "generator's lag p99 ms", "pings"], rows);
}

/** What the streams added to the process's memory, in kB for each. */
function perStream({ before, during }: StreamsReading, { streams, slow }: StreamsOptions, field: MemoryField): number {
  return ((during.at(-1)?.[field] ?? NaN) - before[field]) / (streams + slow) / 1_024;
}

function proveWhole({ name, result }: StreamsReading, { streams, slow }: StreamsOptions): readonly Proof[] {
  return [{ what: `${name}: every stream came whole`, holds: result.whole === streams + slow && result.broken === 0, found: `${result.whole} of ${streams + slow}${result.problem === undefined ? "" : `; ${result.problem}`}` }];
}

function proveDelay({ result }: StreamsReading, { result: bare }: StreamsReading): Proof {
  const most = bare.p99Ms * MOST_TIMES + MOST_MORE_MS;
  return { what: `delay: p99 at most ${MOST_TIMES} × bare http-proxy + ${MOST_MORE_MS} ms`, holds: result.p99Ms <= most, found: `${result.p99Ms.toFixed(1)} ms of ${most.toFixed(1)} ms` };
}

function proveMemory(reading: StreamsReading, options: StreamsOptions): Proof {
  const [heap, resident] = [perStream(reading, options, "heapBytes"), perStream(reading, options, "rssBytes")];
  return { what: `memory: at most ${MOST_KB_PER_STREAM} kB per stream`, holds: Math.max(heap, resident) <= MOST_KB_PER_STREAM, found: `heap ${heap.toFixed(0)} kB, resident ${resident.toFixed(0)} kB` };
}

function proveIdle({ result, during: [early, late] }: StreamsReading, { streams, seconds }: StreamsOptions): readonly Proof[] {
  // A stream is silent before its only event and after it, in each part for less than the whole time.
  const least = streams * Math.max(0, Math.floor(seconds / PING_SECONDS) - 2);
  const growth = (field: MemoryField) => (late?.[field] ?? NaN) / (early?.[field] ?? NaN) - 1;
  const [heap, resident] = [growth("heapBytes"), growth("rssBytes")];
  return [
    { what: "idle: each stream had its pings", holds: result.pings >= least, found: `${result.pings}, at least ${least}` },
    { what: `idle: memory grows by at most ${MOST_GROWTH * 100} % while nothing happens`, holds: Math.max(heap, resident) <= MOST_GROWTH, found: `heap ${(heap * 100).toFixed(1)} %, resident ${(resident * 100).toFixed(1)} %` },
  ];
}

void main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
