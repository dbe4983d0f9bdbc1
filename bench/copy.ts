import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import type { ApiKey } from "../core/domain/apiKey";
import type { PoolTerms } from "../core/domain/coinPool";
import type { LedgerEntry } from "../core/domain/ledgerEntry";
import { costOf, type Price } from "../core/domain/price";
import { NO_USAGE } from "../core/domain/usage";
import { uuidv7 } from "../core/ids";
import { openContents, openFolderTarget } from "../core/stores/lowdb";
import { openDatabaseTarget } from "../core/stores/postgres/contents/fillDatabase";
import { openDatabaseContents } from "../core/stores/postgres/contents/openContents";
import type { ContentsItem } from "../core/stores/shared/contents";
import type { ContentsDigest } from "../core/stores/shared/contentsDigest";
import { copyContents } from "../core/stores/shared/copyContents";
import { createDatabase } from "../tests/support/postgresDatabases";
import { startPostgresServer } from "../tests/support/postgresServer";

const OWNERS = 10_000;
const MODELS = 50;
const DAYS = 400;
const DAY_MS = 86_400_000;
const AT_ONCE = 2_000;
const LIMIT_SECONDS = 120;
const PRICE: Price = { inputPerMillionNano: 500_000_000n, outputPerMillionNano: 1_000_000_000n };
const TERMS: PoolTerms = { kind: "limited", maxNano: 10n ** 15n, refreshNanoPerHour: 0n, startingNano: 10n ** 15n };

const ownerOf = (index: number): string => `owner-${(index * 7_919) % OWNERS}`;

function keyOf(index: number): ApiKey & { readonly revision: number } {
  const id = `key${index}`;
  return {
    id, ownerId: ownerOf(index), name: `key ${index}`, hint: "sk_0…abcd", digest: "d".repeat(64), pepperId: "p1", verifier: `$argon2id$v=19$m=19456,t=2,p=1$${"v".repeat(66)}`,
    status: "active", createdAt: 0, revision: 1,
  };
}

function entryOf(index: number, at: number): LedgerEntry {
  const ownerId = ownerOf(index);
  const usage = { ...NO_USAGE, inputTokens: 1_200, outputTokens: index % 900 };
  const costNano = costOf(usage, PRICE);
  return {
    id: uuidv7(at), ownerId, keyId: `key${index % OWNERS}`, via: index % 3 === 0 ? "chat" : "api", operation: "chat", model: `model-${index % MODELS}`, price: PRICE, startedAt: at,
    endpoint: "e1", usage, costNano, charges: [{ pool: ownerId, chargedNano: costNano, uncollectedNano: 0n }], settledAt: at + 800, durationMs: 800, firstTokenMs: 120, status: 200, flags: [],
  };
}

/** Pools with the balance that their events come to, then eight calls to each adjustment and each line of the audit log, over 400 days. */
function* contentsOf(keys: number, events: number): Generator<ContentsItem> {
  const from = Date.parse("2025-10-01");
  const spent = new Map<string, bigint>();
  const given = new Map<string, bigint>();
  const history: ContentsItem[] = [];
  for (let index = 0; index < OWNERS; index++) {
    const pool = ownerOf(index);
    given.set(pool, 10n ** 15n);
    history.push({ t: "adjust", adjustment: { id: uuidv7(from), pool, kind: "opening", amountNano: 10n ** 15n, at: from, by: "system", reason: "first use" } });
  }
  for (let index = OWNERS; index < events; index++) {
    const at = from + Math.floor((index / events) * DAYS * DAY_MS);
    const pool = ownerOf(index);
    if (index % 10 === 0) {
      given.set(pool, (given.get(pool) ?? 0n) + 5n);
      history.push({ t: "adjust", adjustment: { id: uuidv7(at), pool, kind: "grant", amountNano: 5n, at, by: "admin", reason: "autumn course" } });
    } else if (index % 10 === 1) {
      history.push({ t: "audit", event: { id: uuidv7(at), at, actor: "admin", action: "coins.grant", subject: pool, details: { amount: "5" } } });
    } else {
      const entry = entryOf(index, at);
      spent.set(pool, (spent.get(pool) ?? 0n) + entry.costNano);
      history.push({ t: "settle", entry });
    }
  }
  for (const [id, nano] of given) yield { t: "pool", pool: { id, balanceNano: nano - (spent.get(id) ?? 0n), terms: TERMS, refillFrom: from } };
  yield* history;
  for (let index = 0; index < keys; index++) yield { t: "put", collection: "keys", row: keyOf(index) };
}

/** A data folder to be copied. */
async function fill(folder: string, keys: number, events: number): Promise<void> {
  const target = await openFolderTarget(folder);
  let piece: ContentsItem[] = [];
  for (const item of contentsOf(keys, events)) {
    if (piece.push(item) < AT_ONCE) continue;
    await target.take(piece);
    piece = [];
  }
  await target.take(piece);
  await (await target.written()).close();
  await target.complete();
}

async function timed(what: string, copy: () => Promise<ContentsDigest>): Promise<ContentsDigest> {
  const begun = performance.now();
  const digest = await copy();
  const seconds = (performance.now() - begun) / 1_000;
  console.log(`${what}: ${seconds.toFixed(1)} s, peak memory ${Math.round(process.resourceUsage().maxRSS / 1_024)} MB, audit hash ${digest.sha256}`);
  if (seconds > LIMIT_SECONDS) {
    console.error(`${what} took longer than ${LIMIT_SECONDS} s`);
    process.exitCode = 1;
  }
  return digest;
}

/** Copies a large store from a data folder into PostgreSQL and back, each checked by the hash of what can be read there. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { keys: { type: "string", default: "100000" }, events: { type: "string", default: "1000000" } } });
  const folder = await mkdtemp(path.join(tmpdir(), "lumen-copy-"));
  const server = await startPostgresServer({ durable: true });
  try {
    const database = await createDatabase(server);
    const [data, back, spoolFolder] = ["data", "back", "spool"].map((name) => path.join(folder, name)) as [string, string, string];
    console.log(`${values.keys} keys, ${values.events} events, ${availableParallelism()} processors`);
    await fill(data, Number(values.keys), Number(values.events));
    const there = await timed("data folder to PostgreSQL", async () => copyContents(await openContents(data), await openDatabaseTarget(database.url)));
    const andBack = await timed("PostgreSQL to data folder", async () => copyContents(await openDatabaseContents({ url: database.url, spoolFolder }), await openFolderTarget(back)));
    if (there.sha256 !== andBack.sha256) throw new Error("the audit hashes differ");
    for (const { kind, count, sha256 } of andBack.kinds) if (count > 0) console.log(`  ${kind}: ${count}, ${sha256}`);
  } finally {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

void main();
