import type { RawClient } from "../support/rawClient";
import type { WireBench } from "../support/wireBench";
import type { FaultyServer } from "./faultyServer";

/** What comes of an ending, in the words that docs/endings.md explains. */
export type Outcome = readonly [wire: string, ledger: string];

/** What a caller has in hand once its request is on the way. */
export interface CallerPart {
  readonly bench: WireBench;
  readonly client: RawClient;
  readonly streamed: boolean;
  /** The key of this call, and the client that it belongs to. */
  readonly key: { readonly id: string; readonly key: string; readonly client: string };
  /** Resolves when the server has the whole request. */
  readonly arrived: Promise<void>;
  /** Lets the server go on where it waits for `mayGoOn`. */
  goOn(this: void): void;
}

/** One way for a call to end: a row of docs/endings.md, and a test or two. */
export interface Ending {
  /** A sentence, without its full stop. */
  readonly what: string;
  /** The clause of docs/wire.md or the rule of docs/rules.md that it follows. */
  readonly by: string;
  /** Default `m`: one endpoint. `hasty` has little patience, `pair` two endpoints, `dead` and `untrusted` no good one. */
  readonly model?: string;
  /** What the server does; default: it answers well. Where another attempt is made, that one is answered well. */
  readonly server?: (server: FaultyServer) => Promise<void> | void;
  /** The call goes over a connection that an earlier one has left. */
  readonly overKept?: true;
  /** Every attempt fares the same. */
  readonly everyTime?: true;
  /** What the caller does beside reading. `left`: it is gone, and the server's connection must be closed. */
  readonly caller?: (caller: CallerPart) => Promise<void | "left">;
  /** The request is put on the wire by `caller` itself, and may never be whole. */
  readonly sendsItself?: boolean;
  /** The call is made with a key of its own, of a client of its own; it may pay for little. */
  readonly ownKey?: { readonly coinCap?: string };
  /** Streamed or not. */
  readonly both?: Outcome;
  /** Where they differ, or where a call can only end so if it is one of the two. */
  readonly streamed?: Outcome;
  readonly whole?: Outcome;
}

export interface EndingSection {
  readonly title: string;
  readonly endings: readonly Ending[];
}
