import type { UpstreamAnswer } from "../../core/adapters/upstream/upstreamAnswer";
import type { LedgerEntry, Operation } from "../../core/domain/ledgerEntry";
import type { Exchange } from "../../core/gateway/exchange";
import type { CallEnding } from "../../core/services/meter";
import type { StreamRefusal } from "./upstreamRefusal";

/** The upstream broke off, or said that it failed, before the caller saw anything: another endpoint may still answer. */
export class BrokenBeforeFirstByte extends Error {
  override readonly name = "BrokenBeforeFirstByte";

  /**
   * @param how `fell silent`: it did not break off, but said nothing any more; a refusal: it said in its stream's first event that it
   * failed
   */
  constructor(readonly how: "broke off" | "fell silent" | StreamRefusal = "broke off") {
    super(typeof how === "string" ? how : "refused");
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
