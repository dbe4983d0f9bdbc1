import type { KeyMaterial } from "../../core/adapters/keys/types";
import { NANO_PER_COIN } from "../../core/domain/coins";
import type { ApiKey } from "../../core/domain/apiKey";
import type { ConfigSnapshot } from "../../core/domain/configSnapshot";
import type { Owner, User } from "../../core/domain/owner";
import { adjustCoins } from "../../core/services/adjustCoins";
import { changeRow } from "../../core/services/changeRow";
import { addManager } from "../../core/services/clients/addManager";
import { setClientActive } from "../../core/services/clients/setClientActive";
import { createApiKey } from "../../core/services/createApiKey";
import { createClient } from "../../core/services/createClient";
import { createUser } from "../../core/services/createUser";
import type { Outcome } from "../../core/services/outcome";
import { recordConsent } from "../../core/services/recordConsent";
import { revokeApiKey } from "../../core/services/revokeApiKey";
import type { Store } from "../../core/stores/types";
import { CLIENTS, DOMAIN, PEOPLE, type DemoClient, type DemoKey, type DemoPerson } from "./institution";
import { DAY_MS } from "./rhythm";
import { seededRandom, type SeededRandom } from "./seededRandom";
import { planCalls } from "./bookCalls";
import { conversationsOf } from "./seedConversations";

/** A clock whose hands are turned: what is told to have been long ago is stored with the time of then. */
export interface DemoClock {
  (): number;
  set(to: number): void;
}

export function demoClock(): DemoClock {
  let at = 0;
  return Object.assign(() => at, { set: (to: number) => { at = Math.max(at, to); } });
}

export interface SeedDeps {
  readonly store: Store;
  readonly keys: KeyMaterial;
  readonly clock: DemoClock;
  readonly snapshot: ConfigSnapshot;
}

export interface SeedOptions {
  /** Epoch ms of "today". */
  readonly now: number;
  /** How many days of usage, up to today. */
  readonly days?: number;
  readonly seed?: number;
}

export interface Seeded {
  readonly users: number;
  readonly clients: number;
  readonly keys: number;
  /** Settled, those of the conversations not counted. */
  readonly calls: number;
}

/** An owner with what calls are made by. */
export interface DemoOwner {
  readonly owner: Owner;
  readonly plan: DemoPerson | DemoClient;
  readonly keys: ApiKey[];
}

export interface Happening {
  readonly at: number;
  readonly run: () => Promise<unknown>;
}

export const valueOf = <T>(outcome: Outcome<T>): T => {
  if (!outcome.ok) throw new Error(`the demonstration could not be made: ${outcome.message}`);
  return outcome.value;
};

export const addressOf = (name: string): string => `${name.toLowerCase().replaceAll(" ", ".")}@${DOMAIN}`;

/**
 * Fills an empty store with a small university: people, clients, keys, consents and weeks of calls, through the use cases that
 * the pages use, in the order in which it would have happened. The same seed makes the same, but for the keys' secrets.
 */
export async function seedInstitution(deps: SeedDeps, options: SeedOptions): Promise<Seeded> {
  const { now, days = 90, seed = 7 } = options;
  const random = seededRandom(seed);
  const owners: DemoOwner[] = [];
  const calls = planCalls(deps, { random, now, days, find: (plan) => owners.find((one) => one.plan === plan) });
  const byAddress = (address: string) => owners.find(({ plan }) => addressOf(plan.name) === address);
  const happenings = [...arrivals(deps, now, random, owners), ...calls.happenings, ...lateChanges(deps, now, owners), ...conversationsOf(deps, now, byAddress)];
  for (const { at, run } of happenings.filter((one) => one.at <= now).sort((a, b) => a.at - b.at)) {
    deps.clock.set(at);
    await run();
  }
  await calls.durable();
  deps.clock.set(now);
  return { users: PEOPLE.length, clients: CLIENTS.length, keys: owners.reduce((sum, { keys }) => sum + keys.length, 0), calls: calls.count() };
}

function* arrivals(deps: SeedDeps, now: number, random: SeededRandom, owners: DemoOwner[]): Generator<Happening> {
  const cameAt = new Map<string, number>();
  const idOf = (name: string) => owners.find(({ plan }) => addressOf(plan.name) === `${name}@${DOMAIN}`)?.owner.id;
  for (const plan of PEOPLE) {
    const at = now - plan.since * DAY_MS - random.whole(0, DAY_MS / 4);
    cameAt.set(addressOf(plan.name), at);
    yield { at, run: async () => {
      const made = valueOf(await createUser(deps, { email: addressOf(plan.name), name: plan.name, by: "system" }));
      const user = await changeRow<User>(deps.store.users, made.id, (row) => row && { ...row, claims: plan.claims });
      if (user) owners.push({ owner: user, plan, keys: [] });
    } };
    yield* keysOf(deps, now, at, plan, owners);
  }
  for (const plan of CLIENTS) {
    const managersCame = plan.managers.map((name) => cameAt.get(`${name}@${DOMAIN}`) ?? now);
    const at = Math.max(now - plan.since * DAY_MS, ...managersCame) + 3_600_000;
    yield { at, run: async () => {
      const by = idOf("ada.lindqvist") ?? "system";
      let client = valueOf(await createClient(deps, { name: plan.name, by }));
      for (const name of plan.managers) ({ client } = valueOf(await addManager(deps, { id: client.id, email: `${name}@${DOMAIN}`, by })));
      owners.push({ owner: client, plan, keys: [] });
    } };
    yield* keysOf(deps, now, at, plan, owners);
  }
}

/** Each key a day or more after its owner came, and what became of it. */
function* keysOf(deps: SeedDeps, now: number, since: number, plan: DemoPerson | DemoClient, owners: readonly DemoOwner[]): Generator<Happening> {
  const found = (): DemoOwner => {
    const owner = owners.find((one) => one.plan === plan);
    if (!owner) throw new Error(`${plan.name} is not there yet`);
    return owner;
  };
  for (const [index, key] of plan.keys.entries()) {
    const madeAt = Math.min(since + (index * 9 + 1) * DAY_MS, now - (key.revokedDaysAgo ?? 0) * DAY_MS - DAY_MS, now - 3_600_000);
    yield { at: madeAt, run: async () => {
      const { owner, keys } = found();
      const { apiKey } = valueOf(await createApiKey(deps, { owner, snapshot: deps.snapshot, by: by(owner), ...termsOf(key, now) }));
      keys.push(apiKey);
    } };
    if (key.revokedDaysAgo !== undefined) yield { at: now - key.revokedDaysAgo * DAY_MS, run: async () => {
      const { owner, keys } = found();
      const index = keys.findIndex(({ name }) => name === key.name);
      const revoked = keys[index];
      if (revoked) keys[index] = valueOf(await revokeApiKey(deps, { keyId: revoked.id, by: by(owner) }));
    } };
  }
  for (const name of plan.consents ?? []) yield { at: since + 2 * DAY_MS, run: async () => {
    const { owner } = found();
    const model = deps.snapshot.models.get(name);
    if (model) valueOf(await recordConsent(deps, { owner, model, by: by(owner) }));
  } };
}

const by = (owner: Owner): string => (owner.kind === "user" ? owner.id : (owner.managers[0] ?? "system"));

function termsOf(key: DemoKey, now: number) {
  return {
    name: key.name,
    ...(key.expiresInDays === undefined ? {} : { expiresAt: now + key.expiresInDays * DAY_MS }),
    ...(key.capCoins === undefined ? {} : { coinCapNano: key.capCoins * NANO_PER_COIN }),
    ...(key.models ? { models: key.models } : {}),
  };
}

/** Grants by the administrator, and accounts that were closed. */
function* lateChanges(deps: SeedDeps, now: number, owners: readonly DemoOwner[]): Generator<Happening> {
  const ownerOf = (name: string) => owners.find(({ plan }) => plan.name === name)?.owner;
  const grants = [["Mei Zhang", 5n, 30, "Hackathon of the computer club"], ["genome-annotator", 20n, 12, "Reannotation of release 44"]] as const;
  for (const [name, coins, daysAgo, reason] of grants) yield { at: now - daysAgo * DAY_MS, run: async () => {
    const [owner, admin] = [ownerOf(name), ownerOf("Ada Lindqvist")];
    if (owner) valueOf(await adjustCoins(deps, { owner, snapshot: deps.snapshot, kind: "grant", amountNano: coins * NANO_PER_COIN, reason, by: admin?.id ?? "system" }));
  } };
  for (const plan of [...PEOPLE, ...CLIENTS].filter(({ inactive }) => inactive)) yield { at: now - 65 * DAY_MS, run: async () => {
    const owner = ownerOf(plan.name);
    if (owner?.kind === "user") await changeRow<User>(deps.store.users, owner.id, (row) => row && { ...row, active: false });
    else if (owner) valueOf(await setClientActive(deps, { id: owner.id, active: false, by: ownerOf("Ada Lindqvist")?.id ?? "system" }));
  } };
}
