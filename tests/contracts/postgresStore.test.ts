import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { openPostgresStore } from "../../core/stores/postgres/openPostgresStore";
import type { Store } from "../../core/stores/types";
import { createStoreDatabase, describeOnPostgres, type TestDatabase } from "../support/postgresDatabases";
import { storeContract } from "./store.contract";

describeOnPostgres("PostgreSQL", () => {
  let database: TestDatabase | undefined;
  let store: Store | undefined;
  let folder = "";
  const openStore = async (): Promise<Store> => (store = await openPostgresStore({ url: database!.url, spoolFolder: folder, progressEveryMs: 0 }));
  storeContract("PostgreSQL", {
    manyCalls: 2_000,
    open: async () => {
      folder = await mkdtemp(path.join(tmpdir(), "lumen-spool-"));
      database = await createStoreDatabase();
      return openStore();
    },
    close: async () => {
      await store?.close();
      store = undefined;
      await database?.drop();
      await rm(folder, { recursive: true, force: true });
    },
    reopen: async () => {
      await store?.close();
      return openStore();
    },
  });
});
