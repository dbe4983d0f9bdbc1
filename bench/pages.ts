import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { stringify } from "yaml";
import type { CallFacts } from "../core/domain/ledgerEntry";
import type { Client, User } from "../core/domain/owner";
import { costOf, type Price } from "../core/domain/price";
import { NO_USAGE } from "../core/domain/usage";
import { uuidv7 } from "../core/ids";
import { openLowdbStore } from "../core/stores/lowdb/openLowdbStore";
import type { Store } from "../core/stores/types";
import { startLumenProcess } from "../tests/support/lumenProcess";
import { signedIn, type PageVisitor } from "../tests/support/pageVisitor";
import { percentile } from "./statistics";

const USERS = 10_000;
const CLIENTS = 2_000;
const MODELS = 500;
/** Each stands for 25 calls by one owner of one model on one day: the sums are those of five million calls. */
const SETTLEMENTS = 200_000;
const CALLS_EACH = 25;
const DAYS = 90;
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

/** Everything through the store's port; writes are waited for a thousand at a time. */
async function fill(store: Store, now: number): Promise<{ readonly clientId: string }> {
  const waiting: Promise<unknown>[] = [];
  const soon = async (write: Promise<unknown>) => {
    if (waiting.push(write) >= 1_000) await Promise.all(waiting.splice(0));
  };
  const owners: string[] = [];
  const createdAt = now - DAYS * DAY_MS;
  for (let index = 0; index < USERS; index++) {
    const email = index === 0 ? ADMIN : `user${index}@bench.example`;
    const user: User = { id: uuidv7(), kind: "user", email, name: `User ${index}`, claims: {}, active: true, createdAt };
    owners.push(user.id);
    await soon(store.users.put(user));
  }
  const clients: string[] = [];
  for (let index = 0; index < CLIENTS; index++) {
    const client: Client = { id: uuidv7(), kind: "client", name: `client-${index}`, managers: [owners[index % USERS] ?? "", owners[(index * 7) % USERS] ?? ""], active: index % 20 !== 0, createdAt };
    clients.push(client.id);
    await soon(store.clients.put(client));
  }
  owners.push(...clients);
  for (let index = 0; index < SETTLEMENTS; index++) {
    const at = now - (DAYS - 1 - Math.floor((index / SETTLEMENTS) * DAYS)) * DAY_MS - (index % 24) * 3_600_000;
    // One in fifty is the administrator's, so that their own pages have much to add up.
    const ownerId = index % 50 === 0 ? owners[0] : owners[(index * 7_919) % owners.length];
    const model = modelName((index * index) % MODELS);
    const facts: CallFacts = { ownerId: ownerId ?? "", via: index % 3 === 0 ? "chat" : "api", operation: "chat", model, price: PRICE, startedAt: at };
    const usage = { ...NO_USAGE, inputTokens: 1_200 * CALLS_EACH, outputTokens: 300 * CALLS_EACH };
    await soon(store.ledger.settle({ id: uuidv7(), facts, usage, costNano: costOf(usage, PRICE), settledAt: at + 800, status: 200, flags: [] }));
  }
  await Promise.all(waiting);
  return { clientId: clients[1] ?? "" };
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

async function main(): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "lumen-pages-"));
  const data = path.join(folder, "data");
  try {
    const begun = performance.now();
    const store = await openLowdbStore({ folder: data });
    const { clientId } = await fill(store, Date.now()).finally(() => store.close());
    console.log(`filled in ${((performance.now() - begun) / 1_000).toFixed(0)} s: ${USERS} users, ${CLIENTS} clients, ${MODELS} models, ${SETTLEMENTS} settlements, each the sum of ${CALLS_EACH} calls`);
    const lumen = await startLumenProcess({ config: configText(), env: { LUMEN_DATA: data, LUMEN_LOG_LEVEL: "warn", NODE_ENV: "production" } });
    try {
      const visitor = await signedIn(lumen, ADMIN);
      const pages = ["/profile", "/clients", `/clients/${clientId}`, "/usage", "/usage?owner=everyone", "/models", "/admin/users", "/admin/audit", "/admin/endpoints"];
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
