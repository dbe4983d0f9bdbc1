import type { Collection } from "../../shared/collection";
import type { AnyRow, CollectionName } from "../../shared/events";
import type { RowChange } from "../../types";
import type { Change } from "./recordWriter";
import { emptyCollection } from "./tables";

/** What a request asks for: kept in memory by every node, and followed by the change feed. */
export const MIRRORED = ["users", "clients", "keys", "consents", "sessions"] as const satisfies readonly CollectionName[];
export type MirroredName = (typeof MIRRORED)[number];
export type MirroredRows = Readonly<Record<MirroredName, Collection>>;

export const isMirrored = (collection: CollectionName): collection is MirroredName => (MIRRORED as readonly string[]).includes(collection);

export type Listener = (change: RowChange<AnyRow>) => void;

export function emptyRows(): MirroredRows {
  return Object.fromEntries(MIRRORED.map((name) => [name, emptyCollection(name)])) as unknown as MirroredRows;
}

const nameOf = ({ collection, id }: Pick<Change, "collection" | "id">) => `${collection} ${id}`;

/**
 * The rows that are kept in memory, and those who watch. A change of this process is in it as soon as it is committed, one of another
 * node when the feed tells of it; each is taken once, and never an older one over a newer one.
 */
export class Mirror {
  #rows = emptyRows();
  #revision = 0;
  /** The newest change of each row that this process committed and the feed has not told yet. */
  readonly #ahead = new Map<string, Change>();
  readonly #listeners = new Map<CollectionName, Set<Listener>>();

  /** @param failed hears of a watcher that threw */
  constructor(private readonly failed: (error: unknown) => void) {}

  /** Up to where the feed was followed. */
  get revision(): number {
    return this.#revision;
  }

  rows(collection: MirroredName): Collection {
    return this.#rows[collection];
  }

  /** The collections of which the feed has to bring the rows. */
  wanted(): readonly CollectionName[] {
    return [...new Set([...MIRRORED, ...this.#listeners.keys()])];
  }

  watch(collection: CollectionName, listener: Listener): () => void {
    const listeners = this.#listeners.get(collection) ?? new Set();
    this.#listeners.set(collection, listeners.add(listener));
    return () => {
      if (listeners.delete(listener) && listeners.size === 0 && this.#listeners.get(collection) === listeners) this.#listeners.delete(collection);
    };
  }

  /** What this process committed. */
  takeOwn(changes: readonly Change[]): void {
    for (const change of changes) {
      // The feed was faster.
      if (change.revision <= this.#revision) continue;
      this.#ahead.set(nameOf(change), change);
      this.#put(change);
      this.#tell(change);
    }
  }

  /** What the feed tells, in its order, up to and with `revision`. */
  takeFeed(changes: readonly Change[], revision: number): void {
    this.#revision = revision;
    for (const change of changes) {
      const own = this.#ahead.get(nameOf(change));
      if (own && own.revision >= change.revision) continue;
      this.#put(change);
      this.#tell(change);
    }
    this.#forgetOwn();
  }

  /** Everything anew, as it was at `revision`. Watchers hear of each row that is not what it was. */
  replace(rows: MirroredRows, revision: number): void {
    const before = this.#rows;
    this.#rows = rows;
    this.#revision = revision;
    this.#forgetOwn();
    for (const change of this.#ahead.values()) this.#put(change);
    for (const collection of MIRRORED) {
      const [old, now] = [before[collection], rows[collection]];
      for (const id of new Set([...old.ids(), ...now.ids()])) {
        const row = now.get(id);
        if (row?.revision !== old.get(id)?.revision) this.#tell({ collection, id, ...(row ? { row } : {}) });
      }
    }
  }

  #forgetOwn(): void {
    for (const [name, change] of this.#ahead) if (change.revision <= this.#revision) this.#ahead.delete(name);
  }

  #put({ collection, id, row, revision }: Change): void {
    if (!isMirrored(collection)) return;
    if (row) this.#rows[collection].put(row, revision);
    else this.#rows[collection].delete(id, revision);
  }

  #tell({ collection, id, row }: Omit<Change, "revision">): void {
    for (const listener of [...(this.#listeners.get(collection) ?? [])]) {
      try {
        listener(row ? { id, row } : { id });
      } catch (error) {
        this.failed(error);
      }
    }
  }
}
