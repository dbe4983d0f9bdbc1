import { startContestant, startDummyUpstream, type Contestant } from "./contestants";
import { drive } from "./contest";
import { startLoadGenerator, type LoadGenerator } from "./load/loadGenerator";
import { readOptions } from "./options";
import type { ProbeReading } from "./probe";
import { machine } from "./report";

/** Requests before the first reading, and between the first and the last. */
const WARM_UP = 20_000;
const MEASURED = 200_000;
const STEPS = 10;
/** The most that memory may grow between the two. */
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
    console.log(`heap after collection ${percent(grown[0])}, resident memory ${percent(grown[1])} over ${MEASURED} requests; at most ${percent(MOST)} is allowed`);
    if (grown.some((share) => !(share < MOST))) process.exitCode = 1;
  } finally {
    load.close();
    await lumen.server.stop();
    lumen.lumen?.dispose();
    await upstream.stop();
  }
}

async function readAlong(lumen: Contestant, load: LoadGenerator, connections: number): Promise<readonly ProbeReading[]> {
  const readings: ProbeReading[] = [];
  for (let step = 0; step <= STEPS; step++) {
    await drive(lumen, load, { connections, requests: step === 0 ? WARM_UP : MEASURED / STEPS });
    const reading = await lumen.server.probe();
    readings.push(reading);
    console.log(`${String(lumen.answered).padStart(8)} requests: heap ${megabytes(reading.heapBytes)}, resident ${megabytes(reading.rssBytes)}`);
  }
  return readings;
}

function growth(readings: readonly ProbeReading[], field: "heapBytes" | "rssBytes"): number {
  const first = readings[0]?.[field] ?? NaN;
  return ((readings.at(-1)?.[field] ?? NaN) - first) / first;
}

const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
const percent = (share: number | undefined) => `${((share ?? NaN) * 100).toFixed(1)} %`;

void main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
