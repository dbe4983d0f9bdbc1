import { StoreRefused } from "../../../errors/storeErrors";
import type { ContentsEntry, ContentsItem, ContentsTarget } from "../../shared/contents";
import { Rollups } from "../../shared/rollups";
import { connect, inTurn, type Queryable } from "../database";
import { madeAt } from "../ledger/callTime";
import { COLLECTIONS, RECORD_TABLES } from "../records/tables";
import { migrate } from "../schema";
import { markFinished, markUnfinished } from "../unfinishedCopy";
import { UsagePartitions } from "../usage/partitions";
import { rollupPieces } from "../usage/rollupWriter";
import { OneAhead } from "./bulkTable";
import { filledTables, type PlacedEntry } from "./filledTables";
import { refuseServing } from "./openContents";
import { readContents } from "./readContents";

const COPY_LOCK = 5_174_600_122;
/** Statements over all of a store take as long as they take. */
const TIMEOUT_MS = 3_600_000;
const ROLLUPS_AT_ONCE = 1_000;
const TABLES = [...COLLECTIONS.map((name) => RECORD_TABLES[name].name), "messages", "files", "pools", "holds", "adjustments", "usage", "corrected_usage", "audit_events"];

/** No node can start from here to the end of the transaction, and none runs. */
async function begin(on: Queryable): Promise<void> {
  await on.rows("BEGIN");
  await refuseServing(on, "to");
}

async function refuseFilled(on: Queryable): Promise<void> {
  const [row] = await on.rows<{ filled: boolean }>(`SELECT ${TABLES.map((table) => `EXISTS (SELECT FROM ${table})`).join(" OR ")} AS filled`);
  if (row?.filled) throw new StoreRefused("the database to copy to is not empty: name an empty one (CREATE DATABASE lumen)");
}

/**
 * Makes an empty database, or one that an earlier attempt left unfinished, ready to be filled. Everything is written in one transaction:
 * an interrupted copy leaves nothing but its mark.
 * @throws StoreRefused for a database that holds anything, that a gateway runs on or that another copy fills
 */
export async function openDatabaseTarget(url: string): Promise<ContentsTarget> {
  await migrate(url);
  const client = await connect({ url, timeoutMs: TIMEOUT_MS });
  const on = inTurn(client);
  const close = () => client.end();
  try {
    const [lock] = await on.rows<{ taken: boolean }>({ text: "SELECT pg_try_advisory_lock($1) AS taken", values: [COPY_LOCK] });
    if (!lock?.taken) throw new StoreRefused("another copy into this database is under way");
    await begin(on);
    await refuseFilled(on);
    await markUnfinished(on);
    await on.rows("COMMIT");
    await begin(on);
  } catch (error) {
    await close();
    throw error;
  }
  const filler = new Filler(on);
  return {
    take: (items) => filler.take(items),
    written: async () => {
      await filler.finish();
      return { read: () => readContents(on), close: async () => undefined };
    },
    complete: async () => {
      await markFinished(on);
      await on.rows("COMMIT");
      // Or the first questions would be planned for empty tables.
      await on.rows("ANALYZE");
    },
    close,
  };
}

/** Writes what it is given into the tables, and counts on the way what pages read. */
class Filler {
  readonly #tables: ReturnType<typeof filledTables>;
  readonly #ahead: OneAhead;
  readonly #partitions: UsagePartitions;
  readonly #rollups = new Rollups();
  /** Entries that may be corrected yet (docs/rules.md H6). */
  readonly #expired = new Map<string, PlacedEntry>();
  #seq = 0;

  constructor(private readonly on: Queryable) {
    this.#ahead = new OneAhead(on);
    this.#tables = filledTables(this.#ahead);
    this.#partitions = new UsagePartitions(on);
  }

  async take(items: readonly ContentsItem[]): Promise<void> {
    await this.#partitions.ensureFor(items.flatMap((item) => (item.t === "settle" ? madeAt(item.entry) : [])));
    for (const item of items) {
      switch (item.t) {
        case "pool": await this.#tables.pools.add(item.pool); break;
        case "adjust": await this.#tables.adjustments.add(item.adjustment); break;
        case "settle": await this.#book(item); break;
        case "audit": await this.#tables.audit.add(item.event); break;
        case "put": await this.#tables.records[item.collection].add(item.row); break;
        case "message": await this.#tables.messages.add(item); break;
        case "file": await this.#tables.files.add(item); break;
        case "hold": throw new StoreRefused("a store is copied into a database when nothing is held in it");
      }
    }
  }

  async finish(): Promise<void> {
    const { records, ...others } = this.#tables;
    for (const expired of this.#expired.values()) await others.usage.add(expired);
    for (const table of [...Object.values(others), ...Object.values(records)]) await table.flush();
    for (const piece of rollupPieces(this.#rollups, 0, ROLLUPS_AT_ONCE)) await this.#ahead.rows(piece);
    await this.#ahead.done();
    await this.on.rows({ text: "SELECT setval('usage_seq', $1)", values: [this.#seq + 1] });
  }

  async #book({ entry, prior }: ContentsEntry): Promise<void> {
    this.#seq += 1;
    this.#rollups.settle(entry, prior, this.#seq);
    const placed = { entry, seq: this.#seq };
    const before = prior && this.#expired.get(entry.id);
    if (before) {
      this.#expired.delete(entry.id);
      await this.#tables.corrected.add(before);
    }
    if (entry.flags.includes("expired")) this.#expired.set(entry.id, placed);
    else await this.#tables.usage.add(placed);
  }
}
