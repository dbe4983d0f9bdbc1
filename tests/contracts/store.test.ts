import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { openLowdbStore } from "../../core/stores/lowdb";
import { createMemoryStore } from "../../core/stores/memory";
import type { Store } from "../../core/stores/types";
import { storeContract } from "./store.contract";

let store: Store | undefined;
let folder = "";

storeContract("memory", {
  manyCalls: 1_000_000,
  open: async () => (store = await createMemoryStore()),
  close: async () => {
    await store?.close();
    store = undefined;
  },
});

// Progress is written at once here, so that what a restart finds does not hang on the time.
const openEmbedded = async (): Promise<Store> => (store = await openLowdbStore({ folder, progressEveryMs: 0 }));

storeContract("embedded", {
  manyCalls: 50_000,
  open: async () => {
    folder = await mkdtemp(path.join(tmpdir(), "lumen-store-"));
    return openEmbedded();
  },
  close: async () => {
    await store?.close();
    store = undefined;
    await rm(folder, { recursive: true, force: true });
  },
  reopen: async () => {
    await store?.close();
    return openEmbedded();
  },
});
