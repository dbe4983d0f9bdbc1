import { setTimeout as pause } from "node:timers/promises";
import type { Proof } from "./lumen/proofs";
import type { ProbeReading } from "./probe";
import { machine, proofLines } from "./report";
import { beginDisturbances } from "./soak/disturbances";
import { seededRandom } from "../scripts/demo/seededRandom";
import { ANCHOR_SETS, FLEET } from "./soak/soakConfig";
import { beginReloads, startSoakGateway, type SoakGateway } from "./soak/soakGateway";
import { beginLoad, type LoadRecord } from "./soak/soakLoad";
import { readSoakOptions, type SoakOptions } from "./soak/soakOptions";
import { proveCalls, proveMemory, proveNothingOpen, proveStoppedBooks } from "./soak/soakProofs";
import { startFleet, type UpstreamFleet } from "./soak/upstreamFleet";

const WARM_UP_MS = 5_000;
const MEMORY_READINGS = 18;
const TOLD_EVERY_MS = 60_000;

/**
 * `npm run soak`: everything at once for half an hour. Calls of all kinds, callers that leave or read slowly, model servers that
 * die, hang, slow down and come back while one of each model stays well, a new configuration each ten seconds. At the end
 * nothing may be lost, open or grown (docs/performance.md). Ctrl-C ends it early, with the report.
 */
async function main(): Promise<void> {
  const options = readSoakOptions(process.argv.slice(2));
  console.log(`${machine()}\nsoak of ${options.seconds} s, ${options.rate} calls/s, seed ${options.seed}`);
  const fleet = await startFleet(FLEET);
  let gateway: SoakGateway | undefined;
  try {
    gateway = await startSoakGateway(fleet.members, options.log);
    const proofs = await soak(gateway, fleet, options);
    console.log(`\n${proofLines(proofs)}`);
    const failed = proofs.filter(({ holds }) => !holds).length;
    console.log(failed === 0 ? "the soak passed" : `the soak FAILED: ${failed} of ${proofs.length} do not hold; repeat it with --seed ${options.seed}`);
    if (failed > 0) process.exitCode = 1;
  } finally {
    await gateway?.server.stop();
    await gateway?.lumen.remove();
    fleet.close();
  }
}

async function soak(gateway: SoakGateway, fleet: UpstreamFleet, options: SoakOptions): Promise<readonly Proof[]> {
  const ended = new AbortController();
  const end = () => ended.abort();
  process.once("SIGINT", end).once("SIGTERM", end);
  const random = (salt: number) => seededRandom(options.seed * 8 + salt);
  const load = beginLoad({ url: gateway.server.url, keys: gateway.keys, rate: options.rate, random: random(1), wellSince: (at) => fleet.wellSince(at) });
  await pause(Math.min(WARM_UP_MS, options.seconds * 100), undefined, { signal: ended.signal }).catch(() => undefined);
  const disturbances = beginDisturbances(fleet, ANCHOR_SETS, random(2));
  const reloads = beginReloads(gateway, fleet.members);
  const readings = await readAlong(gateway, load.record, options.seconds * 1_000, ended.signal);
  await Promise.all([load.stop(), disturbances.stop(), reloads.stop()]);
  tellCounts(load.record, disturbances.counts, reloads.count(), readings);
  return [
    ...proveCalls(load.record), ...proveMemory(readings), ...(await proveNothingOpen(gateway, fleet)), ...(await proveStoppedBooks(gateway, load.record)),
  ];
}

/** Reads the memory in equal steps until the time is over or the run is ended. */
async function readAlong({ server }: SoakGateway, record: LoadRecord, forMs: number, signal: AbortSignal): Promise<readonly ProbeReading[]> {
  const readings: ProbeReading[] = [];
  const stepMs = Math.min(forMs / MEMORY_READINGS, TOLD_EVERY_MS);
  const began = performance.now();
  let toldAt = began;
  for (let step = 1; step * stepMs <= forMs + 1; step++) {
    const wentOn = await pause(Math.max(0, began + step * stepMs - performance.now()), true, { signal }).catch(() => false);
    if (!wentOn) break;
    const reading = await server.probe();
    readings.push(reading);
    if (performance.now() - toldAt < TOLD_EVERY_MS) continue;
    toldAt = performance.now();
    console.error(`${((toldAt - began) / 1_000).toFixed(0)} s: ${record.sent} calls, ${record.lost.length} lost, heap ${(reading.heapBytes / 2 ** 20).toFixed(1)} MB, resident ${(reading.rssBytes / 2 ** 20).toFixed(0)} MB`);
  }
  return readings;
}

function tellCounts(record: LoadRecord, disturbances: ReadonlyMap<string, number>, reloads: number, readings: readonly ProbeReading[]): void {
  const list = (counts: ReadonlyMap<string, number>) => [...counts].sort(([, a], [, b]) => b - a).map(([name, count]) => `${name} ${count}`).join(", ");
  console.log(`calls: ${record.sent} (${list(record.kinds)})`);
  console.log(`ended: ${list(record.verdicts)}; ${record.resent} sent again over a new connection`);
  console.log(`model servers: ${list(disturbances)}`);
  console.log(`reloads: ${reloads}`);
  console.log(`heap after collection, MB: ${readings.map(({ heapBytes }) => (heapBytes / 2 ** 20).toFixed(1)).join(" ")}; resident at the end ${((readings.at(-1)?.rssBytes ?? NaN) / 2 ** 20).toFixed(0)}`);
  for (const line of record.lost) console.log(`LOST ${line}`);
}

void main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.stack : error);
  process.exitCode = 1;
});
