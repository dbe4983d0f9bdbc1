import type { Store } from "../../core/stores/types";
import { booksContract } from "./books.contract";
import { holdsContract } from "./holds.contract";
import { poolsContract } from "./pools.contract";
import { conversationsContract } from "./conversations.contract";
import { recordsContract } from "./records.contract";
import { settleContract } from "./settle.contract";
import { usageContract } from "./usage.contract";

/** How the suite gets a store of one engine. */
export interface StoreUnderTest {
  /** An empty store. */
  open(): Promise<Store>;
  /** Ends the store that was opened last and removes what it left. */
  close(): Promise<void>;
  /** How many settlements the test of many small ones makes: a million where no disk is in the way. */
  readonly manyCalls: number;
  /** Closes it and opens it again over the same data; missing where an engine keeps nothing. */
  reopen?(): Promise<Store>;
}

/** Everything that any store promises (design of the store; docs/rules.md P6 to P8, H2 to H6): one suite, every engine. */
export function storeContract(engine: string, under: StoreUnderTest): void {
  describe(`the ${engine} store keeps the contract`, () => {
    recordsContract(under);
    conversationsContract(under);
    poolsContract(under);
    holdsContract(under);
    settleContract(under);
    usageContract(under);
    booksContract(under);
  });
}
