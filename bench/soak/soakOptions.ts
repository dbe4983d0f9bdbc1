import { parseArgs } from "node:util";

export interface SoakOptions {
  /** How long calls are sent. */
  readonly seconds: number;
  /** Calls begun per second. */
  readonly rate: number;
  /** Two runs with one seed send the same calls and make the same servers ill in the same order. */
  readonly seed: number;
  /** Where the gateway's own lines go; they are dropped without it. */
  readonly log?: string;
}

export const USAGE = "usage: npm run soak -- [--seconds 1800] [--rate 60] [--seed 1] [--log gateway.log]";

/** @throws Error with the usage */
export function readSoakOptions(args: readonly string[]): SoakOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: "string", default: "1800" },
      rate: { type: "string", default: "60" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      log: { type: "string" },
    },
  });
  return { seconds: above("seconds", values.seconds, 9), rate: above("rate", values.rate, 0), seed: above("seed", values.seed, -1), log: values.log };
}

function above(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > least) return value;
  throw new Error(`--${name} ${text}: a number above ${least} is needed\n${USAGE}`);
}
