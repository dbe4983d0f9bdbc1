import type { Client } from "pg";
import { setTimeout as pause } from "node:timers/promises";
import { StoreUnavailable } from "../../../errors/storeErrors";
import type { CollectionName } from "../../shared/events";
import { connect, rowsOf, type Statement } from "../database";
import { loadRows } from "./loadRows";
import type { Mirror } from "./mirror";
import type { Change } from "./recordWriter";
import { CHANNEL, COLLECTIONS, decodeRow, RECORD_TABLES } from "./tables";

export interface ChangeFeedOptions {
  readonly url: string;
  readonly mirror: Mirror;
  /** A line for the log: the server is away, or is back. */
  readonly onWarning: (message: string) => void;
}

/** What is in memory is answered from for so long after it was last known to be true. */
const GOOD_FOR_MS = 5_000;
/** A look at the feed without being woken: a net under NOTIFY. */
const LOOK_EVERY_MS = 1_000;
/** An answer that takes longer means a connection that leads nowhere. */
const TIMEOUT_MS = 1_000;
/** What is announced within this time is fetched together. */
const GATHER_MS = 10;
const RETRY_MS = 50;
const LONGEST_RETRY_MS = 1_000;
const PAGE = 1_000;

/** The changes after a revision with the rows as they are now, all of one moment; one line without a change where there is none. */
const NEXT_CHANGES = `
  SELECT feed.revision AS latest, next.revision, next.collection, next.id,
    CASE WHEN next.collection = ANY($2) THEN CASE next.collection
      ${COLLECTIONS.map((name) => `WHEN '${name}' THEN (SELECT row FROM ${RECORD_TABLES[name].name} WHERE id = next.id)`).join("\n      ")}
    END END AS row
  FROM feed LEFT JOIN (SELECT * FROM changes WHERE revision > $1 ORDER BY revision LIMIT ${PAGE}) next ON true
  ORDER BY next.revision`;

interface FeedLine {
  readonly latest: number;
  readonly revision: number | null;
  readonly collection: CollectionName;
  readonly id: string;
  readonly row: string | null;
}

/**
 * Follows the changes of all nodes over a connection of its own: woken by NOTIFY, and each second by itself. Once nothing was
 * confirmed for 5 s, what is in memory is not answered from: authentication is refused until the feed is back.
 */
export class ChangeFeed {
  /** On the monotonic clock, which goes on while the process is stopped: when the last look that succeeded began. */
  #confirmedAt = performance.now();
  /** Something was announced since the last look. */
  #announced = false;
  #sleep: { readonly end: AbortController; readonly isLight: boolean } | undefined;
  #closed = false;
  #run: Promise<void> = Promise.resolve();
  #isAway = false;

  private constructor(private readonly options: ChangeFeedOptions) {}

  /** Loads the mirror, and follows from there. @throws StoreUnavailable when the server cannot be reached */
  static async open(options: ChangeFeedOptions): Promise<ChangeFeed> {
    const feed = new ChangeFeed(options);
    await feed.#load();
    feed.#run = feed.#follow();
    return feed;
  }

  /** Undefined while the mirror may be answered from. */
  failure(): StoreUnavailable | undefined {
    if (this.#closed) return new StoreUnavailable("the store is closed");
    if (performance.now() - this.#confirmedAt <= GOOD_FOR_MS) return undefined;
    return new StoreUnavailable("PostgreSQL has confirmed no revision of the records for 5 s");
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#sleep?.end.abort();
    await this.#run;
  }

  /** Looks, waits to be woken, looks again; over a new connection when one was lost. */
  async #follow(): Promise<void> {
    let client: Client | undefined;
    let retryMs = RETRY_MS;
    while (!this.#closed) {
      try {
        client ??= await this.#listen();
        await this.#look(client);
        this.#report();
        retryMs = RETRY_MS;
        await this.#nextLook();
      } catch (error) {
        void client?.end().catch(() => undefined);
        client = undefined;
        this.#report(error);
        await this.#pause(retryMs, false);
        retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2);
      }
    }
    await client?.end().catch(() => undefined);
  }

  async #listen(): Promise<Client> {
    const client = await connect({ url: this.options.url, timeoutMs: TIMEOUT_MS });
    client.on("notification", () => this.#ring());
    client.on("end", () => this.#ring());
    await client.query(`LISTEN ${CHANNEL}`);
    return client;
  }

  async #look(client: Client): Promise<void> {
    const { mirror } = this.options;
    for (;;) {
      const began = performance.now();
      const lines = await rowsOf<FeedLine>(client, nextChanges(mirror));
      const { latest = 0, revision: first = null } = lines[0] ?? {};
      // Too far behind for what is kept of the feed, or on a database that was restored.
      if (first === null ? latest !== mirror.revision : first !== mirror.revision + 1) return this.#load();
      const changes = lines.flatMap(changeOf);
      mirror.takeFeed(changes, changes.at(-1)?.revision ?? latest);
      if (lines.length < PAGE) {
        this.#confirmedAt = began;
        return;
      }
    }
  }

  async #load(): Promise<void> {
    const began = performance.now();
    const { rows, revision } = await loadRows(this.options.url);
    this.options.mirror.replace(rows, revision);
    this.#confirmedAt = began;
  }

  async #nextLook(): Promise<void> {
    if (!this.#announced) await this.#pause(LOOK_EVERY_MS, true);
    if (this.#announced) await this.#pause(GATHER_MS, false);
    this.#announced = false;
  }

  #ring(): void {
    this.#announced = true;
    if (this.#sleep?.isLight) this.#sleep.end.abort();
  }

  /** Until the time is over, or the feed is closed, or, where sleep is light, something is announced. */
  async #pause(ms: number, isLight: boolean): Promise<void> {
    if (this.#closed) return;
    this.#sleep = { end: new AbortController(), isLight };
    await pause(ms, undefined, { signal: this.#sleep.end.signal }).catch(() => undefined);
  }

  /** Once when it goes and once when it comes back, not each second. */
  #report(error?: unknown): void {
    const isAway = error !== undefined;
    if (isAway === this.#isAway) return;
    this.#isAway = isAway;
    const cause = error instanceof Error ? error.message : "unknown";
    this.options.onWarning(isAway ? `the change feed of the store is cut: ${cause}` : "the change feed of the store is back");
  }
}

function nextChanges(mirror: Mirror): Statement {
  return { name: "feed.next", text: NEXT_CHANGES, values: [mirror.revision, mirror.wanted()] };
}

function changeOf({ revision, collection, id, row }: FeedLine): Change[] {
  if (revision === null) return [];
  return [{ revision, collection, id, ...(row === null ? {} : { row: decodeRow(collection, row) }) }];
}
