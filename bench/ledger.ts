import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { Pool } from "pg";
import type { PoolTerms } from "../core/domain/coinPool";
import { NANO_PER_COIN } from "../core/domain/coins";
import type { CallFacts } from "../core/domain/ledgerEntry";
import { NO_USAGE } from "../core/domain/usage";
import { uuidv7 } from "../core/ids";
import { Database } from "../core/stores/postgres/database";
import { openLedger } from "../core/stores/postgres/ledger/openLedger";
import { migrate } from "../core/stores/postgres/schema";
import { UsagePartitions } from "../core/stores/postgres/usage/partitions";
import { createDatabase } from "../tests/support/postgresDatabases";
import { startPostgresServer } from "../tests/support/postgresServer";
import { storm } from "./ledgerStorm";
import { machine, table } from "./report";
import { median } from "./statistics";

const USAGE = "usage: npm run bench:ledger -- [--rounds 5] [--pairs 20000] [--parallel 500] | --storm 1000000 [--parallel 500]";
const WARM_UP = 2_000;
const CONNECTIONS = 20;
/** A pair in a transaction of its own takes so much longer that fewer of them tell the same. */
const SHARE_ALONE = 0.05;
const POOL = "client";
const TERMS: PoolTerms = { kind: "limited", maxNano: 1_000_000n * NANO_PER_COIN, refreshNanoPerHour: 0n, startingNano: 1_000_000n * NANO_PER_COIN };
const HELD = 1_000n;
const COST = 400n;

/** A hold and its settlement. */
type Pair = (facts: CallFacts) => Promise<void>;

const newFacts = (): CallFacts => ({
  ownerId: POOL, keyId: "key", via: "api", operation: "chat", model: "model", price: { inputPerMillionNano: 1n, outputPerMillionNano: 1n }, startedAt: Date.now(),
});

/** The plain way: each hold and each settlement is a transaction that locks the pool, on any of twenty connections. */
function alone(pool: Pool): Pair {
  const transact = async (work: (query: (text: string, values: readonly unknown[]) => Promise<unknown>) => Promise<void>): Promise<void> => {
    const client = await pool.connect();
    try {
      await client.query("BEGIN");
      await work((text, values) => client.query(text, [...values]));
      await client.query("COMMIT");
    } finally {
      client.release();
    }
  };
  return async (facts) => {
    const id = uuidv7();
    await transact(async (query) => {
      await query("SELECT balance, held FROM pools WHERE id = $1 FOR UPDATE", [POOL]);
      await query("UPDATE pools SET held = held + $2 WHERE id = $1", [POOL, HELD]);
      await query("INSERT INTO holds (id, node_id, placed_at, facts, lines) VALUES ($1, 'bench', $2, '{}', '[]')", [id, facts.startedAt]);
    });
    await transact(async (query) => {
      await query("SELECT balance, held FROM pools WHERE id = $1 FOR UPDATE", [POOL]);
      await query("DELETE FROM holds WHERE id = $1", [id]);
      await query("UPDATE pools SET held = held - $2, balance = balance - $3 WHERE id = $1", [POOL, HELD, COST]);
      await query(
        `INSERT INTO usage (id, made_at, settled_at, owner_id, key_id, model, via, expired, entry) VALUES ($1, $2, $2, $3, 'key', 'model', 'api', false, '{}')`,
        [id, facts.startedAt, POOL],
      );
    });
  };
}

async function pairsPerSecond(pair: Pair, pairs: number, parallel: number): Promise<number> {
  let left = pairs;
  const began = performance.now();
  await Promise.all(Array.from({ length: parallel }, async () => {
    while (left-- > 0) await pair(newFacts());
  }));
  return pairs / ((performance.now() - began) / 1_000);
}

/** `npm run bench:ledger`: hold-and-settle pairs of one client at the store port in one process, in batches and one by one, or a storm of them over three nodes (docs/performance.md). */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rounds: { type: "string", default: "5" }, pairs: { type: "string", default: "20000" }, parallel: { type: "string", default: "500" }, storm: { type: "string" } } });
  const [rounds, pairs, parallel] = [Number(values.rounds), Number(values.pairs), Number(values.parallel)];
  if (![rounds, pairs, parallel].every((number) => number >= 1)) throw new Error(USAGE);
  if (values.storm !== undefined) return storm(Number(values.storm), parallel);
  console.log(`${machine()}\n${parallel} parallel calls on one pool, ${rounds} rounds, PostgreSQL with fsync\n`);
  const server = await startPostgresServer({ durable: true, settings: { shared_buffers: "256MB", max_wal_size: "1GB" } });
  const spoolFolder = mkdtempSync(path.join(tmpdir(), "lumen-bench-"));
  try {
    const { url } = await createDatabase(server);
    await migrate(url);
    const database = new Database({ url });
    const partitions = new UsagePartitions(database);
    const opened = await openLedger({ database, spoolFolder, now: Date.now, partitions: (moments) => partitions.ensureFor(moments) });
    const { ledger } = opened;
    const batched: Pair = async (facts) => {
      const id = uuidv7();
      const outcome = await ledger.hold({ id, facts, lines: [{ pool: POOL, wantNano: HELD, terms: TERMS }] }, Date.now());
      if (!outcome.ok) throw new Error("the pool is empty");
      await ledger.settle({ id, facts, usage: NO_USAGE, costNano: COST, settledAt: Date.now(), status: 200, flags: [] });
    };
    const connections = new Pool({ connectionString: url, max: CONNECTIONS });
    const plain = alone(connections);
    await pairsPerSecond(batched, WARM_UP, parallel);
    await pairsPerSecond(plain, WARM_UP * SHARE_ALONE, parallel);
    const found: { readonly batched: number; readonly plain: number }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      found.push({ plain: await pairsPerSecond(plain, pairs * SHARE_ALONE, parallel), batched: await pairsPerSecond(batched, pairs, parallel) });
    }
    console.log(table(["", "pairs/s, median", "least", "most"], (["plain", "batched"] as const).map((name) => {
      const all = found.map((round) => round[name]);
      return [name === "plain" ? "a transaction each" : "in batches", median(all).toFixed(0), Math.min(...all).toFixed(0), Math.max(...all).toFixed(0)];
    })));
    console.log(`\nin batches : a transaction each  ${median(found.map((round) => round.batched / round.plain)).toFixed(1)} (median of the rounds)`);
    await connections.end();
    await opened.close();
    await database.close();
  } finally {
    await server.close();
    rmSync(spoolFolder, { recursive: true, force: true });
  }
}

void main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
