import path from "node:path";
import { startChild, type ChildServer } from "./childServer";
import { startLumenServer, type LumenServer } from "./lumen/startLumenServer";
import type { BenchOptions, ContestantName } from "./options";
import { requestBytes, streamBody, type StreamPlan } from "./workload";

/** One server under test, running. */
export interface Contestant {
  readonly name: ContestantName;
  readonly server: ChildServer;
  readonly port: number;
  /** The bytes of one request to it. */
  readonly request: string;
  /** The same for a streamed call. */
  streamRequest(plan: StreamPlan): string;
  /** Set for Lumen alone. */
  readonly lumen?: LumenServer;
  /** Answers with 200 that it gave so far. */
  answered: number;
}

const SERVERS = path.join(__dirname, "servers");

export function startDummyUpstream(): Promise<ChildServer> {
  return startChild({ file: path.join(SERVERS, "dummyUpstream.js") });
}

/** @param upstream the dummy upstream, which is itself the first contestant */
export async function startContestant(name: ContestantName, upstream: ChildServer, options: BenchOptions): Promise<Contestant> {
  if (name === "direct") return contestant(name, upstream);
  if (name === "bare-http-proxy") return contestant(name, await startChild({ file: path.join(SERVERS, "bareProxy.js"), args: [upstream.url] }));
  if (name === "stock-gateway") return contestant(name, await startChild({ file: path.join(SERVERS, "stockGateway.js"), args: [upstream.url] }));
  const lumen = await startLumenServer({
    upstreamUrl: upstream.url, nodeArgs: options.lumenNodeArgs, logLevel: name === "lumen-logged" ? "info" : "warn",
  });
  return lumenContestant(name, lumen);
}

export function lumenContestant(name: ContestantName, lumen: LumenServer): Contestant {
  return { ...contestant(name, lumen, lumen.keys.client), lumen };
}

/** The same headers for all: who does not look at the key has to pass it on. */
function contestant(name: ContestantName, server: ChildServer, key = "sk_bench"): Contestant {
  const headers = { authorization: `Bearer ${key}` };
  return {
    name, server, port: Number(new URL(server.url).port), request: requestBytes(server.url, headers),
    streamRequest: (plan) => requestBytes(server.url, headers, streamBody(plan)), answered: 0,
  };
}
