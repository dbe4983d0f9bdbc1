import { expect } from "chai";
import { once } from "node:events";
import { Client } from "pg";
import { seededRandom, type SeededRandom } from "../../scripts/demo/seededRandom";
import { chatBody } from "./apiCall";
import { startCuttableProxy, type CuttableProxy } from "./cuttableProxy";
import { answerWell, startFakeUpstream, type FakeUpstream } from "./fakeUpstream";
import { startLumenProcess, type LumenProcess } from "./lumenProcess";
import { createDatabase } from "./postgresDatabases";
import { startPostgresServer, type PostgresServer } from "./postgresServer";
import { readProvenBooks } from "./provenBooks";
import { testConfig } from "./testConfig";
import { until } from "./until";

const NODES = 3;
const CALLS = 600;
/** Of one token of output at 1 coin per million: a thousandth of a thousandth of a coin each. */
const PRICE_NANO = 1_000n;
const FITS = 400;
const LEASE_SECONDS = 6;
const PATIENCE_MS = 20_000;
const PEPPER = "a".repeat(64);

/** The first three are what every run of the tests tries. */
export const FAULTS = ["kill", "crash", "cut", "restart", "pause", "freeze"] as const;
export type Fault = (typeof FAULTS)[number];

/** What came of one round. */
export interface ChaosRound {
  readonly fault: Fault;
  readonly answered: number;
  /** 429: the pool could not pay. */
  readonly refused: number;
  /** 503: the store was away, or nobody knew for sure. */
  readonly unavailable: number;
  /** Calls that broke off: with the node that was killed, or cut off for longer than a caller waits. */
  readonly broken: number;
  readonly late: number;
  readonly expired: number;
}

type Calls = Pick<ChaosRound, "answered" | "refused" | "unavailable" | "broken">;

interface Field {
  readonly server: PostgresServer;
  readonly url: string;
  readonly proxies: readonly CuttableProxy[];
  readonly nodes: readonly LumenProcess[];
  readonly upstream: FakeUpstream;
  readonly key: string;
  readonly seen: Set<string>;
}

/**
 * Three gateways on one PostgreSQL, six hundred calls at once on a pool that cannot pay for all of them, and something that breaks in the midst of
 * it. When everything is back, what is left of the pool is spent, and the books must tell each 200 that a caller saw exactly once (docs/rules.md H2, H3, H6).
 */
export async function chaosRound(fault: Fault, seed: number): Promise<ChaosRound> {
  const server = await startPostgresServer({ durable: true });
  const closers: (() => Promise<unknown>)[] = [() => server.close()];
  try {
    const upstream = await startFakeUpstream(answerWell({ promptTokens: 3, completionTokens: 1 }));
    closers.push(() => upstream.close());
    const { url } = await createDatabase(server);
    const proxies: CuttableProxy[] = [];
    const nodes: LumenProcess[] = [];
    for (let i = 0; i < NODES; i += 1) {
      const proxy = await startCuttableProxy({ port: server.port });
      proxies.push(proxy);
      closers.push(() => proxy.close());
      const node = await startLumenProcess({ config: configOf(upstream.url), env: { LUMEN_STORE_URL: proxy.through(url), LUMEN_PEPPER: PEPPER } });
      nodes.push(node);
      closers.push(() => node.remove());
    }
    const key = await nodes[0]!.newKey("bot");
    const field: Field = { server, url, proxies, nodes, upstream, key, seen: new Set() };
    return await playRound(field, fault, seededRandom(seed));
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

function configOf(upstreamUrl: string): string {
  const clients = { default: { max: coinsText(FITS), refresh: 0, model_access: { default: "whitelist" } } };
  const model = { input_cost_per_million: 0, output_cost_per_million: 1 };
  return testConfig({ urls: [upstreamUrl], model, clients, more: { store: { lease_seconds: LEASE_SECONDS } } });
}

const coinsText = (calls: number): string => (calls / 1e6).toFixed(9);

async function playRound(field: Field, fault: Fault, random: SeededRandom): Promise<ChaosRound> {
  // Each node has found the key before it starts.
  await allOf(field, NODES);
  const struck = random.whole(1, NODES - 1);
  const after = random.whole(20, 200);
  let strike: Promise<void> | undefined;
  const outcome: Calls = await allOf(field, CALLS, (answered) => {
    if (answered === after) strike = strikeWith(field, fault, struck);
  });
  await (strike ?? strikeWith(field, fault, struck));
  await nothingHeld(field);
  await serves(field);
  // Everything is back: what is left in the pool is spent to the last call.
  for (let left = outcome; left.answered + left.unavailable + left.broken > 0; ) left = await allOf(field, CALLS);
  return { fault, ...outcome, ...(await readBooks(field)) };
}

/** Breaks something, and mends it once it has had its effect. */
async function strikeWith({ server, url, proxies, nodes, key }: Field, fault: Fault, index: number): Promise<void> {
  const [node, proxy] = [nodes[index]!, proxies[index]!];
  switch (fault) {
    case "kill":
      await node.kill();
      return node.start();
    case "restart":
      return server.restart();
    case "crash":
      await server.stop("kill");
      return server.start();
    case "pause":
      node.child.kill("SIGSTOP");
      await aNodeIsFenced(url);
      node.child.kill("SIGCONT");
      return;
    case "cut":
      proxy.blackhole();
      await aNodeIsFenced(url);
      return proxy.mend();
    case "freeze":
      server.pause();
      await refuses(nodes[0]!, key);
      return server.resume();
  }
}

/** Everybody at once, over all nodes. @param onAnswer hears how many have ended */
async function allOf({ nodes, key, seen }: Field, count: number, onAnswer: (answered: number) => void = () => undefined): Promise<Calls> {
  const outcome = { answered: 0, refused: 0, unavailable: 0, broken: 0 };
  let ended = 0;
  await Promise.all(Array.from({ length: count }, async (_, i) => {
    const node = nodes[i % nodes.length]!;
    const streamed = i % 3 === 0;
    try {
      const answer = await fetch(`${node.url}/v1/chat/completions`, {
        method: "POST", headers: { authorization: `Bearer ${key}` }, signal: AbortSignal.timeout(PATIENCE_MS),
        body: JSON.stringify(chatBody("m", "x", { max_tokens: 1, ...(streamed ? { stream: true } : {}) })),
      });
      const text = await answer.text();
      const whole = streamed ? text.endsWith("data: [DONE]\n\n") : text.endsWith("}");
      if (answer.status === 200 && whole) {
        seen.add(answer.headers.get("x-request-id") ?? "");
        outcome.answered += 1;
      } else if (answer.status === 429) outcome.refused += 1;
      else if (answer.status === 503) outcome.unavailable += 1;
      else outcome.broken += 1;
    } catch {
      outcome.broken += 1;
    }
    onAnswer((ended += 1));
  }));
  return outcome;
}

/** Each node answers by itself again: that it is paid for, or that the pool is empty. */
async function serves({ nodes, key }: Field): Promise<void> {
  for (const node of nodes) {
    await until(async () => {
      const answer = await fetch(`${node.url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${key}` }, body: JSON.stringify(chatBody("m", "x", { max_tokens: 1 })) });
      await answer.text();
      return answer.status !== 503;
    });
  }
}

/** What needs the store is refused with 503 and a time to come back. */
async function refuses(node: LumenProcess, key: string): Promise<void> {
  await until(async () => {
    const answer = await fetch(`${node.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
    await answer.text();
    return answer.status === 503 && answer.headers.has("retry-after");
  });
}

async function aNodeIsFenced(url: string): Promise<void> {
  await ask(url, "SELECT id FROM nodes WHERE fenced_at IS NOT NULL LIMIT 1");
}

async function nothingHeld({ url }: Field): Promise<void> {
  await ask(url, "SELECT 1 WHERE NOT EXISTS (SELECT FROM holds)");
}

/** Resolves once the question has an answer. */
async function ask(url: string, question: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await until(async () => (await client.query(question)).rowCount !== 0);
  } finally {
    await client.end();
  }
}

async function readBooks({ url, nodes, seen }: Field): Promise<Pick<ChaosRound, "late" | "expired">> {
  for (const node of nodes) {
    const stopped = once(node.child, "close");
    node.child.kill("SIGTERM");
    await stopped;
  }
  const { counts, chargedNano, late, expired } = await readProvenBooks(url);
  expect([...seen].filter((id) => !counts.has(id)), "200s that are not in the ledger").to.deep.equal([]);
  // All that fits, and not a nano-coin more: the last six hundred found what was left.
  expect(chargedNano).to.equal(BigInt(FITS) * PRICE_NANO);
  return { late, expired };
}
