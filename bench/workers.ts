import { createDatabase } from "../tests/support/postgresDatabases";
import { startPostgresServer, type PostgresServer } from "../tests/support/postgresServer";
import { drive } from "./contest";
import { lumenContestant, startDummyUpstream, type Contestant } from "./contestants";
import { proveBooks, provePolicies, type Proof } from "./lumen/proofs";
import { startLumenServer } from "./lumen/startLumenServer";
import { startLoadGenerator, type LoadGenerator } from "./load/loadGenerator";
import { cpuOfTree } from "./processTree";
import { machine, proofLines } from "./report";
import { median } from "./statistics";
import type { ChildServer } from "./childServer";

/** A node with so many workers, on a database of its own. */
interface Node {
  readonly workers: number;
  readonly contestant: Contestant;
}

interface Round {
  readonly requestsPerSecond: number;
  readonly p99Ms: number;
  /** Of the gateway with all its processes, and of PostgreSQL, for one request. */
  readonly cpuMicros: number;
  readonly serverMicros: number;
  /** How many of the machine's cores worked, whoever for. */
  readonly gatewayCores: number;
}

const [ROUNDS = 5, SECONDS = 4, CONNECTIONS = 64] = process.argv.slice(2).map(Number);
const WORKERS = [1, 2, 4];
/** For each worker: V8 works at the code of each of them anew. */
const WARM_UP_MS = 8_000;
const PREPARE_MS = 500;

/** `npm run bench:workers -- [rounds] [seconds] [connections]`: one, two and four workers on one PostgreSQL, side by side (docs/performance.md). */
async function main(): Promise<void> {
  console.log(`${machine()}\n${CONNECTIONS} connections, ${ROUNDS} rounds of ${SECONDS} s\n`);
  const upstream = await startDummyUpstream();
  const load = startLoadGenerator();
  const server = await startPostgresServer({ durable: true });
  const nodes: Node[] = [];
  const proofs: Proof[] = [];
  try {
    for (const workers of WORKERS) nodes.push(await startNode(workers, upstream, server));
    for (const { contestant } of nodes) proofs.push(...(await provedPolicies(contestant)));
    console.log(table(await measure(nodes, load, server)));
    for (const { contestant } of nodes) if (contestant.lumen) proofs.push(...proveBooks(await contestant.lumen.stopAndReadBooks(), contestant.answered));
  } finally {
    load.close();
    for (const { contestant } of nodes) {
      await contestant.server.stop();
      contestant.lumen?.dispose();
    }
    await upstream.stop();
    await server.close();
  }
  console.log(`\n${proofLines(proofs)}`);
  if (proofs.some(({ holds }) => !holds)) process.exitCode = 1;
}

async function startNode(workers: number, upstream: ChildServer, server: PostgresServer): Promise<Node> {
  const { url } = await createDatabase(server);
  const lumen = await startLumenServer({ upstreamUrl: upstream.url, storeUrl: url, workers });
  return { workers, contestant: lumenContestant("lumen", lumen) };
}

async function provedPolicies(contestant: Contestant): Promise<readonly Proof[]> {
  if (!contestant.lumen) return [];
  // The one good call among them.
  contestant.answered += 1;
  return provePolicies(contestant.lumen);
}

async function measure(nodes: readonly Node[], load: LoadGenerator, server: PostgresServer): Promise<ReadonlyMap<Node, readonly Round[]>> {
  const results = new Map<Node, Round[]>(nodes.map((node) => [node, []]));
  const work = (node: Node, durationMs: number) => drive(node.contestant, load, { connections: CONNECTIONS, durationMs });
  for (const node of nodes) await work(node, WARM_UP_MS * node.workers);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const node of round % 2 === 0 ? nodes : [...nodes].reverse()) {
      await work(node, PREPARE_MS);
      const before = readings(node, server);
      const { answered, elapsedMs, p99Ms } = await work(node, SECONDS * 1_000);
      const after = readings(node, server);
      const gateway = after.gateway - before.gateway;
      results.get(node)?.push({
        requestsPerSecond: (answered * 1_000) / elapsedMs, p99Ms, cpuMicros: gateway / answered,
        serverMicros: (after.server - before.server) / answered, gatewayCores: gateway / (elapsedMs * 1_000),
      });
      console.error(`round ${round + 1}/${ROUNDS}, ${node.workers} workers: ${((answered * 1_000) / elapsedMs).toFixed(0)}/s`);
    }
  }
  return results;
}

const readings = ({ contestant }: Node, server: PostgresServer) => ({ gateway: cpuOfTree(contestant.server.pid), server: cpuOfTree(server.pid) });

function table(results: ReadonlyMap<Node, readonly Round[]>): string {
  const lines = ["| workers | requests/s | p99 ms | CPU µs/request | against one | PostgreSQL µs/request | cores of the gateway |", "|---:|---:|---:|---:|---:|---:|---:|"];
  const [single = []] = results.values();
  for (const [{ workers }, rounds] of results) {
    const of = (value: (round: Round) => number) => median(rounds.map(value));
    // Within a round, so that whatever else the machine did touched both sides.
    const ratio = median(rounds.map(({ cpuMicros }, at) => cpuMicros / (single[at]?.cpuMicros ?? cpuMicros)));
    lines.push(`| ${workers} | ${of((round) => round.requestsPerSecond).toFixed(0)} | ${of((round) => round.p99Ms).toFixed(1)} | ${of((round) => round.cpuMicros).toFixed(0)} | ${ratio.toFixed(2)} | ${of((round) => round.serverMicros).toFixed(0)} | ${of((round) => round.gatewayCores).toFixed(2)} |`);
  }
  return lines.join("\n");
}

void main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.stack : error);
  process.exitCode = 1;
});
