import { createMemoryStore } from "../../core/stores/memory";
import type { Store } from "../../core/stores/types";
import { storeContract } from "./store.contract";

let store: Store | undefined;

storeContract("memory", {
  open: async () => (store = await createMemoryStore()),
  close: async () => {
    await store?.close();
    store = undefined;
  },
});
