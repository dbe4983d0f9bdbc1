import type { Clock } from "../../core/clock";
import { openLowdbStore } from "../../core/stores/lowdb";
import type { Store } from "../../core/stores/types";
import type { LumenProcess } from "./lumenProcess";

/** Opens what a gateway keeps everything in, whichever engine it is; with the embedded one the gateway must not be running. */
export function openStoreOf({ env }: Pick<LumenProcess, "env">, now?: Clock): Promise<Store> {
  return openLowdbStore({ folder: env["LUMEN_DATA"] ?? "", ...(now ? { now } : {}) });
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
