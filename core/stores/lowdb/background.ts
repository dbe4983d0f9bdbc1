import { archiveSegment } from "./archive";
import type { Checkpoints } from "./checkpoints";
import type { FilePort } from "./filePort";
import type { Journal } from "./journal";
import type { Segments } from "./segments";

export interface BackgroundOptions {
  readonly files: FilePort;
  readonly segments: Segments;
  readonly checkpoints: Checkpoints;
  readonly journal: Journal;
  readonly onFailure: (error: unknown) => void;
}

/**
 * The work behind the requests, one thing at a time: checkpoints, then packing the segments that they leave behind.
 * Callers that ask while one is under way share the next.
 */
export class Background {
  #last: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(private readonly options: BackgroundOptions) {}

  /** Resolves when a checkpoint that began after this call is in place. */
  checkpoint(): Promise<void> {
    this.#next ??= this.exclusively(async () => {
      this.#next = undefined;
      await this.write();
    });
    return this.#next;
  }

  /** A checkpoint and its archiving, for whoever has `exclusively`. What fails here is the end of the store. */
  async write(): Promise<void> {
    try {
      await this.options.checkpoints.write();
      await this.#archive();
    } catch (error) {
      this.options.onFailure(error);
      throw error;
    }
  }

  /** Runs when nothing else does, and keeps files in their places until it is done. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    // After a failure nothing is begun any more: the journal refuses to be waited for.
    const done = this.#last.then(() => this.options.journal.durable()).then(work);
    this.#last = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }

  idle(): Promise<void> {
    return this.#last;
  }

  async #archive(): Promise<void> {
    const { files, segments, checkpoints, journal } = this.options;
    const { safe } = checkpoints;
    for (const segment of segments.all.slice(0, -1)) {
      if (!segment.archived && segment.last <= safe) await archiveSegment(files, segments, segment, () => journal.durable());
    }
  }
}
