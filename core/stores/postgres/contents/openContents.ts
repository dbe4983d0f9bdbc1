import { systemClock, type Clock } from "../../../clock";
import { StoreRefused } from "../../../errors/storeErrors";
import type { StoreContents } from "../../shared/contents";
import { connect, Database, inTurn, type Queryable } from "../database";
import { openLedger } from "../ledger/openLedger";
import { openSchema, schemaState } from "../schema";
import { UsagePartitions } from "../usage/partitions";
import { readContents } from "./readContents";

/** Statements over all of a store take as long as they take. */
const TIMEOUT_MS = 3_600_000;

interface NodeRecord { readonly name: string }

/**
 * Within a transaction: from here to its end no node can start.
 * @param way whether the store is copied from or to
 * @throws StoreRefused while a node runs, or may run: one that was not heard of lately keeps its lease for a minute
 */
export async function refuseServing(on: Queryable, way: "from" | "to"): Promise<void> {
  await on.rows("LOCK TABLE nodes IN EXCLUSIVE MODE");
  const [node] = await on.rows<NodeRecord>("SELECT name FROM nodes WHERE fenced_at IS NULL AND lease_until > now() ORDER BY slot");
  if (node) throw new StoreRefused(`the database to copy ${way} is in use by the node ${node.name}: stop all nodes first (one that crashed keeps its place for a minute)`);
}

export interface DatabaseContentsOptions {
  readonly url: string;
  /**
   * Where settlements of this machine wait while the server is away. With it, the store is read when nobody uses it, once all that is held
   * is booked (docs/rules.md H6); without it, as it is at one moment while nodes run, open holds included.
   */
  readonly spoolFolder?: string;
  readonly now?: Clock;
}

/** @throws StoreRefused for a database that holds no store of this version, and while nodes run where none may */
export async function openDatabaseContents({ url, spoolFolder, now = systemClock }: DatabaseContentsOptions): Promise<StoreContents> {
  if ((await schemaState(url)).is === "empty") throw new StoreRefused("the database holds no store: it is empty");
  await openSchema(url);
  if (spoolFolder !== undefined) await bookHeld(url, spoolFolder, now);
  const client = await connect({ url, timeoutMs: TIMEOUT_MS });
  const on = inTurn(client);
  try {
    await on.rows("BEGIN ISOLATION LEVEL REPEATABLE READ");
    if (spoolFolder !== undefined) await refuseServing(on, "from");
  } catch (error) {
    await client.end();
    throw error;
  }
  return { read: () => readContents(on), close: () => client.end() };
}

/** Books what nodes left that are no more, and what waits on this machine. @throws StoreRefused while one runs */
async function bookHeld(url: string, spoolFolder: string, now: Clock): Promise<void> {
  const database = new Database({ url, connections: 2 });
  try {
    await database.transaction((on) => refuseServing(on, "from"));
    const partitions = new UsagePartitions(database);
    const opened = await openLedger({ database, spoolFolder, now, partitions: (moments) => partitions.ensureFor(moments) });
    try {
      await opened.ledger.expireHolds(Number.MAX_SAFE_INTEGER, now());
    } finally {
      await opened.close();
    }
  } finally {
    await database.close();
  }
}
