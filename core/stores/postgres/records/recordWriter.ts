import { StoreUnavailable } from "../../../errors/storeErrors";
import { encode } from "../../shared/codec";
import type { Collection } from "../../shared/collection";
import type { AnyRow, CollectionName } from "../../shared/events";
import { nextRow } from "../../shared/records";
import type { Database, Queryable, Statement } from "../database";
import { CHANNEL, decodeRow, emptyCollection, indexed, RECORD_TABLES, type RecordTable } from "./tables";

/** One change that was committed: `revision` is its place in the change feed; without a row it was removed. */
export interface Change {
  readonly revision: number;
  readonly collection: CollectionName;
  readonly id: string;
  readonly row?: AnyRow;
}

/** What somebody wants written and waits for. */
interface Wanted {
  readonly collection: CollectionName;
  readonly id: string;
  /** Undefined: the row goes. */
  readonly row?: { readonly id: string };
  readonly expectedRevision?: number;
  /** With undefined where there was nothing to remove. */
  readonly resolve: (change: Change | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** What became of it; neither of both: there was nothing to remove. */
interface Outcome {
  readonly change?: Change;
  readonly refused?: unknown;
}

const LARGEST_BATCH = 200;

/**
 * Writes the records of this process: what waits while one transaction commits is the next one. The row of `feed` is locked first,
 * so that each transaction sees all earlier ones, and what it decides by the shared rules holds.
 */
export class RecordWriter {
  #waiting: Wanted[] = [];
  #working = false;

  /** @param committed hears of the changes before those who wait for them */
  constructor(private readonly database: Database, private readonly committed: (changes: readonly Change[]) => void) {}

  /** Resolves, with the row as it is stored, when it is committed. @throws StoreConflict, StoreUnavailable */
  async put(collection: CollectionName, row: { readonly id: string }, expectedRevision?: number): Promise<AnyRow> {
    const change = await this.#change({ collection, id: row.id, row, expectedRevision });
    return change?.row as AnyRow;
  }

  /** @returns whether there was such a row */
  async delete(collection: CollectionName, id: string): Promise<boolean> {
    return (await this.#change({ collection, id })) !== undefined;
  }

  #change(wanted: Omit<Wanted, "resolve" | "reject">): Promise<Change | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...wanted, resolve, reject });
      if (!this.#working) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#working = true;
    // What is asked for in this turn goes together.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#write(this.#take());
    this.#working = false;
  }

  /** What waits, in its order, up to the second change of one row. */
  #take(): Wanted[] {
    const seen = new Set<string>();
    let end = 0;
    for (const { collection, id } of this.#waiting.slice(0, LARGEST_BATCH)) {
      const name = `${collection} ${id}`;
      if (seen.has(name)) break;
      seen.add(name);
      end += 1;
    }
    return this.#waiting.splice(0, end);
  }

  async #write(batch: readonly Wanted[]): Promise<void> {
    let outcomes: readonly Outcome[];
    try {
      outcomes = await this.database.transaction((on) => commitBatch(on, batch));
    } catch (error) {
      // A row that the server does not take must not cost the others theirs.
      if (batch.length > 1 && !(error instanceof StoreUnavailable)) for (const one of batch) await this.#write([one]);
      else for (const { reject } of batch) reject(error);
      return;
    }
    this.committed(outcomes.flatMap(({ change }) => change ?? []));
    for (const [at, { resolve, reject }] of batch.entries()) {
      const { change, refused } = outcomes[at] ?? {};
      if (refused === undefined) resolve(change);
      else reject(refused);
    }
  }
}

/** Decides and writes, in the order of the batch. */
async function commitBatch(on: Queryable, batch: readonly Wanted[]): Promise<Outcome[]> {
  const [feed] = await on.rows<{ revision: number }>({ name: "records.lock", text: "SELECT revision FROM feed FOR UPDATE" });
  const stored = await storedRows(on, batch);
  let revision = feed?.revision ?? 0;
  const outcomes = batch.map((wanted): Outcome => {
    const { collection, id } = wanted;
    const rows = stored.get(collection) as Collection;
    try {
      const row = wanted.row && nextRow(rows, wanted.row, wanted.expectedRevision);
      if (!row && !rows.get(id)) return {};
      revision += 1;
      if (row) rows.put(row, revision);
      else rows.delete(id, revision);
      return { change: { revision, collection, id, ...(row ? { row } : {}) } };
    } catch (refused) {
      return { refused };
    }
  });
  const changes = outcomes.flatMap(({ change }) => change ?? []);
  for (const run of runsOf(changes)) await on.rows(writing(run));
  if (changes.length > 0) await on.rows(announcing(changes, revision));
  return outcomes;
}

/** What the decisions of a batch hang on: its rows as they are, and those that have a unique value that it wants. */
async function storedRows(on: Queryable, batch: readonly Wanted[]): Promise<ReadonlyMap<CollectionName, Collection>> {
  const stored = new Map<CollectionName, Collection>();
  for (const collection of new Set(batch.map((wanted) => wanted.collection))) {
    const { name, columns } = RECORD_TABLES[collection];
    const unique = columns.filter((column) => column.unique);
    const mine = batch.filter((wanted) => wanted.collection === collection);
    const found = await on.rows<{ row: string }>({
      name: `records.stored.${name}`,
      text: [`SELECT row FROM ${name} WHERE id = ANY($1)`, ...unique.map((column, at) => `${column.name} = ANY($${at + 2})`)].join(" OR "),
      values: [mine.map(({ id }) => id), ...unique.map(({ index }) => mine.flatMap(({ row }) => (row && indexed(row, index)) ?? []))],
    });
    const rows = emptyCollection(collection);
    for (const { row } of found) rows.put(decodeRow(collection, row), 0);
    stored.set(collection, rows);
  }
  return stored;
}

/** Changes that stand together, are of one collection and do the same: one statement each, so that their order is kept. */
function runsOf(changes: readonly Change[]): Change[][] {
  const runs: Change[][] = [];
  for (const change of changes) {
    const last = runs.at(-1);
    const [before] = last ?? [];
    if (last && before?.collection === change.collection && (before.row === undefined) === (change.row === undefined)) last.push(change);
    else runs.push([change]);
  }
  return runs;
}

function writing(run: readonly Change[]): Statement {
  const table = RECORD_TABLES[run[0]?.collection ?? "users"];
  const ids = run.map(({ id }) => id);
  if (run[0]?.row === undefined) return { name: `records.delete.${table.name}`, text: `DELETE FROM ${table.name} WHERE id = ANY($1)`, values: [ids] };
  const rows = run.flatMap(({ row }) => row ?? []);
  return { name: `records.put.${table.name}`, text: upsert(table), values: [ids, rows.map(encode), ...table.columns.map(({ index }) => rows.map((row) => indexed(row, index)))] };
}

function upsert({ name, columns }: RecordTable): string {
  const names = ["row", ...columns.map((column) => column.name)];
  const values = ["$1::text[]", "$2::json[]", ...columns.map((_, at) => `$${at + 3}::text[]`)];
  return `INSERT INTO ${name} (id, ${names.join(", ")}) SELECT * FROM unnest(${values.join(", ")})
    ON CONFLICT (id) DO UPDATE SET ${names.map((column) => `${column} = excluded.${column}`).join(", ")}`;
}

/** Puts changes into the feed and wakes those who listen, both at the commit. */
function announcing(changes: readonly Change[], revision: number): Statement {
  return {
    name: "records.announce",
    text: `WITH told AS (
        INSERT INTO changes (revision, collection, id) SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[])
      )
      UPDATE feed SET revision = $4 RETURNING pg_notify('${CHANNEL}', '')`,
    values: [changes.map((change) => change.revision), changes.map(({ collection }) => collection), changes.map(({ id }) => id), revision],
  };
}
