import type { StoreUnavailable } from "../../../errors/storeErrors";
import { allRecords } from "../../shared/allRecords";
import type { CollectionName } from "../../shared/events";
import type { Store } from "../../types";
import type { Database } from "../database";
import { auditEvents } from "./auditEvents";
import { ChangeFeed } from "./changeFeed";
import { chatFiles, conversationEvents } from "./conversations";
import { createRecords } from "./createRecords";
import { Mirror } from "./mirror";
import { RecordWriter } from "./recordWriter";

export interface RecordsOptions {
  readonly url: string;
  readonly database: Database;
  readonly onWarning: (message: string) => void;
}

/** The part of the store that is not about coins and usage. */
export interface OpenRecords extends Pick<Store, CollectionName | "messages" | "files" | "auditLog"> {
  /** Undefined while what is in memory is known to be true. */
  readonly failure: () => StoreUnavailable | undefined;
  readonly close: () => Promise<void>;
}

const PRUNE_EVERY_MS = 300_000;
const PRUNE_PAGE = 10_000;
/** A node that stood still for longer than this loads everything anew. */
const PRUNE = `DELETE FROM changes WHERE changed_at < now() - interval '1 hour' AND revision IN (
    SELECT revision FROM changes ORDER BY revision LIMIT ${PRUNE_PAGE} FOR UPDATE SKIP LOCKED
  ) RETURNING revision`;

/** Loads what is kept in memory, and follows it. @throws StoreUnavailable when the server cannot be reached */
export async function openRecords({ url, database, onWarning }: RecordsOptions): Promise<OpenRecords> {
  const mirror = new Mirror((error) => onWarning(`a watcher of records failed: ${String(error)}`));
  const feed = await ChangeFeed.open({ url, mirror, onWarning });
  const writer = new RecordWriter(database, (changes) => mirror.takeOwn(changes));
  const deps = { database, mirror, feed, writer };
  // What stays for once is removed five minutes later, here or by another node.
  const pruning = setInterval(() => void prune(database).catch(() => undefined), PRUNE_EVERY_MS);
  pruning.unref();
  return {
    ...allRecords((name) => createRecords(deps, name)),
    messages: conversationEvents(database),
    files: chatFiles(database),
    auditLog: auditEvents(database),
    failure: () => feed.failure(),
    close: async () => {
      clearInterval(pruning);
      await feed.close();
    },
  };
}

async function prune(database: Database): Promise<void> {
  let removed = PRUNE_PAGE;
  while (removed === PRUNE_PAGE) removed = (await database.rows(PRUNE)).length;
}
