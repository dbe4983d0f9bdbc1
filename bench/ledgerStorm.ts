import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Client } from "pg";
import type { PoolTerms } from "../core/domain/coinPool";
import { NANO_PER_COIN } from "../core/domain/coins";
import type { CallFacts } from "../core/domain/ledgerEntry";
import { NO_USAGE } from "../core/domain/usage";
import { uuidv7 } from "../core/ids";
import { Database } from "../core/stores/postgres/database";
import { openLedger, type OpenedLedger } from "../core/stores/postgres/ledger/openLedger";
import { migrate } from "../core/stores/postgres/schema";
import { UsagePartitions } from "../core/stores/postgres/usage/partitions";
import { verifyBooks } from "../core/stores/postgres/usage/verifyBooks";
import { seededRandom, type SeededRandom } from "../scripts/demo/seededRandom";
import { createDatabase } from "../tests/support/postgresDatabases";
import { startPostgresServer } from "../tests/support/postgresServer";

const NODES = 3;
const POOLS = 12;
const TOLD_EVERY = 100_000;
const TERMS: PoolTerms = { kind: "limited", maxNano: 1_000_000n * NANO_PER_COIN, refreshNanoPerHour: 0n, startingNano: 1_000_000n * NANO_PER_COIN };

interface Node {
  readonly opened: OpenedLedger;
  close(): Promise<void>;
}

/**
 * Three nodes hold and settle at once, on one to three of twelve pools in any order, so that their batches want the same rows in all orders there are.
 * @throws Error where the server had to end a deadlock, or the books are not exact
 */
export async function storm(pairs: number, parallel: number): Promise<void> {
  const server = await startPostgresServer({ durable: true, settings: { shared_buffers: "256MB", max_wal_size: "4GB" } });
  const folder = mkdtempSync(path.join(tmpdir(), "lumen-storm-"));
  try {
    const { url } = await createDatabase(server);
    await migrate(url);
    const nodes: Node[] = [];
    for (let i = 0; i < NODES; i += 1) nodes.push(await openNode(url, path.join(folder, String(i))));
    const began = performance.now();
    await settleAll(nodes, pairs, parallel);
    const perSecond = pairs / ((performance.now() - began) / 1_000);
    for (const node of nodes) await node.close();
    const found = await deadlocks(url);
    const { differences, openHolds } = await verifyBooks({ url });
    console.log(`${pairs} pairs over ${NODES} nodes and ${POOLS} pools: ${perSecond.toFixed(0)} pairs/s, ${found} deadlocks, ${openHolds} holds left, ${differences.length} differences in the books`);
    if (found + openHolds + differences.length > 0) throw new Error("the storm left something behind");
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function openNode(url: string, spoolFolder: string): Promise<Node> {
  const database = new Database({ url });
  const partitions = new UsagePartitions(database);
  const opened = await openLedger({ database, spoolFolder, now: Date.now, partitions: (moments) => partitions.ensureFor(moments) });
  return {
    opened,
    close: async () => {
      await opened.close();
      await database.close();
    },
  };
}

async function settleAll(nodes: readonly Node[], pairs: number, parallel: number): Promise<void> {
  const random = seededRandom(1);
  let left = pairs;
  await Promise.all(Array.from({ length: parallel }, async (_, index) => {
    while (left > 0) {
      if (--left % TOLD_EVERY === 0) console.error(`${left} left`);
      await settleOne(nodes[index % NODES]!.opened, random);
    }
  }));
}

async function settleOne({ ledger }: OpenedLedger, random: SeededRandom): Promise<void> {
  const id = uuidv7();
  const now = Date.now();
  const pools = new Set(Array.from({ length: random.whole(1, 3) }, () => `pool-${random.whole(1, POOLS)}`));
  const facts: CallFacts = { ownerId: [...pools][0] ?? "", via: "api", operation: "chat", model: "model", price: { inputPerMillionNano: 1n, outputPerMillionNano: 1n }, startedAt: now };
  const outcome = await ledger.hold({ id, facts, lines: [...pools].map((pool) => ({ pool, wantNano: 1_000n, terms: TERMS })) }, now);
  if (!outcome.ok) throw new Error("a pool is empty");
  if (random.next() < 0.1) return ledger.release(id);
  await ledger.settle({ id, facts, usage: NO_USAGE, costNano: 400n, settledAt: Date.now(), status: 200, flags: [] });
}

async function deadlocks(url: string): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ deadlocks: string }>("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
    return Number(rows[0]?.deadlocks);
  } finally {
    await client.end();
  }
}
