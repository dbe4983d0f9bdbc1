import { startContestant, startDummyUpstream, type Contestant } from "./contestants";
import { drive } from "./contest";
import { startLoadGenerator, type LoadGenerator } from "./load/loadGenerator";
import { readOptions } from "./options";
import type { ProbeReading } from "./probe";
import { machine } from "./report";

/** Until every bounded table is full: the ids that were settled lately take the longest, 100,000 calls. */
const WARM_UP = 100_000;
const MEASURED = 200_000;
const STEP = 20_000;
/** The most that memory may grow. */
const MOST = 0.05;

/** `npm run bench:memory`: after a warm-up, memory stays what it is, however many requests come. */
async function main(): Promise<void> {
  const options = { ...readOptions([]), lumenNodeArgs: ["--expose-gc"] };
  console.log(machine());
  const upstream = await startDummyUpstream();
  const load = startLoadGenerator();
  const lumen = await startContestant("lumen", upstream, options);
  try {
    const readings = await readAlong(lumen, load, options.connections);
    const grown = [growth(readings, "heapBytes"), growth(readings, "rssBytes")];
    console.log(`over ${MEASURED} requests: heap after collection ${percent(grown[0])}, resident memory ${percent(grown[1])}; at most ${percent(MOST)} is allowed`);
    if (grown.some((share) => !(share < MOST))) process.exitCode = 1;
  } finally {
    load.close();
    await lumen.server.stop();
    lumen.lumen?.dispose();
    await upstream.stop();
  }
}

/** Readings after the warm-up; those before it are told and not judged. */
async function readAlong(lumen: Contestant, load: LoadGenerator, connections: number): Promise<readonly ProbeReading[]> {
  const readings: ProbeReading[] = [];
  for (let sent = STEP; sent <= WARM_UP + MEASURED; sent += STEP) {
    await drive(lumen, load, { connections, requests: STEP });
    const reading = await lumen.server.probe();
    if (sent > WARM_UP) readings.push(reading);
    console.log(`${String(lumen.answered).padStart(8)} requests: heap ${megabytes(reading.heapBytes)}, resident ${megabytes(reading.rssBytes)}${sent > WARM_UP ? "" : " (warming up)"}`);
  }
  return readings;
}

/** From the peak of the first half to that of the second: tables of two generations make the heap a saw. */
function growth(readings: readonly ProbeReading[], field: "heapBytes" | "rssBytes"): number {
  const peak = (part: readonly ProbeReading[]) => Math.max(...part.map((reading) => reading[field]));
  const half = readings.length / 2;
  return peak(readings.slice(half)) / peak(readings.slice(0, half)) - 1;
}

const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
const percent = (share: number | undefined) => `${((share ?? NaN) * 100).toFixed(1)} %`;

void main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
