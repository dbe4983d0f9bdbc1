import path from "node:path";
import { openLowdbStore } from "../../core/stores/lowdb";
import { openPostgresStore } from "../../core/stores/postgres/openPostgresStore";
import type { Store } from "../../core/stores/types";
import type { LumenProcess } from "./lumenProcess";

/** Opens what a gateway keeps everything in, whichever engine it is; with the embedded one the gateway must not be running. */
export function openStoreOf({ env }: Pick<LumenProcess, "env">): Promise<Store> {
  const { LUMEN_DATA: folder = "", LUMEN_STORE_URL: url } = env;
  return url ? openPostgresStore({ url, spoolFolder: path.join(folder, "settlements") }) : openLowdbStore({ folder });
}

/** Opens it for this piece of work alone. */
export async function withStoreOf<T>(lumen: Pick<LumenProcess, "env">, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStoreOf(lumen);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
