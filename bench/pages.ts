import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { stringify } from "yaml";
import type { CallFacts } from "../core/domain/ledgerEntry";
import type { Client, User } from "../core/domain/owner";
import { costOf, type Price } from "../core/domain/price";
import { NO_USAGE } from "../core/domain/usage";
import { uuidv7 } from "../core/ids";
import { openLowdbStore } from "../core/stores/lowdb/openLowdbStore";
import { openPostgresStore } from "../core/stores/postgres/openPostgresStore";
import { migrate } from "../core/stores/postgres/schema";
import { verifyBooks } from "../core/stores/postgres/usage/verifyBooks";
import type { Store } from "../core/stores/types";
import { startLumenProcess } from "../tests/support/lumenProcess";
import { signedIn, type PageVisitor } from "../tests/support/pageVisitor";
import { createDatabase } from "../tests/support/postgresDatabases";
import { startPostgresServer } from "../tests/support/postgresServer";
import { seedUsage } from "./seedUsage";
import { percentile } from "./statistics";

const USERS = 10_000;
const CLIENTS = 2_000;
const MODELS = 500;
/** Each stands for 25 calls by one owner of one model on one day: the sums are those of five million calls. */
const SETTLEMENTS = 200_000;
const CALLS_EACH = 25;
const DAYS = 90;
/** Of the calls on PostgreSQL, `--rows` in all. */
const MONTHS = 25;
const SERVER_SETTINGS = { shared_buffers: "1GB", effective_cache_size: "4GB", max_wal_size: "8GB" };
const WARM = 5;
const REQUESTS = 50;
const LIMIT_MS = 300;
const DAY_MS = 86_400_000;
const ADMIN = "admin@bench.example";
const PRICE: Price = { inputPerMillionNano: 500_000_000n, outputPerMillionNano: 1_000_000_000n };

const modelName = (index: number): string => `model-${String(index).padStart(3, "0")}`;

function configText(): string {
  return stringify({
    admins: [ADMIN],
    defaults: { models: { access: "whitelist" } },
    users: { default: { max: -2 } },
    clients: { default: { max: -2 } },
    models: Array.from({ length: MODELS }, (_, index) => ({
      name: modelName(index), description: "A model of the bench.", input_cost_per_million: "0.5", output_cost_per_million: "1.0", endpoints: [{ url: "demo:", model: "dummy", api_key: modelName(index) }],
    })),
  });
}

interface Owners { readonly users: readonly User[]; readonly clients: readonly Client[] }

/** The first user is the administrator. */
function owners(createdAt: number): Owners {
  const users = Array.from({ length: USERS }, (_, index): User => {
    const email = index === 0 ? ADMIN : `user${index}@bench.example`;
    return { id: uuidv7(), kind: "user", email, name: `User ${index}`, claims: {}, active: true, createdAt };
  });
  const managers = (index: number) => [users[index % USERS]?.id ?? "", users[(index * 7) % USERS]?.id ?? ""];
  const clients = Array.from({ length: CLIENTS }, (_, index): Client => ({
    id: uuidv7(), kind: "client", name: `client-${index}`, managers: managers(index), active: index % 20 !== 0, createdAt,
  }));
  return { users, clients };
}

const idsOf = ({ users, clients }: Owners): string[] => [...users, ...clients].map(({ id }) => id);

/** Writes are waited for a thousand at a time. */
function waitingRoom(): { readonly soon: (write: Promise<unknown>) => Promise<void>; readonly end: () => Promise<unknown> } {
  const waiting: Promise<unknown>[] = [];
  return {
    soon: async (write) => {
      if (waiting.push(write) >= 1_000) await Promise.all(waiting.splice(0));
    },
    end: () => Promise.all(waiting),
  };
}

async function putOwners(store: Pick<Store, "users" | "clients">, { users, clients }: Owners): Promise<void> {
  const { soon, end } = waitingRoom();
  for (const user of users) await soon(store.users.put(user));
  for (const client of clients) await soon(store.clients.put(client));
  await end();
}

/** A folder of the embedded store, everything through its port. @returns a client's id */
async function fillFolder(folder: string, now: number): Promise<string> {
  const made = owners(now - DAYS * DAY_MS);
  const store = await openLowdbStore({ folder });
  try {
    await putOwners(store, made);
    await settleCalls(store, idsOf(made), now);
  } finally {
    await store.close();
  }
  console.log(`${USERS} users, ${CLIENTS} clients, ${MODELS} models, ${SETTLEMENTS} settlements, each the sum of ${CALLS_EACH} calls`);
  return made.clients[1]?.id ?? "";
}

/** An empty database: calls and rollups in bulk, as the ledger would have written them, the rest through the port. @returns a client's id */
async function fillDatabase(url: string, spoolFolder: string, rows: number, now: number): Promise<string> {
  const made = owners(now - MONTHS * 31 * DAY_MS);
  await migrate(url);
  await seedUsage(url, { rows, months: MONTHS, ownerIds: idsOf(made), models: Array.from({ length: MODELS }, (_, index) => modelName(index)), now });
  const store = await openPostgresStore({ url, spoolFolder });
  try {
    await putOwners(store, made);
  } finally {
    await store.close();
  }
  console.log(`${USERS} users, ${CLIENTS} clients, ${MODELS} models, ${rows} calls in ${MONTHS} months`);
  return made.clients[1]?.id ?? "";
}

async function settleCalls(store: Pick<Store, "ledger">, owners: readonly string[], now: number): Promise<void> {
  const { soon, end } = waitingRoom();
  for (let index = 0; index < SETTLEMENTS; index++) {
    const at = now - (DAYS - 1 - Math.floor((index / SETTLEMENTS) * DAYS)) * DAY_MS - (index % 24) * 3_600_000;
    // One in fifty is the administrator's, so that their own pages have much to add up.
    const ownerId = index % 50 === 0 ? owners[0] : owners[(index * 7_919) % owners.length];
    const model = modelName((index * index) % MODELS);
    const facts: CallFacts = { ownerId: ownerId ?? "", via: index % 3 === 0 ? "chat" : "api", operation: "chat", model, price: PRICE, startedAt: at };
    const usage = { ...NO_USAGE, inputTokens: 1_200 * CALLS_EACH, outputTokens: 300 * CALLS_EACH };
    await soon(store.ledger.settle({ id: uuidv7(), facts, usage, costNano: costOf(usage, PRICE), settledAt: at + 800, status: 200, flags: [] }));
  }
  await end();
}

/** User and system time of a process so far, in ms; Linux tells it in hundredths of a second. 0 elsewhere. */
function cpuMs(pid: number | undefined): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return 0;
  }
}

interface Measured {
  readonly p50: number;
  readonly p95: number;
  /** Of the server, for each request: what a busy machine does not change. */
  readonly cpu: number;
  readonly status: number;
  readonly bytes: number;
}

async function measure(visitor: PageVisitor, address: string, pid: number | undefined): Promise<Measured> {
  const times: number[] = [];
  let cpuBefore = 0;
  let last = { status: 0, html: "" };
  for (let index = -WARM; index < REQUESTS; index++) {
    if (index === 0) cpuBefore = cpuMs(pid);
    const begun = performance.now();
    last = await visitor.get(address);
    if (index >= 0) times.push(performance.now() - begun);
  }
  times.sort((a, b) => a - b);
  return { p50: percentile(times, 0.5), p95: percentile(times, 0.95), cpu: (cpuMs(pid) - cpuBefore) / REQUESTS, status: last.status, bytes: last.html.length };
}

async function measurePages(env: Readonly<Record<string, string>>, clientId: string): Promise<void> {
  const lumen = await startLumenProcess({ config: configText(), store: "embedded", env: { LUMEN_LOG_LEVEL: "warn", NODE_ENV: "production", ...env } });
  try {
    const visitor = await signedIn(lumen, ADMIN);
    const pages = ["/profile", "/clients", `/clients/${clientId}`, "/usage", "/usage?period=year", "/usage?owner=everyone", "/models", "/admin/users", "/admin/audit", "/admin/endpoints"];
    let slow = 0;
    for (const address of pages) {
      const { p50, p95, cpu, status, bytes } = await measure(visitor, address, lumen.child.pid);
      const isSlow = p95 > LIMIT_MS || status !== 200;
      if (isSlow) slow += 1;
      console.log(`${address.replace(clientId, "<id>").padEnd(20)} ${status}  p50 ${p50.toFixed(0).padStart(5)} ms  p95 ${p95.toFixed(0).padStart(5)} ms  CPU ${cpu.toFixed(0).padStart(4)} ms  ${Math.round(bytes / 1_024)} kB${isSlow ? "  <- over the limit" : ""}`);
    }
    if (slow > 0) process.exitCode = 1;
  } finally {
    await lumen.remove();
  }
}

const secondsSince = (begun: number): string => `${((performance.now() - begun) / 1_000).toFixed(0)} s`;

async function onFolder(folder: string): Promise<void> {
  const begun = performance.now();
  const data = path.join(folder, "data");
  const clientId = await fillFolder(data, Date.now());
  console.log(`filled in ${secondsSince(begun)}`);
  await measurePages({ LUMEN_DATA: data }, clientId);
}

/** On the server of `PG_TEST_URL`, else on one of its own; in a database that is gone afterwards. */
async function onPostgres(folder: string, rows: number): Promise<void> {
  const given = process.env["PG_TEST_URL"];
  const server = given ? undefined : await startPostgresServer({ durable: true, settings: SERVER_SETTINGS });
  const database = await createDatabase({ url: given ?? server?.url ?? "" });
  try {
    let begun = performance.now();
    const clientId = await fillDatabase(database.url, path.join(folder, "settlements"), rows, Date.now());
    console.log(`filled in ${secondsSince(begun)}`);
    await measurePages({ LUMEN_DATA: path.join(folder, "data"), LUMEN_STORE_URL: database.url }, clientId);
    begun = performance.now();
    const { exact, entries, differences } = await verifyBooks({ url: database.url });
    console.log(`the books of ${entries} calls ${exact ? "are exact" : `differ: ${differences[0] ?? ""}`}; read again in ${secondsSince(begun)}`);
    if (!exact) process.exitCode = 1;
  } finally {
    await database.drop();
    await server?.close();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { store: { type: "string", default: "embedded" }, rows: { type: "string", default: "10000000" } } });
  const rows = Number(values.rows);
  if (!["embedded", "postgres"].includes(values.store) || !Number.isInteger(rows) || rows < MONTHS) throw new Error("usage: npm run bench:pages -- [--store embedded|postgres] [--rows 10000000]");
  const folder = await mkdtemp(path.join(tmpdir(), "lumen-pages-"));
  try {
    await (values.store === "postgres" ? onPostgres(folder, rows) : onFolder(folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.stack : String(error));
    process.exitCode = 1;
  });
}
