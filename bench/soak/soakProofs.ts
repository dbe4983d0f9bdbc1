import { setTimeout as pause } from "node:timers/promises";
import type { LedgerReport } from "../../core/services/verifyLedger";
import { openStoreOf } from "../../tests/support/storeOf";
import type { Proof } from "../lumen/proofs";
import type { ProbeReading } from "../probe";
import { median } from "../statistics";
import { SoakCaller } from "./soakCall";
import { SERVERS_OF, saveFile, soakConfig } from "./soakConfig";
import type { SoakGateway } from "./soakGateway";
import type { LoadRecord } from "./soakLoad";
import type { UpstreamFleet } from "./upstreamFleet";

/** What the heap may grow from the first third to the last, beside what the noise of a short run is. */
const MOST_GROWTH = 0.05;
const NOISE_BYTES = 3 * 2 ** 20;
const STOPS_WITHIN_MS = 5_000;
const SETTLES_WITHIN_MS = 5_000;

/** No call was lost that another server could have served. */
export function proveCalls(record: LoadRecord): readonly Proof[] {
  const count = (verdict: "lost" | "whole") => record.verdicts.get(verdict) ?? 0;
  return [
    { what: "calls: none was lost that another server could have served", holds: count("lost") === 0, found: `${count("lost")} of ${record.sent} lost` },
    { what: "calls: most were answered whole", holds: count("whole") > record.sent / 2, found: `${count("whole")} whole` },
    { what: "load: all calls were begun in time", holds: record.heldBack <= record.sent / 100, found: `${record.heldBack} held back` },
  ];
}

/** The heap stays what it was: medians of the readings of the first and of the last third. */
export function proveMemory(readings: readonly ProbeReading[]): readonly Proof[] {
  const third = Math.floor(readings.length / 3);
  if (third < 2) return [{ what: "memory: there are readings enough", holds: false, found: String(readings.length) }];
  const heap = (part: readonly ProbeReading[]) => median(part.map(({ heapBytes }) => heapBytes));
  const [first, last] = [heap(readings.slice(0, third)), heap(readings.slice(-third))];
  const mb = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
  return [{ what: "memory: the heap after collection is flat", holds: last <= first * (1 + MOST_GROWTH) + NOISE_BYTES, found: `${mb(first)} in the first third, ${mb(last)} in the last` }];
}

/** While the gateway still runs, and all calls have ended: nothing is held for anyone. */
export async function proveNothingOpen(gateway: SoakGateway, fleet: UpstreamFleet): Promise<readonly Proof[]> {
  const ledger = () => gateway.lumen.json<LedgerReport>("ledger", "verify");
  // A caller that left is booked a moment after its connection closed.
  const report = await until(ledger, ({ openHolds }) => openHolds === 0);
  const running = await until(() => runningAt(fleet), (counts) => counts.every((count) => count === 0));
  return [
    { what: "books: no hold is open", holds: report.openHolds === 0, found: String(report.openHolds) },
    { what: "books: ledger verify is exact", holds: report.exact, found: report.exact ? `${report.entries} entries, ${report.coins} coins` : report.differences.join("; ") },
    { what: "in flight: no model server has a call", holds: running.every((count) => count === 0), found: running.join(", ") },
    await provePlaces(gateway, fleet),
  ];
}

/**
 * A place that a lost call had kept would show now: with one place per server, and servers that say nothing, as many calls at
 * once as there are places reach one server each.
 */
async function provePlaces({ server, lumen, keys }: SoakGateway, fleet: UpstreamFleet): Promise<Proof> {
  const what = "in flight: every place of every server is free";
  await saveFile(lumen.configFile, soakConfig(fleet.members, 0, 1), 0);
  await until(() => lumen.cli("config", "show"), ({ stdout }) => stdout.includes("max_concurrency: 1"));
  const caller = new SoakCaller();
  const found: string[] = [];
  let holds = true;
  for (const member of fleet.members) await member.setMood("silent");
  for (const [model, servers] of Object.entries(SERVERS_OF)) {
    const body = JSON.stringify({ model, messages: [{ role: "user", content: "is there room?" }] });
    const calls = servers.map(() => caller.call({ url: server.url, path: "/v1/chat/completions", key: keys.good[0]!, body, leaveAfterMs: 1_500 }));
    const counts = await until(() => runningAt(fleet), (all) => servers.every((index) => all[index] === 1));
    holds &&= servers.every((index) => counts[index] === 1);
    found.push(`${model}: ${counts.join(", ")}`);
    await Promise.all(calls);
    await until(() => runningAt(fleet), (all) => all.every((count) => count === 0));
  }
  caller.close();
  return { what, holds, found: found.join("; ") };
}

/** What is on the disk once the gateway has stopped: each 200 exactly once, and the proof of the books. */
export async function proveStoppedBooks(gateway: SoakGateway, record: LoadRecord): Promise<readonly Proof[]> {
  const began = performance.now();
  await gateway.server.stop();
  const stopMs = performance.now() - began;
  const store = await openStoreOf(gateway.lumen);
  try {
    const counts = new Map<string, number>();
    let cursor: string | undefined;
    do {
      const page = await store.usage.entries({ limit: 1_000, ...(cursor === undefined ? {} : { cursor }) });
      for (const { id } of page.rows) counts.set(id, (counts.get(id) ?? 0) + 1);
      cursor = page.next;
    } while (cursor !== undefined);
    const wrong = record.answeredIds.filter((id) => counts.get(id) !== 1);
    const books = await store.verifyBooks();
    return [
      { what: "stop: nothing was left to wait for", holds: stopMs < STOPS_WITHIN_MS, found: `${stopMs.toFixed(0)} ms` },
      { what: "books: each 200 is in the ledger exactly once", holds: wrong.length === 0, found: wrong.length === 0 ? `${record.answeredIds.length} of them` : `not so: ${wrong.slice(0, 5).join(", ")}` },
      { what: "books: on the disk they are exact", holds: books.exact && books.openHolds === 0, found: books.differences.join("; ") || `${counts.size} entries` },
    ];
  } finally {
    await store.close();
  }
}

function runningAt(fleet: UpstreamFleet): Promise<number[]> {
  return Promise.all(fleet.members.map((member) => member.running()));
}

/** Asks again until it holds, or the time is over; the last answer. */
async function until<T>(ask: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  const ends = performance.now() + SETTLES_WITHIN_MS;
  for (;;) {
    const value = await ask();
    if (holds(value) || performance.now() > ends) return value;
    await pause(50);
  }
}
