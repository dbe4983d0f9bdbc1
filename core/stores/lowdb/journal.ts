import path from "node:path";
import { StoreUnavailable } from "../../errors/storeErrors";
import type { FilePort, OpenFile } from "./filePort";
import { formatLine } from "./journalLine";
import { segmentName, type Segments } from "./segments";

interface Batch {
  readonly first: number;
  last: number;
  text: string;
  readonly done: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

function newBatch(first: number): Batch {
  let resolve = (): void => undefined;
  let reject = (_error: Error): void => undefined;
  const done = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  // Holds ride along without waiting: nobody may be listening when the disk fails.
  done.catch(() => undefined);
  return { first, last: first, text: "", done, resolve, reject };
}

export interface JournalOptions {
  readonly files: FilePort;
  readonly folder: string;
  readonly segments: Segments;
  readonly segmentBytes: number;
  /** Called once; nothing is written any more. */
  readonly onFailure: (error: Error) => void;
}

/** What nobody waits for is written after this time, or with the next that somebody waits for. */
const UNASKED_MS = 20;
const DONE = Promise.resolve();
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * The append-only journal with group commit: one writer takes all that waits, writes it, syncs it and answers it together;
 * what arrives meanwhile is the next batch. No timer: a lone line is on its way at the end of the turn that made it.
 */
export class Journal {
  #waiting: Batch | undefined;
  #writing: Batch | undefined;
  #running: Promise<void> | undefined;
  /** Somebody waits for what waits. */
  #wanted = false;
  #later: NodeJS.Timeout | undefined;
  #failure: Error | undefined;

  private constructor(
    private readonly options: JournalOptions, private file: OpenFile,
  ) {}

  /** Goes on in the last segment, or begins the first. */
  static async open(options: JournalOptions, lastSeq: number): Promise<Journal> {
    const { segments } = options;
    const journal = new Journal(options, await Journal.#segmentFile(options, segments.active?.first ?? lastSeq + 1));
    if (!segments.active) segments.begin(lastSeq + 1);
    return journal;
  }

  static async #segmentFile({ files, folder }: JournalOptions, first: number): Promise<OpenFile> {
    const file = await files.open(path.join(folder, segmentName(first)), "append");
    // A line is safe only when the name of its file is.
    await files.syncFolder(folder);
    return file;
  }

  append(seq: number, json: string): void {
    if (this.#failure) return;
    const batch = (this.#waiting ??= newBatch(seq));
    batch.text += formatLine(seq, batch.first, json);
    batch.last = seq;
    // A hold waits for the settlement that follows it: nobody waits for the hold.
    this.#later ??= setTimeout(() => this.#want(), UNASKED_MS);
  }

  #want(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
    if (!this.#waiting) return;
    this.#wanted = true;
    this.#running ??= this.#run();
  }

  durable(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    this.#want();
    return this.#waiting?.done ?? this.#writing?.done ?? DONE;
  }

  async #run(): Promise<void> {
    // The rest of this turn belongs to those who were just answered: what they ask next rides in the same batch.
    await turn();
    while (this.#waiting && this.#wanted) {
      const batch = (this.#writing = this.#waiting);
      this.#waiting = undefined;
      this.#wanted = false;
      try {
        await this.#write(batch);
      } catch (error) {
        this.#fail(error);
      }
      // Also when something else failed meanwhile: whether this batch is safe is not known any more.
      if (this.#failure) return;
      this.#writing = undefined;
      batch.resolve();
      await turn();
    }
    this.#running = undefined;
  }

  async #write(batch: Batch): Promise<void> {
    const { segments, segmentBytes } = this.options;
    if (segments.activeBytes >= segmentBytes) {
      const next = await Journal.#segmentFile(this.options, batch.first);
      await this.file.close();
      this.file = next;
      segments.seal(batch.first);
    }
    const bytes = Buffer.from(batch.text);
    await this.file.write(bytes);
    await this.file.datasync();
    segments.grow(bytes.length, batch.last);
  }

  #fail(error: unknown): void {
    if (this.#failure) return;
    const reason = error instanceof Error ? error.message : String(error);
    this.stop(new StoreUnavailable(`the journal could not be written: ${reason}`, { cause: error }));
    if (this.#failure) this.options.onFailure(this.#failure);
  }

  /** Answers nobody any more: the disk cannot be trusted. */
  stop(failure: Error): void {
    this.#failure ??= failure;
    for (const batch of [this.#writing, this.#waiting]) batch?.reject(this.#failure);
    this.#writing = this.#waiting = undefined;
  }

  /** Writes what waits and closes the file. */
  async close(): Promise<void> {
    this.#want();
    await this.#running;
    await this.file.close();
  }
}
