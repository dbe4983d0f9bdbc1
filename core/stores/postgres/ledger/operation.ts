import type { PoolTerms } from "../../../domain/coinPool";
import type { StoreUnavailable } from "../../../errors/storeErrors";
import type { Engine } from "../../shared/engine";

/** A call whose hold or entry an operation looks at. */
export interface CallRef {
  readonly id: string;
  /** Epoch ms; together with the id it finds the entry. */
  readonly madeAt: number;
}

/** A pool that an operation looks at, opened at its first use under these terms; without terms it is only looked at. */
export interface PoolRef {
  readonly pool: string;
  readonly terms?: PoolTerms;
}

/**
 * One thing to do in the ledger. Many of them are a batch, which is one transaction: the rows of all of them are locked and
 * loaded, each runs in its turn on what the one before left, and the difference is written.
 */
export interface Operation {
  readonly calls: readonly CallRef[];
  readonly pools: readonly PoolRef[];
  /** Runs the shared rules; may run again where the batch was not committed. */
  run(engine: Engine): unknown;
  /** The batch was committed; with what `run` returned. */
  done(result: never): void;
  failed(error: unknown): void;
  /**
   * The server is away. With `sent`, it is unknown whether the batch was committed.
   * @returns whether to keep it until that is known: it is then done, or runs again
   */
  away(error: StoreUnavailable, sent: boolean): boolean;
}
