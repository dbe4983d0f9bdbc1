import { parseArgs } from "node:util";

/** What may run; `lumen-logged` is Lumen with a line per request, as an operator would run it. */
export const CONTESTANTS = ["direct", "bare-http-proxy", "stock-gateway", "lumen", "lumen-logged"] as const;
export type ContestantName = (typeof CONTESTANTS)[number];

export interface BenchOptions {
  readonly rounds: number;
  /** Measured time of one contestant in one round. */
  readonly seconds: number;
  readonly only: readonly ContestantName[];
  readonly connections: number;
  /** Options for Lumen's node alone, for example `--cpu-prof`. */
  readonly lumenNodeArgs: readonly string[];
}

export const USAGE = `usage: npm run bench -- [--rounds 5] [--seconds 4] [--only ${CONTESTANTS.join(",")}] [--connections 32] [--lumen-node="--cpu-prof …"]`;

const DEFAULT_CONTESTANTS = "direct,bare-http-proxy,stock-gateway,lumen";

/** @throws Error with the usage */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "4" },
      only: { type: "string", default: DEFAULT_CONTESTANTS },
      connections: { type: "string", default: "32" },
      "lumen-node": { type: "string", default: "" },
    },
  });
  return {
    rounds: positive("rounds", values.rounds, Number.isInteger),
    seconds: positive("seconds", values.seconds),
    only: values.only.split(",").map(contestant),
    connections: positive("connections", values.connections, Number.isInteger),
    lumenNodeArgs: values["lumen-node"].split(" ").filter((word) => word !== ""),
  };
}

function positive(name: string, text: string, isGood: (value: number) => boolean = Number.isFinite): number {
  const value = Number(text);
  if (value > 0 && isGood(value)) return value;
  throw new Error(`--${name} ${text}: a number above 0 is needed\n${USAGE}`);
}

function contestant(text: string): ContestantName {
  const found = CONTESTANTS.find((name) => name === text.trim());
  if (!found) throw new Error(`--only ${text}: no such contestant\n${USAGE}`);
  return found;
}
