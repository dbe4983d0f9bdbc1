import { systemClock } from "../../clock";
import type { BooksEvent } from "../shared/events";
import type { ContentsEntry, ContentsItem, ContentsTarget } from "../shared/contents";
import type { ConversationEvent } from "../types";
import { clearFolder, refuseFilled } from "./backup";
import { openContents } from "./contents";
import { nodeFiles } from "./filePort";
import { lockFolder } from "./lock";
import { openEmbedded, type EmbeddedStore, type LowdbStoreOptions } from "./openLowdbStore";
import { isUnfinished, markFinished, markUnfinished } from "./unfinishedCopy";

type Pool = Extract<ContentsItem, { readonly t: "pool" }>["pool"];

/** Checkpoints in between pack the journal while more of it is written. */
const CHECKPOINT_EVERY = 250_000;

/**
 * Makes an empty or new folder, or one that an earlier attempt left unfinished, ready to be filled.
 * @throws StoreRefused for a folder that holds anything else
 */
export async function openFolderTarget(folder: string, options: Omit<LowdbStoreOptions, "folder"> = {}): Promise<ContentsTarget> {
  const { files = nodeFiles, now = systemClock } = options;
  await files.makeFolder(folder);
  const lock = await lockFolder(folder);
  try {
    if (await isUnfinished(files, folder)) await clearFolder(files, folder);
    else await refuseFilled(files, folder, ["lock"]);
    await markUnfinished(files, folder);
    const filling = { ...options, folder, isFilling: true };
    let isFilled = false;
    // The journal begins no later than the history that it is to hold: its segments are found by the time of their first line.
    const embedded = await openEmbedded({ ...filling, lock: async () => lock, now: () => (isFilled ? now() : 0), checkpointEvery: CHECKPOINT_EVERY });
    const filler = new Filler(embedded, now);
    return {
      take: (items) => filler.take(items),
      written: async () => {
        isFilled = true;
        await embedded.store.checkpoint();
        await embedded.store.close();
        return openContents(folder, filling);
      },
      complete: () => markFinished(files, folder),
      close: () => embedded.store.close(),
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Tells an engine all that happened elsewhere, in its own events. */
class Filler {
  readonly #pools = new Map<string, Pool>();
  /** Where the entries stand that may be corrected yet (docs/rules.md H6). */
  readonly #expired = new Map<string, number>();

  constructor(private readonly embedded: EmbeddedStore, private readonly now: () => number) {}

  async take(items: readonly ContentsItem[]): Promise<void> {
    const { engine, store } = this.embedded;
    engine.assertUsable();
    const said = new Map<string, ConversationEvent[]>();
    const files: Promise<void>[] = [];
    for (const item of items) {
      if (item.t === "pool") this.#pools.set(item.pool.id, item.pool);
      else if (item.t === "message") {
        const events = said.get(item.conversationId);
        if (events) events.push(item.event);
        else said.set(item.conversationId, [item.event]);
      }
      else if (item.t === "file") files.push(store.files.put(item.place, item.id, item.bytes));
      else this.#commit(item);
    }
    // Rows tell no time; a segment of the journal that held nothing else would not be found by it.
    if (items.some(({ t }) => t === "put")) engine.commit({ t: "mark", what: "opened", at: this.now() });
    await Promise.all([engine.durable(), ...files, ...[...said].map(([id, events]) => store.messages.append(id, events))]);
  }

  #commit(item: Exclude<ContentsItem, { readonly t: "pool" | "message" | "file" }>): void {
    const { engine } = this.embedded;
    if (item.t === "settle") {
      const seq = engine.commit(this.#settled(item));
      if (!item.prior && item.entry.flags.includes("expired")) this.#expired.set(item.entry.id, seq);
      return;
    }
    engine.commit(item.t === "adjust" ? { ...item, ...this.#opening(item.adjustment.pool) } : item);
  }

  #settled({ entry, prior }: ContentsEntry): BooksEvent {
    const priorSeq = this.#expired.get(entry.id);
    this.#expired.delete(entry.id);
    return prior ? { t: "settle", entry, held: [], prior, priorSeq } : { t: "settle", entry, held: [] };
  }

  /** The first adjustment of a pool opens it, with the terms and the clock that it has in the end: nothing reads earlier ones. */
  #opening(id: string): Partial<Pick<Pool, "terms" | "refillFrom">> {
    const pool = this.#pools.get(id);
    this.#pools.delete(id);
    return pool ? { terms: pool.terms, refillFrom: pool.refillFrom } : {};
  }
}
