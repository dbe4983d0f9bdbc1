import type { AnyRow, CollectionName } from "../../shared/events";
import { DEFAULT_LIMIT, listRows } from "../../shared/records";
import type { ListQuery, Page, Records, Versioned } from "../../types";
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

/** Who signs in at one node may ask another with the next click, before it has heard of it. */
const ASKED_WHERE_MISSING: ReadonlySet<MirroredName> = new Set<MirroredName>(["users", "sessions"]);

function mirrorReader({ database, mirror, feed }: RecordsDeps, name: MirroredName): Reader {
  const table = ASKED_WHERE_MISSING.has(name) ? tableReader(database, name) : undefined;
  /** @throws StoreUnavailable when what is in memory may be out of date */
  const rows = () => {
    const failure = feed.failure();
    if (failure) throw failure;
    return mirror.rows(name);
  };
  return {
    get: async (id) => rows().get(id) ?? table?.get(id),
    find: async (index, value) => rows().find(index, value),
    list: async (query = {}) => listRows(rows(), query),
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
