import path from "node:path";
import { systemClock, type Clock } from "../../clock";
import { StoreUnavailable } from "../../errors/storeErrors";
import { applyEvent } from "../shared/applyEvent";
import { AUDIT_KEPT, createBooks, type Books } from "../shared/books";
import type { Engine } from "../shared/engine";
import { bookExpired } from "../shared/settle";
import { storeOver } from "../shared/storeOver";
import type { BooksReport, Store } from "../types";
import { Background } from "./background";
import { copyFolder, refuseFilled, restoreFolder } from "./backup";
import { Checkpoints } from "./checkpoints";
import { encodeEvent } from "../shared/codec";
import { ChatFolder } from "./chatFolder";
import { ConversationFolder } from "./conversationFolder";
import { nodeFiles, type FilePort } from "./filePort";
import { Journal } from "./journal";
import { journalHistory } from "./journalHistory";
import { lockFolder, type FolderLock } from "./lock";
import { findSegments, Recovery } from "./recover";
import { refuseUnfinished } from "./unfinishedCopy";
import { segmentName, Segments } from "./segments";

export interface LowdbStoreOptions {
  /** The data folder; made if missing. */
  readonly folder: string;
  readonly files?: FilePort;
  readonly now?: Clock;
  /** Called once, when a write or a sync failed: the process should end. */
  readonly onFailure?: (error: Error) => void;
  /** What a start found and mended, for the log. */
  readonly onWarning?: (message: string) => void;
  /** A segment of the journal is closed above this size. */
  readonly segmentBytes?: number;
  /** A checkpoint is begun after so many changes. */
  readonly checkpointEvery?: number;
  /** The least time between two lines of progress of one hold in the journal. */
  readonly progressEveryMs?: number;
  /** Replaced in tests that simulate the disk. */
  readonly lock?: (folder: string) => Promise<FolderLock>;
  /** How many settled ids are remembered. */
  readonly recentIds?: number;
  /** Opens also what a copy is to fill yet. */
  readonly isFilling?: boolean;
}

interface Opened {
  readonly files: FilePort;
  readonly options: LowdbStoreOptions;
  readonly books: Books;
  readonly segments: Segments;
  readonly checkpoints: Checkpoints;
  readonly journal: Journal;
  readonly lock: FolderLock;
  /** How many events the start took from the journal. */
  readonly replayed: number;
  failure: Error | undefined;
  closing: Promise<void> | undefined;
}

const MEGABYTE = 1024 * 1024;
/** What a start after a crash replays at most, but for what came while a checkpoint was written: about a second. */
const CHECKPOINT_EVERY = 100_000;

function fail(opened: Opened, error: unknown): void {
  if (opened.failure) return;
  opened.failure = error instanceof StoreUnavailable
    ? error
    : new StoreUnavailable(`the data folder cannot be written: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  opened.journal.stop(opened.failure);
  opened.options.onFailure?.(opened.failure);
}

async function recover(options: LowdbStoreOptions, lock: FolderLock): Promise<Opened> {
  const { folder, files = nodeFiles } = options;
  const journalFolder = path.join(folder, "journal");
  const segments = new Segments(files, journalFolder, path.join(folder, "archive"));
  await files.makeFolder(segments.journalFolder);
  await files.makeFolder(segments.archiveFolder);
  const books = createBooks(options.recentIds);
  const checkpoints = await Checkpoints.create(files, folder, books, () => opened.journal.durable());
  await findSegments(files, segments);
  const held = await checkpoints.load();
  const recovery = new Recovery(files, segments, books, held, options.onWarning ?? (() => undefined));
  await recovery.run();
  await checkpoints.sumMonths();
  if (books.audit.length >= AUDIT_KEPT) books.auditForgotten = true;
  const onFailure = (error: Error): void => fail(opened, error);
  const segmentBytes = options.segmentBytes ?? 16 * MEGABYTE;
  const journal = await Journal.open({ files, folder: journalFolder, segments, segmentBytes, onFailure }, books.seq);
  const opened: Opened = { files, options, books, segments, checkpoints, journal, lock, replayed: recovery.applied, failure: undefined, closing: undefined };
  return opened;
}

function engineOf(opened: Opened, background: Background): Engine {
  const { books, journal, segments, options, lock } = opened;
  const checkpointEvery = options.checkpointEvery ?? CHECKPOINT_EVERY;
  // What was replayed counts, or a store that crashes again and again would replay ever more.
  let untilCheckpoint = Math.max(1, checkpointEvery - opened.replayed);
  return {
    books,
    commit: (event) => {
      const seq = books.seq + 1;
      applyEvent(books, event, seq);
      journal.append(seq, encodeEvent(event));
      if (--untilCheckpoint === 0) {
        untilCheckpoint = checkpointEvery;
        // A failure is told by `onFailure`.
        background.checkpoint().catch(() => undefined);
      }
      return seq;
    },
    durable: () => journal.durable(),
    assertUsable: () => {
      if (opened.closing) throw new StoreUnavailable("the store is closed");
      if (lock.lost()) fail(opened, new Error(`another process took ${options.folder}`));
      if (opened.failure) throw opened.failure;
    },
    isUsable: () => !opened.closing && !opened.failure,
    history: journalHistory(segments),
  };
}

function close(opened: Opened, engine: Engine, background: Background): Promise<void> {
  opened.closing ??= closeOnce(opened, engine, background);
  return opened.closing;
}

async function closeOnce(opened: Opened, engine: Engine, background: Background): Promise<void> {
  try {
    await background.idle();
    if (!opened.failure) {
      await opened.checkpoints.write();
      await engine.durable();
      // In a batch of its own: damage in the last real one is then told from a torn end.
      engine.commit({ t: "mark", what: "closed", at: (opened.options.now ?? systemClock)() });
      await engine.durable();
    }
  } catch (error) {
    fail(opened, error);
  } finally {
    await opened.journal.close().catch((error: unknown) => fail(opened, error));
    await opened.lock.release();
  }
}

function backup(opened: Opened, background: Background, target: string): Promise<void> {
  return background.exclusively(async () => {
    const { files, options, segments, journal } = opened;
    await refuseFilled(files, target);
    await background.write();
    await journal.durable();
    const sizes = new Map(segments.all.map((segment) => [segmentName(segment.first), segment.bytes]));
    // What begins after this moment is not a part of the copy.
    await copyFolder(files, options.folder, target, (name) => sizes.get(name) ?? 0);
  });
}

/** A store with what it stands on. */
export interface EmbeddedStore {
  readonly store: Store;
  readonly engine: Engine;
}

/**
 * Opens the embedded store: lowdb files as checkpoints of a journal, in one folder, for one process. Holds that the process
 * before left open are booked at their last progress (docs/rules.md H6) before it resolves.
 * @throws StoreRefused when the folder is in use, damaged or incomplete; nothing is changed then
 */
export async function openLowdbStore(options: LowdbStoreOptions): Promise<Store> {
  return (await openEmbedded(options)).store;
}

/** The same, for those who read or write all of it. */
export async function openEmbedded(options: LowdbStoreOptions): Promise<EmbeddedStore> {
  const { folder, files = nodeFiles, now = systemClock } = options;
  await files.makeFolder(folder);
  const lock = await (options.lock ?? lockFolder)(folder);
  let opened: Opened;
  try {
    if (!options.isFilling) await refuseUnfinished(files, folder);
    opened = await recover(options, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
  const background = new Background({ ...opened, onFailure: (error) => fail(opened, error) });
  const engine = engineOf(opened, background);
  const store = storeOver(engine, { now, progressEveryMs: options.progressEveryMs ?? 1_000 });
  try {
    engine.commit({ t: "mark", what: "opened", at: now() });
    for (const hold of [...opened.books.holds.values()]) bookExpired(engine, hold, now());
    await engine.durable();
  } catch (error) {
    await close(opened, engine, background);
    throw error;
  }
  return { store: portOf(opened, engine, background, store), engine };
}

function portOf(opened: Opened, engine: Engine, background: Background, store: ReturnType<typeof storeOver>): Store {
  const { files, options: { folder } } = opened;
  return {
    ...store,
    messages: new ConversationFolder(files, folder, () => engine.assertUsable()),
    files: new ChatFolder(files, folder, () => engine.assertUsable()),
    failure: () => opened.failure,
    journalState: () => ({ bytes: opened.segments.durableBytes, unsyncedEvents: Math.max(0, opened.books.seq - (opened.segments.active?.last ?? opened.books.seq)) }),
    checkpoint: async () => {
      engine.assertUsable();
      await background.checkpoint();
    },
    backup: async (target) => {
      engine.assertUsable();
      await backup(opened, background, target);
    },
    close: () => close(opened, engine, background),
  };
}

/**
 * Puts a backup into an empty or missing folder, and proves its books by opening it.
 * @throws StoreRefused when the target holds anything or the backup is not whole
 */
export function restoreBackup(from: string, to: string, options: Omit<LowdbStoreOptions, "folder"> = {}): Promise<BooksReport> {
  const prove = async (folder: string): Promise<BooksReport> => {
    const store = await openLowdbStore({ ...options, folder });
    try {
      return await store.verifyBooks();
    } finally {
      await store.close();
    }
  };
  return restoreFolder(from, to, prove, options.files);
}
