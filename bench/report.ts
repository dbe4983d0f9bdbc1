import { cpus, totalmem } from "node:os";
import type { ContestResults, RoundResult } from "./contest";
import type { Contestant } from "./contestants";
import type { Proof } from "./lumen/proofs";
import type { ContestantName } from "./options";
import { median } from "./statistics";

/** Which machine: absolute figures mean nothing without it. */
export function machine(): string {
  const { length, 0: first } = cpus();
  return `${length} × ${first?.model.trim() ?? "unknown processor"}, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform}, Node ${process.version}`;
}

/** Absolute figures, medians over the rounds. */
export function figures(results: ContestResults): string {
  const rows = [...results].map(([{ name }, rounds]) => [
    name,
    overRounds(rounds, (round) => round.requestsPerSecond).toFixed(0),
    overRounds(rounds, (round) => round.cpuMicros).toFixed(0),
    overRounds(rounds, (round) => round.p99Ms).toFixed(1),
    overRounds(rounds, (round) => round.aloneP50Ms).toFixed(3),
    overRounds(rounds, (round) => round.streamsPerSecond).toFixed(0),
    overRounds(rounds, (round) => round.streamCpuMicros).toFixed(0),
    overRounds(rounds, (round) => round.eventP50Ms).toFixed(2),
    overRounds(rounds, (round) => round.eventP99Ms).toFixed(1),
  ]);
  return table(["", "requests/s", "CPU µs/request", "p99 ms", "p50 ms at one connection", "streams/s", "CPU µs/stream", "event p50 ms", "event p99 ms"], rows);
}

interface Aim {
  readonly what: string;
  readonly of: ContestantName;
  readonly against: ContestantName;
  readonly aim: string;
  readonly value: (own: RoundResult, other: RoundResult) => number;
}

const throughput = (own: RoundResult, other: RoundResult) => own.requestsPerSecond / other.requestsPerSecond;
const added = (own: RoundResult, other: RoundResult) => own.aloneP50Ms - other.aloneP50Ms;

const streamThroughput = (own: RoundResult, other: RoundResult) => own.streamsPerSecond / other.streamsPerSecond;
const eventAdded = (own: RoundResult, other: RoundResult) => own.eventP50Ms - other.eventP50Ms;

const AIMS: readonly Aim[] = [
  { what: "requests/s, Lumen : stock Express Gateway", of: "lumen", against: "stock-gateway", aim: "≥ 1.0, then 1.6", value: throughput },
  { what: "requests/s, Lumen : bare http-proxy", of: "lumen", against: "bare-http-proxy", aim: "≥ 0.5", value: throughput },
  { what: "CPU, stock Express Gateway : Lumen", of: "lumen", against: "stock-gateway", aim: "≥ 1.0, then 1.6", value: (own, other) => other.cpuMicros / own.cpuMicros },
  { what: "CPU, bare http-proxy : Lumen", of: "lumen", against: "bare-http-proxy", aim: "≥ 0.5", value: (own, other) => other.cpuMicros / own.cpuMicros },
  { what: "added ms at one connection, p50, Lumen", of: "lumen", against: "direct", aim: "≤ 1", value: added },
  { what: "added ms at one connection, p50, stock", of: "stock-gateway", against: "direct", aim: "", value: added },
  { what: "streams/s, Lumen : stock Express Gateway", of: "lumen", against: "stock-gateway", aim: "", value: streamThroughput },
  { what: "streams/s, Lumen : bare http-proxy", of: "lumen", against: "bare-http-proxy", aim: "", value: streamThroughput },
  { what: "added ms per event, p50, Lumen", of: "lumen", against: "direct", aim: "≤ 1", value: eventAdded },
  { what: "added ms per event, p50, stock", of: "stock-gateway", against: "direct", aim: "", value: eventAdded },
  { what: "added ms per event, p50, bare http-proxy", of: "bare-http-proxy", against: "direct", aim: "", value: eventAdded },
  { what: "added ms per event, p99, Lumen", of: "lumen", against: "direct", aim: "≤ 20", value: (own, other) => own.eventP99Ms - other.eventP99Ms },
  { what: "requests/s, Lumen with its request log : without", of: "lumen-logged", against: "lumen", aim: "", value: throughput },
];

/** Ratios within each round, so that what else happened on the machine touched both sides; then their median. */
export function ratios(results: ContestResults): string {
  const roundsOf = (name: ContestantName) => [...results].find(([contestant]: readonly [Contestant, unknown]) => contestant.name === name)?.[1];
  const rows = AIMS.flatMap(({ what, of, against, aim, value }) => {
    const own = roundsOf(of);
    const other = roundsOf(against);
    if (!own || !other) return [];
    const values = own.flatMap((round, index) => {
      const counterpart = other[index];
      return counterpart ? [value(round, counterpart)] : [];
    });
    return [[what, median(values).toFixed(2), `${Math.min(...values).toFixed(2)} … ${Math.max(...values).toFixed(2)}`, aim]];
  });
  return rows.length === 0 ? "" : `\n${table(["", "median", "over the rounds", "aim"], rows)}`;
}

export function proofLines(proofs: readonly Proof[]): string {
  return proofs.map(({ what, holds, found }) => `${holds ? "  ok   " : "  FAIL "}${what} (${found})`).join("\n");
}

function overRounds(rounds: readonly RoundResult[], value: (round: RoundResult) => number): number {
  return median(rounds.map(value));
}

/** Markdown, so that it can be pasted. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(" | ")} |`;
  const rule = `|${widths.map((width, column) => (column === 0 ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`)).join("|")}|`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}
