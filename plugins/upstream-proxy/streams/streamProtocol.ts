import type { StreamReader } from "../../../core/adapters/wire/usageReader";
import type { LedgerEntry } from "../../../core/domain/ledgerEntry";
import type { ErrorPlace } from "../../../core/gateway/errorShapes";

/**
 * What becomes of an event: `pass` = on to the caller; `priced` = the same, if the coins cover what it reports; `kept` = back, for the end or for good; `whole` = it ends the stream;
 * `failed` = it says that the server failed.
 */
export type EventFate = "pass" | "priced" | "kept" | "whole" | "failed";

/**
 * How a stream ends for a caller who is still there; `cut` and `silent`: the server broke off, or sent nothing for too long; `shutdown`: the
 * gateway stops.
 */
export type StreamEnding = "whole" | "stopped" | "failed" | "cut" | "silent" | "shutdown";

/** Of the call that a stream answers. */
export interface StreamCall {
  /** The public name of the model. */
  readonly model: string;
  /** The caller asked for the usage chunk of chat and completions; otherwise it is ours alone. */
  readonly wantsUsage: boolean;
  /** The server was asked for usage in each chunk of chat and completions: the stream is metered by it (docs/wire.md W76). */
  readonly usageInChunks: boolean;
  /** The caller asked for that, too. */
  readonly wantsUsageInChunks: boolean;
  /** How many pictures were asked for. */
  readonly wantedImages: number;
  readonly place: ErrorPlace;
}

/** One stream in its protocol, made anew for each: how its events are read, shown, and what ends them. */
export interface StreamProtocol {
  readonly reader: StreamReader;
  /** What is to be read of an event: its data, or as much of it as says more than the events before; undefined where it has none. */
  dataOf(event: Buffer): string | undefined;
  /** Reads the next event that has data. */
  take(event: Buffer, data: string): EventFate;
  /** The event just taken as the caller gets it, one byte in each character: with the public name of the model, every other byte as it came. */
  shown(event: Buffer): string;
  /** What goes out last, once the call is settled. */
  tail(ending: StreamEnding, entry: LedgerEntry): readonly Buffer[];
}
