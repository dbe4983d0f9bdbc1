import { systemClock, type Clock } from "../../clock";
import { StoreRefused } from "../../errors/storeErrors";
import type { Store } from "../types";
import { Database } from "./database";
import { openLedger } from "./ledger/openLedger";
import { openPeers } from "./peers/openPeers";
import { openRecords } from "./records/openRecords";
import { openSchema } from "./schema";
import { startMaintenance } from "./usage/maintenance";
import { UsagePartitions } from "./usage/partitions";
import { createUsageHistory } from "./usage/usageHistory";
import { verifyBooks } from "./usage/verifyBooks";

export interface PostgresStoreOptions {
  /** `postgres://user:password@host:port/database`, straight to the server: a pool of transactions in between knows no LISTEN. */
  readonly url: string;
  /** Where settlements wait on this machine's disk while the server is away. */
  readonly spoolFolder: string;
  readonly now?: Clock;
  /** What is found, mended, lost and back again, for the log. */
  readonly onWarning?: (message: string) => void;
  /** What the node is called among the others; default: the name of the machine. */
  readonly nodeName?: string;
  /** Names the pepper of this node's keys: nodes that run at one time have the same. */
  readonly pepperId?: string;
  /** How long a node that is not heard of keeps what it holds (docs/rules.md H6); default 60. */
  readonly leaseSeconds?: number;
  readonly progressEveryMs?: number;
}

/** What the server says where the database is not as it was told to be: wrong password, no such role, no such database, no rights. */
const REFUSAL_CODE = /^(28|3D|42501)/;

function asRefusal(error: unknown): unknown {
  const isRefusal = error instanceof Error && "code" in error && typeof error.code === "string" && REFUSAL_CODE.test(error.code);
  return isRefusal ? new StoreRefused(`PostgreSQL refuses: ${error.message}`) : error;
}

/**
 * Opens the store on PostgreSQL, next to any number of other nodes.
 * @throws StoreRefused for an address that is none, a database that is not Lumen's or of another version, and another pepper than the
 *   other nodes have; StoreUnavailable when the server cannot be reached. No message holds the address.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const { url, now = systemClock, onWarning = () => undefined } = options;
  if (!URL.canParse(url)) {
    throw new StoreRefused("the address of the store cannot be read: postgres://user:password@host:5432/database, with %40 for an @ in the password, %2F for a /");
  }
  const database = new Database({ url });
  const closers: (() => Promise<void>)[] = [() => database.close()];
  const close = async () => {
    for (const end of closers.splice(0).reverse()) await end();
  };
  try {
    await openSchema(url);
    const partitions = new UsagePartitions(database);
    closers.push(await startMaintenance(database, partitions, { now, onWarning: (error) => onWarning(`upkeep of the usage tables: ${String(error)}`) }));
    const records = await openRecords({ url, database, onWarning });
    closers.push(() => records.close());
    const opened = await openLedger({ ...options, database, now, onWarning, partitions: (moments) => partitions.ensureFor(moments) });
    closers.push(() => opened.close());
    const { rateLimits, runningAnswers, ...peers } = openPeers(database);
    closers.push(() => peers.close());
    const { failure, close: _close, ...collections } = records;
    return {
      ...collections,
      rateLimits,
      runningAnswers,
      ledger: opened.ledger,
      usage: createUsageHistory(database),
      verifyBooks: () => verifyBooks({ url }, now),
      failure,
      journalState: () => opened.state(),
      // Each commit is one.
      checkpoint: async () => undefined,
      backup: async () => {
        throw new StoreRefused("the store is in PostgreSQL: a backup of it is made by the command line itself, or as your database is backed up");
      },
      close,
    };
  } catch (error) {
    await close().catch(() => undefined);
    throw asRefusal(error);
  }
}
