import { StoreConflict } from "../../errors/storeErrors";
import type { AnyRow } from "./events";

export type IndexKinds = Readonly<Record<string, "unique" | "many">>;

interface Stored {
  readonly row: AnyRow;
  readonly seq: number;
}

/** Where in a sorted list an id stands or would stand. */
export function placeOf(ids: readonly string[], id: string): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ids[middle] ?? "") < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The rows of one collection with their indexes, in memory. While a journal is replayed over a checkpoint that was written in
 * the midst of changes, two rows may claim one unique value for a moment: indexes are built when the replay is over.
 */
export class Collection {
  readonly #rows = new Map<string, Stored>();
  readonly #unique = new Map<string, Map<string, string>>();
  readonly #many = new Map<string, Map<string, Set<string>>>();
  #ids: string[] = [];
  #indexed = false;
  /** The last sequence number that changed a row. */
  changed = 0;

  constructor(readonly name: string, readonly indexes: IndexKinds) {}

  get size(): number {
    return this.#rows.size;
  }

  get(id: string): AnyRow | undefined {
    return this.#rows.get(id)?.row;
  }

  find(index: string, value: string): AnyRow | undefined {
    const id = this.#index(this.#unique, index).get(value);
    return id === undefined ? undefined : this.get(id);
  }

  /** Ids in order, of all rows or of those that an index has under a value. */
  ids(index?: string, value?: string): readonly string[] {
    if (index === undefined) return this.#ids;
    if (this.indexes[index] === "unique") {
      const id = this.#index(this.#unique, index).get(value ?? "");
      return id === undefined ? [] : [id];
    }
    return [...(this.#index(this.#many, index).get(value ?? "") ?? [])].sort();
  }

  /** @throws StoreConflict when another row has one of the unique values */
  refuseTaken(row: { readonly id: string }): void {
    for (const [index, values] of this.#unique) {
      const value = valueOf(row, index);
      const holder = value === undefined ? undefined : values.get(value);
      if (holder !== undefined && holder !== row.id) {
        throw new StoreConflict(`${this.name}: ${index} "${value ?? ""}" is taken`);
      }
    }
  }

  put(row: AnyRow, seq: number): void {
    const before = this.#rows.get(row.id);
    if (before && before.seq >= seq) return;
    this.#rows.set(row.id, { row, seq });
    if (seq > this.changed) this.changed = seq;
    if (!this.#indexed) return;
    if (before) this.#unindex(before.row);
    else this.#ids.splice(placeOf(this.#ids, row.id), 0, row.id);
    this.#enter(row);
  }

  delete(id: string, seq: number): void {
    const before = this.#rows.get(id);
    if (seq > this.changed) this.changed = seq;
    if (!before || before.seq >= seq) return;
    this.#rows.delete(id);
    if (!this.#indexed) return;
    this.#ids.splice(placeOf(this.#ids, id), 1);
    this.#unindex(before.row);
  }

  buildIndexes(): void {
    this.#indexed = true;
    for (const [index, kind] of Object.entries(this.indexes)) {
      if (kind === "unique") this.#unique.set(index, new Map());
      else this.#many.set(index, new Map());
    }
    this.#ids = [...this.#rows.keys()].sort();
    for (const { row } of this.#rows.values()) this.#enter(row);
  }

  *stored(): Generator<Stored> {
    yield* this.#rows.values();
  }

  #index<V>(of: Map<string, Map<string, V>>, index: string): Map<string, V> {
    const found = of.get(index);
    if (!found) throw new RangeError(`${this.name} has no such index: ${index}`);
    return found;
  }

  #enter(row: AnyRow): void {
    for (const [index, values] of this.#unique) {
      const value = valueOf(row, index);
      if (value !== undefined) values.set(value, row.id);
    }
    for (const [index, values] of this.#many) {
      const value = valueOf(row, index);
      if (value === undefined) continue;
      const ids = values.get(value);
      if (ids) ids.add(row.id);
      else values.set(value, new Set([row.id]));
    }
  }

  #unindex(row: AnyRow): void {
    for (const [index, values] of this.#unique) {
      const value = valueOf(row, index);
      if (value !== undefined && values.get(value) === row.id) values.delete(value);
    }
    for (const [index, values] of this.#many) {
      const ids = values.get(valueOf(row, index) ?? "");
      if (ids?.delete(row.id) && ids.size === 0) values.delete(valueOf(row, index) ?? "");
    }
  }
}

function valueOf(row: object, index: string): string | undefined {
  const value = (row as Readonly<Record<string, unknown>>)[index];
  return typeof value === "string" ? value : undefined;
}
