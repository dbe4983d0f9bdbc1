import type { AnyRow, CollectionName } from "../../shared/events";
import { DEFAULT_LIMIT, listRows } from "../../shared/records";
import { INDEXES, type ListQuery, type Page, type Records, type Versioned } from "../../types";
import type { Database, Queryable } from "../database";
import type { ChangeFeed } from "./changeFeed";
import { isMirrored, type Listener, type Mirror, type MirroredName } from "./mirror";
import type { RecordWriter } from "./recordWriter";
import { columnOf, decodeRow, isAskable, RECORD_TABLES } from "./tables";

export interface RecordsDeps {
  readonly database: Database;
  readonly mirror: Mirror;
  readonly feed: ChangeFeed;
  readonly writer: RecordWriter;
}

/** Where rows are read: in memory, or in their table. */
interface Reader {
  get(id: string): Promise<AnyRow | undefined>;
  find(index: string, value: string): Promise<AnyRow | undefined>;
  list(query: ListQuery): Promise<Page<AnyRow>>;
}

/** One collection of the port. What requests ask for is read in memory, everything else from the server. */
export function createRecords<T extends { readonly id: string }>(deps: RecordsDeps, name: CollectionName): Records<T> {
  const { mirror, writer } = deps;
  const reader = isMirrored(name) ? mirrorReader(deps, name) : tableReader(deps.database, name);
  return {
    ...(reader as Pick<Records<T>, "get" | "find" | "list">),
    put: async (row, options = {}) => (await writer.put(name, row, options.expectedRevision)) as Versioned<T>,
    delete: (id) => writer.delete(name, id),
    watch: (listener) => mirror.watch(name, listener as unknown as Listener),
  };
}

/** What is made at one node may be asked for at another with the next click or call, before that one has heard of it: these, each with the collections in which its id may stand. */
const ASKED_WHERE_MISSING: Readonly<Partial<Record<MirroredName, readonly MirroredName[]>>> = {
  users: ["clients", "users"], clients: ["clients", "users"], keys: ["keys"], sessions: ["sessions"],
};
/** So often, by one process: who guesses keys must not keep the server busy. */
const MOST_ASKED_PER_SECOND = 200;

function mirrorReader({ database, mirror, feed }: RecordsDeps, name: MirroredName): Reader {
  const table = tableReader(database, name);
  const places = ASKED_WHERE_MISSING[name];
  const mayAsk = perSecond(MOST_ASKED_PER_SECOND);
  const unique = Object.entries(INDEXES[name]).flatMap(([index, kind]) => (kind === "unique" ? [index] : []));
  /** Nobody has it: an owner's id is looked for among clients and users, a key by each of its ids, and only one of these finds it. */
  const mayBeNew = (value: string): boolean =>
    places !== undefined && !places.some((each) => mirror.rows(each).get(value)) && !unique.some((index) => mirror.rows(name).find(index, value)) && mayAsk();
  /** @throws StoreUnavailable when what is in memory may be out of date */
  const rows = () => {
    const failure = feed.failure();
    if (failure) throw failure;
    return mirror.rows(name);
  };
  return {
    get: async (id) => rows().get(id) ?? (mayBeNew(id) ? table.get(id) : undefined),
    find: async (index, value) => rows().find(index, value) ?? (mayBeNew(value) ? table.find(index, value) : undefined),
    list: async (query = {}) => listRows(rows(), query),
  };
}

/** @returns a function that says yes so often in each second */
function perSecond(most: number): () => boolean {
  let second = 0;
  let asked = 0;
  return () => {
    const now = Math.floor(performance.now() / 1_000);
    if (now !== second) [second, asked] = [now, 0];
    asked += 1;
    return asked <= most;
  };
}

function tableReader(on: Queryable, collection: CollectionName): Reader {
  const table = RECORD_TABLES[collection];
  const read = async (name: string, where: string, values: readonly unknown[]): Promise<AnyRow[]> => {
    const found = await on.rows<{ row: string }>({ name: `records.${table.name}.${name}`, text: `SELECT row FROM ${table.name} WHERE ${where}`, values });
    return found.map(({ row }) => decodeRow(collection, row));
  };
  return {
    get: async (id) => (isAskable(id) ? (await read("get", "id = $1", [id]))[0] : undefined),
    find: async (index, value) => (isAskable(value) ? (await read(`find.${index}`, `${columnOf(table, index)} = $1`, [value]))[0] : undefined),
    list: async ({ index, value = "", cursor = "", limit = DEFAULT_LIMIT } = {}) => {
      if (!isAskable(value + cursor)) return { rows: [] };
      // One more than asked for tells whether there is another page.
      const after = "id > $1 ORDER BY id LIMIT $2";
      const found = await (index === undefined
        ? read("list", after, [cursor, limit + 1])
        : read(`list.${index}`, `${columnOf(table, index)} = $3 AND ${after}`, [cursor, limit + 1, value]));
      const rows = found.slice(0, limit);
      const last = rows.at(-1);
      return { rows, ...(last && found.length > limit ? { next: last.id } : {}) };
    },
  };
}
