import { openKeyMaterial } from "../../core/adapters/keys/openKeyMaterial";
import type { KeyMaterial } from "../../core/adapters/keys/types";
import { systemClock } from "../../core/clock";
import { loadConfig } from "../../core/config/loadConfig";
import type { ConfigSnapshot } from "../../core/domain/configSnapshot";
import type { Environment } from "../../core/environment";
import { openStore } from "../../core/openStore";
import { createApiKey } from "../../core/services/createApiKey";
import { createClient } from "../../core/services/createClient";
import type { Outcome } from "../../core/services/outcome";
import { recordConsent } from "../../core/services/recordConsent";
import { verifyLedger, type LedgerReport } from "../../core/services/verifyLedger";
import type { Store, UsageTotals } from "../../core/stores/types";
import { MODEL } from "../workload";
import { CLIENT, POOR_CLIENT } from "./lumenConfig";

const BY = "cli";

export interface SeededKeys {
  readonly client: string;
  readonly poorClient: string;
}

/** Makes the clients, their keys and their consent to the model: what an administrator does before the first call. */
export async function seedBooks(environment: Environment): Promise<SeededKeys> {
  const { snapshot, faults } = await loadConfig(environment.configFile, process.env);
  if (!snapshot) throw new Error(`the bench's configuration is refused: ${faults.map(({ message }) => message).join("; ")}`);
  return withStore(environment, async (store, keys) => {
    const seed = (name: string) => seedClient({ store, keys, clock: systemClock }, snapshot, name);
    return { client: await seed(CLIENT), poorClient: await seed(POOR_CLIENT) };
  });
}

type SeedDeps = Parameters<typeof createApiKey>[0] & Parameters<typeof createClient>[0] & Parameters<typeof recordConsent>[0];

async function seedClient(deps: SeedDeps, snapshot: ConfigSnapshot, name: string): Promise<string> {
  const owner = must(await createClient(deps, { name, by: BY }));
  const model = snapshot.models.get(MODEL);
  if (!model) throw new Error(`the bench's configuration has no model ${MODEL}`);
  must(await recordConsent(deps, { owner, model, by: BY }));
  return must(await createApiKey(deps, { owner, snapshot, by: BY, name: "bench" })).secret;
}

export interface BooksAfter {
  /** Of the client that sent the load. */
  readonly totals: UsageTotals;
  readonly ledger: LedgerReport;
}

/** Opens what a stopped server left on the disk, and proves it. */
export async function readBooks(environment: Environment): Promise<BooksAfter> {
  return withStore(environment, async (store) => {
    const owner = await store.clients.find("name", CLIENT);
    if (!owner) throw new Error(`the store has no client ${CLIENT} any more`);
    return { totals: await store.usage.totals({ ownerId: owner.id }), ledger: await verifyLedger({ store }) };
  });
}

async function withStore<T>(environment: Environment, work: (store: Store, keys: KeyMaterial) => Promise<T>): Promise<T> {
  let failure: Error | undefined;
  const keys = await openKeyMaterial({ secretsFolder: environment.secretsFolder });
  const store = await openStore({
    environment,
    snapshot: undefined,
    pepperId: keys.pepperId,
    now: systemClock,
    onFailure: (error: Error) => void (failure = error),
    onWarning: (message: string) => console.error(message),
  });
  try {
    const result = await work(store, keys);
    if (failure) throw failure;
    return result;
  } finally {
    await store.close();
    await keys.close();
  }
}

function must<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new Error(`the bench could not be set up: ${JSON.stringify(outcome)}`);
}
