import { archiveSegment } from "./archive";
import type { Checkpoints } from "./checkpoints";
import type { FilePort } from "./filePort";
import type { Segments } from "./segments";

/**
 * The work behind the requests, one thing at a time: checkpoints, then packing the segments that they leave behind.
 * Callers that ask while one is under way share the next.
 */
export class Background {
  #last: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(
    private readonly files: FilePort, private readonly segments: Segments, private readonly checkpoints: Checkpoints,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** Resolves when a checkpoint that began after this call is in place. */
  checkpoint(): Promise<void> {
    this.#next ??= this.exclusively(async () => {
      this.#next = undefined;
      await this.checkpoints.write();
      await this.#archive();
    });
    return this.#next;
  }

  /** Runs when nothing else does, and keeps files in their places until it is done. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.then(
      () => undefined,
      (error: unknown) => this.onFailure(error),
    );
    return done;
  }

  idle(): Promise<void> {
    return this.#last;
  }

  async #archive(): Promise<void> {
    const { safe } = this.checkpoints;
    for (const segment of this.segments.all.slice(0, -1)) {
      if (!segment.archived && segment.last <= safe) await archiveSegment(this.files, this.segments, segment);
    }
  }
}
