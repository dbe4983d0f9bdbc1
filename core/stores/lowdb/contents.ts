import path from "node:path";
import { StoreRefused } from "../../errors/storeErrors";
import type { BooksEvent, CollectionName } from "../shared/events";
import type { ContentsItem, StoreContents } from "../shared/contents";
import { CONVERSATIONS, shards, UPLOADS } from "./shard";
import { nodeFiles, type FilePort } from "./filePort";
import { openEmbedded, type EmbeddedStore, type LowdbStoreOptions } from "./openLowdbStore";

const AT_ONCE = 500;
const LOG_END = ".jsonl";

/**
 * Opens a data folder that nobody uses, to read all of it. Opening it books the holds that were left open (docs/rules.md H6).
 * @throws StoreRefused when it is in use, damaged or unfinished, and where there is none
 */
export async function openContents(folder: string, options: Omit<LowdbStoreOptions, "folder"> = {}): Promise<StoreContents> {
  const { files = nodeFiles } = options;
  const isThere = (await files.list(path.join(folder, "journal"))).length > 0;
  if (!isThere) throw new StoreRefused(`${folder} holds no store: it has no journal`);
  const embedded = await openEmbedded({ ...options, folder });
  return { read: () => readAll(embedded, files, folder), close: () => embedded.store.close() };
}

async function* readAll({ store, engine }: EmbeddedStore, files: FilePort, folder: string): AsyncGenerator<readonly ContentsItem[]> {
  const { books, history } = engine;
  yield* pieces([...books.pools.values()].map((pool): ContentsItem => ({ t: "pool", pool })));
  await engine.durable();
  const upTo = books.seq;
  let last = 0;
  for await (const piece of history.replay(upTo)) {
    yield piece.flatMap(({ event }) => itemOf(event));
    last = piece.at(-1)?.seq ?? last;
  }
  if (last !== upTo) throw new StoreRefused(`${folder}: the history ends at ${last}, the books stand at ${upTo}`);
  for (const collection of Object.keys(books.collections) as CollectionName[]) {
    yield* pieces([...books.collections[collection].stored()].map(({ row }): ContentsItem => ({ t: "put", collection, row })));
  }
  for await (const name of namesIn(files, folder, CONVERSATIONS)) {
    if (!name.endsWith(LOG_END)) continue;
    const conversationId = name.slice(0, -LOG_END.length);
    yield (await store.messages.read(conversationId)).map((event): ContentsItem => ({ t: "message", conversationId, event }));
  }
  for await (const name of namesIn(files, folder, UPLOADS)) {
    const [place = "", id = "", ...rest] = name.split(".");
    const bytes = rest.length > 0 ? undefined : await store.files.get(place, id);
    if (bytes) yield [{ t: "file", place, id, bytes }];
  }
}

function* pieces(items: readonly ContentsItem[]): Generator<readonly ContentsItem[]> {
  for (let at = 0; at < items.length; at += AT_ONCE) yield items.slice(at, at + AT_ONCE);
}

async function* namesIn(files: FilePort, folder: string, kind: string): AsyncGenerator<string> {
  for (const shard of shards(kind)) yield* await files.list(path.join(folder, shard));
}

function itemOf(event: BooksEvent): readonly ContentsItem[] {
  if (event.t === "adjust") return [{ t: "adjust", adjustment: event.adjustment }];
  if (event.t === "settle") return [{ t: "settle", entry: event.entry, prior: event.prior }];
  return event.t === "audit" ? [event] : [];
}
