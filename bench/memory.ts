import { startContestant, startDummyUpstream, type Contestant } from "./contestants";
import { drive } from "./contest";
import { startLoadGenerator, type LoadGenerator } from "./load/loadGenerator";
import { readOptions } from "./options";
import type { ProbeReading } from "./probe";
import { machine } from "./report";

const WARM_UP = 20_000;
const MEASURED = 200_000;
/** A reading begins with a collection, which takes room of its own: the warm-up has had some too. */
const STEP = 5_000;
const TOLD_EVERY = 20_000;
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

/** The reading at the end of the warm-up, and those after it. */
async function readAlong(lumen: Contestant, load: LoadGenerator, connections: number): Promise<readonly ProbeReading[]> {
  const readings: ProbeReading[] = [];
  for (let sent = STEP; sent <= WARM_UP + MEASURED; sent += STEP) {
    await drive(lumen, load, { connections, requests: STEP });
    const reading = await lumen.server.probe();
    if (sent >= WARM_UP) readings.push(reading);
    if (sent % TOLD_EVERY > 0) continue;
    console.log(`${String(lumen.answered).padStart(8)} requests: heap ${megabytes(reading.heapBytes)}, resident ${megabytes(reading.rssBytes)}`);
  }
  return readings;
}

/** From the end of the warm-up to the end. */
function growth(readings: readonly ProbeReading[], field: "heapBytes" | "rssBytes"): number {
  return (readings.at(-1)?.[field] ?? NaN) / (readings[0]?.[field] ?? NaN) - 1;
}

const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
const percent = (share: number | undefined) => `${((share ?? NaN) * 100).toFixed(1)} %`;

void main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
