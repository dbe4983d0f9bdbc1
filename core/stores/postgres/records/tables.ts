import { INDEXES } from "../../types";
import { reviveRow } from "../../shared/codec";
import { Collection, type IndexKinds } from "../../shared/collection";
import type { AnyRow, CollectionName } from "../../shared/events";

/** `formerId` → `former_id` */
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Where changes of records are announced. */
export const CHANNEL = "lumen_changes";

export const COLLECTIONS = Object.keys(INDEXES) as readonly CollectionName[];

/** Where a collection is kept: its table, and a column for each of its indexes. */
export interface RecordTable {
  readonly collection: CollectionName;
  readonly name: string;
  readonly columns: readonly { readonly index: string; readonly name: string; readonly unique: boolean }[];
}

const tableOf = (collection: CollectionName, kinds: IndexKinds): RecordTable => ({
  collection, name: snake(collection),
  columns: Object.entries(kinds).map(([index, kind]) => ({ index, name: snake(index), unique: kind === "unique" })),
});

export const RECORD_TABLES = Object.fromEntries(
  COLLECTIONS.map((collection) => [collection, tableOf(collection, INDEXES[collection])]),
) as Readonly<Record<CollectionName, RecordTable>>;

/** The column of an index. @throws RangeError where the collection has no such index */
export function columnOf({ collection, columns }: RecordTable, index: string): string {
  const column = columns.find((one) => one.index === index);
  if (!column) throw new RangeError(`${collection} has no such index: ${index}`);
  return column.name;
}

/** What an index says of a row; null where it says nothing. */
export function indexed(row: object, index: string): string | null {
  const value = (row as Readonly<Record<string, unknown>>)[index];
  return typeof value === "string" ? value : null;
}

/** A row as its table has it. Frozen: what a reader holds may be the store's own. */
export function decodeRow(collection: CollectionName, json: string): AnyRow {
  const row = JSON.parse(json) as AnyRow;
  reviveRow(collection, row);
  return Object.freeze(row);
}

/** Names and ids hold no U+0000, which PostgreSQL takes in no text: what is asked for with one is not there. */
export const isAskable = (text: string): boolean => !text.includes("\0");

/** An empty collection in memory, with its indexes. */
export function emptyCollection(collection: CollectionName): Collection {
  const rows = new Collection(collection, INDEXES[collection]);
  rows.buildIndexes();
  return rows;
}
