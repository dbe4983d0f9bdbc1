import type { UpstreamAnswer } from "../../core/adapters/upstream/upstreamAnswer";
import type { LedgerEntry, Operation } from "../../core/domain/ledgerEntry";
import type { Exchange } from "../../core/gateway/exchange";
import type { CallEnding } from "../../core/services/meter";

/** The upstream broke off before the caller saw anything: another endpoint may still answer. */
export class BrokenBeforeFirstByte extends Error {
  override readonly name = "BrokenBeforeFirstByte";

  /** @param silent it did not break off, but said nothing any more: a time-out */
  constructor(readonly silent = false) {
    super(silent ? "silent" : "broken off");
  }
}

/** Whether the endpoint kept its word: a broken answer is held against it, a caller that left is not. */
export type RelayEnd = "whole" | "broken";

/** Settles the call of an exchange and notes the entry for the log line. */
export async function settle(exchange: Exchange, answer: UpstreamAnswer | undefined, ending: CallEnding): Promise<LedgerEntry> {
  const entry = await exchange.getMeter().settle(ending, answer?.endpoint.id);
  exchange.entry = entry;
  return entry;
}

/** The caller has gone: 499, as nginx logs it. */
export const CALLER_GONE = 499;

export function operationOf(exchange: Exchange): Operation {
  return exchange.match?.route.operation ?? "chat";
}
