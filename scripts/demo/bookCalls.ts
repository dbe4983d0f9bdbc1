import type { ApiKey } from "../../core/domain/apiKey";
import type { PoolTerms } from "../../core/domain/coinPool";
import type { ConfigSnapshot } from "../../core/domain/configSnapshot";
import type { CallFacts, EntryFlag } from "../../core/domain/ledgerEntry";
import type { CatalogModel } from "../../core/domain/modelCatalog";
import { poolTermsOf } from "../../core/domain/ownerSettings";
import { costOf } from "../../core/domain/price";
import { NO_USAGE, type Usage } from "../../core/domain/usage";
import { uuidv7 } from "../../core/ids";
import { modelDecision } from "../../core/services/modelAccess";
import { CLIENTS, PEOPLE, type DemoClient, type DemoPerson } from "./institution";
import { callTimes, DAY_MS } from "./rhythm";
import type { SeededRandom } from "./seededRandom";
import type { DemoOwner, Happening, SeedDeps } from "./seedInstitution";

export interface CallPlan {
  readonly random: SeededRandom;
  /** Epoch ms of "today". */
  readonly now: number;
  readonly days: number;
  /** Who is there by then. */
  readonly find: (plan: DemoPerson | DemoClient) => DemoOwner | undefined;
}

export interface BookedCalls {
  readonly happenings: readonly Happening[];
  /** How many were booked so far; those that a pool or a rule refused are not. */
  count(): number;
  /** Resolves when all of them are on the disk. */
  durable(): Promise<unknown>;
}

interface PlannedCall {
  readonly at: number;
  readonly plan: DemoPerson | DemoClient;
  readonly via: "api" | "chat";
}

/** All calls of all days: held and settled as the gateway does it, but without a model server. */
export function planCalls(deps: SeedDeps, plan: CallPlan): BookedCalls {
  const { random, now, days, find } = plan;
  const booked: Promise<unknown>[] = [];
  const firstDay = Math.floor(now / DAY_MS) - days + 1;
  const planned = Array.from({ length: days }, (_, day) => [(firstDay + day) * DAY_MS, day / Math.max(1, days - 1)] as const)
    .flatMap(([dayStart, age]) => [...PEOPLE, ...CLIENTS].flatMap((one) => callsOf(one, random, dayStart, age)))
    .filter(({ at }) => at < now - 60_000);
  return {
    happenings: planned.map((call) => ({
      at: call.at,
      run: async () => {
        const owner = find(call.plan);
        if (owner) await bookCall(deps, random, owner, call, booked);
      },
    })),
    count: () => booked.length,
    durable: () => Promise.all(booked),
  };
}

const isClient = (plan: DemoPerson | DemoClient): plan is DemoClient => "rhythm" in plan;

function callsOf(plan: DemoPerson | DemoClient, random: SeededRandom, dayStart: number, age: number): PlannedCall[] {
  const at = (via: "api" | "chat", rhythm: Parameters<typeof callTimes>[1], daily: number) =>
    callTimes(random, rhythm, dayStart, daily, age).map((time) => ({ at: time, plan, via }));
  if (isClient(plan)) return at("api", plan.rhythm, plan.calls);
  const isStudent = JSON.stringify(plan.claims).includes("student@");
  const rhythm = isStudent ? "evening" : "office";
  return [...at("api", rhythm, plan.api), ...at("chat", rhythm, plan.chat)];
}

/** Held first, so that a pool that is empty refuses; then settled a little later. The settlement's write is not waited for. */
async function bookCall(deps: SeedDeps, random: SeededRandom, owner: DemoOwner, { at, via }: PlannedCall, booked: Promise<unknown>[]): Promise<void> {
  const { store, snapshot } = deps;
  const apiKey = via === "api" ? usableKey(owner.keys, at, random) : undefined;
  const { model, decision } = await modelDecision(deps, snapshot, owner.owner, apiKey, random.weighted(owner.plan.models), via);
  const usage = model && usageOf(model, owner.plan, via, random);
  const ending = endingOf(random);
  if (!model || !usage || decision?.verdict !== "allowed" || !owner.owner.active || (via === "api" && !apiKey)) return;
  const facts: CallFacts = {
    ownerId: owner.owner.id, ...(apiKey ? { keyId: apiKey.id } : {}), via, operation: model.capabilities.includes("embeddings") ? "embeddings" : "chat",
    model: model.name, price: model.price, startedAt: at,
  };
  const costNano = costOf(usage, model.price);
  const lines = poolsOf(owner, apiKey, snapshot);
  const id = uuidv7(at);
  const held = lines && (await store.ledger.hold({ id, facts, lines: lines.map((line) => ({ ...line, wantNano: costNano })) }, at));
  if (!held?.ok) return;
  const durationMs = 300 + usage.outputTokens * random.whole(12, 30);
  const endpoint = model.endpoints[0]?.id;
  booked.push(store.ledger.settle({
    id, facts, ...(ending.free ? { usage: NO_USAGE, costNano: 0n } : { usage, costNano }), status: ending.status, flags: ending.flags,
    settledAt: at + durationMs, firstTokenMs: random.whole(90, 900), ...(endpoint === undefined ? {} : { endpoint }),
  }));
}

function usableKey(keys: readonly ApiKey[], at: number, random: SeededRandom): ApiKey | undefined {
  const good = keys.filter(({ createdAt, status, expiresAt = Infinity }) => createdAt <= at && status === "active" && expiresAt > at);
  // The first key is the busiest.
  return good.length === 0 ? undefined : random.weighted(good.map((key, index) => [key, 1 / (index + 1)] as const));
}

/** The pools that a call of this owner draws on; undefined: none, every call is refused. */
export function poolsOf({ owner }: DemoOwner, apiKey: ApiKey | undefined, snapshot: ConfigSnapshot): { pool: string; terms: PoolTerms }[] | undefined {
  const { terms } = poolTermsOf(owner, snapshot);
  if (!terms || terms.kind === "blocked") return undefined;
  const lines = terms.kind === "limited" ? [{ pool: owner.id, terms }] : [];
  const cap = apiKey?.coinCapNano;
  if (cap === undefined) return lines;
  return [...lines, { pool: `key:${apiKey?.id}`, terms: { kind: "limited", maxNano: cap, refreshNanoPerHour: 0n, startingNano: cap } }];
}

function usageOf(model: CatalogModel, plan: DemoPerson | DemoClient, via: "api" | "chat", random: SeededRandom): Usage {
  const median = isClient(plan) ? plan.input : via === "chat" ? 1_500 : 3_200;
  const inputTokens = Math.min(random.skewed(median), model.contextWindow ?? 32_768);
  const embeds = model.capabilities.includes("embeddings");
  const outputTokens = embeds ? 0 : random.skewed(model.supportsReasoning ? 1_800 : 420);
  const cachedInputTokens = model.price.cachedInputPerMillionNano !== undefined && random.next() < 0.25 ? Math.floor(inputTokens * 0.6) : 0;
  return { ...NO_USAGE, inputTokens, cachedInputTokens, outputTokens };
}

/** Nearly all calls end well; now and then somebody leaves, or a model server breaks. */
function endingOf(random: SeededRandom): { readonly status: number; readonly flags: readonly EntryFlag[]; readonly free: boolean } {
  return random.weighted([
    [{ status: 200, flags: [], free: false }, 960],
    [{ status: 200, flags: ["estimated"], free: false }, 15],
    [{ status: 499, flags: ["aborted"], free: false }, 15],
    [{ status: 502, flags: ["failed"], free: false }, 4],
    [{ status: 503, flags: [], free: true }, 6],
  ] as const);
}
