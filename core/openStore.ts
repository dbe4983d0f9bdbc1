import path from "node:path";
import type { Clock } from "./clock";
import type { ConfigSnapshot } from "./domain/configSnapshot";
import type { Environment } from "./environment";
import type { Store } from "./stores/types";

export interface OpenStoreOptions {
  readonly environment: Pick<Environment, "dataFolder" | "storeUrl">;
  readonly snapshot: Pick<ConfigSnapshot, "store"> | undefined;
  /** Names the pepper that keys are digested with here. */
  readonly pepperId: string;
  readonly now?: Clock;
  readonly onWarning?: (message: string) => void;
  /** Called once when the embedded store cannot write any more: the process should end. */
  readonly onFailure?: (error: Error) => void;
}

/** Where records are kept: an address of PostgreSQL, or empty for the embedded store. Never to be logged. */
export function storeUrl({ environment, snapshot }: Pick<OpenStoreOptions, "environment" | "snapshot">): string {
  return environment.storeUrl ?? snapshot?.store.url ?? "";
}

/**
 * The one place that picks an engine. The other one is not even loaded.
 * @throws StoreRefused, StoreUnavailable
 */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const { environment: { dataFolder }, snapshot, pepperId, now, onWarning, onFailure } = options;
  const url = storeUrl(options);
  if (url === "") {
    const { openLowdbStore } = await import("./stores/lowdb/index.js");
    return openLowdbStore({ folder: dataFolder, now, onWarning, onFailure });
  }
  const { openPostgresStore } = await import("./stores/postgres/openPostgresStore.js");
  return openPostgresStore({ url, spoolFolder: path.join(dataFolder, "settlements"), leaseSeconds: snapshot?.store.leaseSeconds, pepperId, now, onWarning });
}
