import { parseArgs } from "node:util";

export interface StreamsOptions {
  /** Streams at once that are read quickly. */
  readonly streams: number;
  /** Streams beside them whose readers are slow. */
  readonly slow: number;
  /** Events of each stream in a second; 0 with `idle`. */
  readonly eventsPerSecond: number;
  readonly seconds: number;
  /** Streams in which nothing happens: the gateway's pings alone. */
  readonly idle: boolean;
  /** Options for Lumen's node alone, for example `--cpu-prof`. */
  readonly lumenNodeArgs: readonly string[];
}

export const USAGE = "usage: npm run bench:streams -- [--streams 1000] [--slow 20] [--events 25] [--seconds 60] | --idle [--streams 1000] [--seconds 300] [--lumen-node=\"--cpu-prof …\"]";

/** @throws Error with the usage */
export function readStreamsOptions(args: readonly string[]): StreamsOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      streams: { type: "string", default: "1000" },
      slow: { type: "string" },
      events: { type: "string", default: "25" },
      seconds: { type: "string" },
      idle: { type: "boolean", default: false },
      "lumen-node": { type: "string", default: "" },
    },
  });
  const { idle } = values;
  return {
    streams: above("streams", values.streams, 0),
    slow: above("slow", values.slow ?? (idle ? "0" : "20"), -1),
    eventsPerSecond: above("events", values.events, 0),
    seconds: above("seconds", values.seconds ?? (idle ? "300" : "60"), 4),
    idle,
    lumenNodeArgs: values["lumen-node"].split(" ").filter((word) => word !== ""),
  };
}

function above(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > least) return value;
  throw new Error(`--${name} ${text}: a number above ${least} is needed\n${USAGE}`);
}
