import { StoreConflict } from "../../errors/storeErrors";
import type { ListQuery, Page, Records, RowChange, Versioned } from "../types";
import { placeOf, type Collection } from "./collection";
import type { Engine } from "./engine";
import type { AnyRow, CollectionName } from "./events";

export const DEFAULT_LIMIT = 1_000;

/**
 * A row as a put would store it, with its next revision.
 * @throws StoreConflict when `expectedRevision` is not the row's, or another row has one of its unique values
 */
export function nextRow(rows: Collection, row: { readonly id: string }, expectedRevision: number | undefined): AnyRow {
  const revision = rows.get(row.id)?.revision ?? 0;
  if (expectedRevision !== undefined && expectedRevision !== revision) {
    throw new StoreConflict(`${rows.name}: ${row.id} was changed by somebody else`);
  }
  rows.refuseTaken(row);
  return Object.freeze({ ...row, revision: revision + 1 });
}

/** One page of a collection in memory: by id, the cursor being the last id of the page before. */
export function listRows(rows: Collection, query: ListQuery): Page<AnyRow> {
  const ids = rows.ids(query.index, query.value);
  let start = query.cursor === undefined ? 0 : placeOf(ids, query.cursor);
  if (query.cursor !== undefined && ids[start] === query.cursor) start += 1;
  const page = ids.slice(start, start + (query.limit ?? DEFAULT_LIMIT));
  const last = page.at(-1);
  return {
    rows: page.map((id) => rows.get(id)).filter((row) => row !== undefined),
    ...(last !== undefined && start + page.length < ids.length ? { next: last } : {}),
  };
}

/** One collection of the port over any engine. Rows are frozen: what a reader holds is the store's own. */
export function createRecords<T extends { readonly id: string }>(engine: Engine, name: CollectionName): Records<T> {
  const rows = engine.books.collections[name];
  const listeners = new Set<(change: RowChange<T>) => void>();
  const typed = (row: unknown): Versioned<T> | undefined => row as Versioned<T> | undefined;
  const tell = (change: RowChange<T>): void => {
    for (const listener of [...listeners]) listener(change);
  };
  return {
    get: async (id) => {
      engine.assertUsable();
      return typed(rows.get(id));
    },
    find: async (index, value) => {
      engine.assertUsable();
      return typed(rows.find(index, value));
    },
    list: async (query = {}) => {
      engine.assertUsable();
      return listRows(rows, query) as Page<Versioned<T>>;
    },
    put: async (row, options = {}) => {
      engine.assertUsable();
      const stored = nextRow(rows, row, options.expectedRevision);
      engine.commit({ t: "put", collection: name, row: stored });
      tell({ id: row.id, row: typed(stored) });
      await engine.durable();
      return stored as Versioned<T>;
    },
    delete: async (id) => {
      engine.assertUsable();
      if (!rows.get(id)) return false;
      engine.commit({ t: "delete", collection: name, id });
      tell({ id });
      await engine.durable();
      return true;
    },
    watch: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
