import { NO_USAGE } from "../domain/usage";
import type { CallFacts, LedgerEntry } from "../domain/ledgerEntry";
import type { Clock } from "../clock";
import type { CallEnding, Meter } from "./meter";

/**
 * The meter of a call that is in nobody's ledger (docs/rules.md C6: `count_tokens`): it holds nothing and books nothing. The
 * entry that it settles with is for the log line alone.
 */
export function createUnbookedMeter(clock: Clock, requestId: string, facts: CallFacts): Meter {
  return new UnbookedCall(clock, requestId, facts);
}

class UnbookedCall implements Meter {
  readonly durable = Promise.resolve();
  ended = false;

  constructor(private readonly clock: Clock, private readonly requestId: string, private readonly facts: CallFacts) {}

  mayAnswer(): boolean {
    return true;
  }

  produced(): boolean {
    return true;
  }

  reported(): boolean {
    return true;
  }

  settle({ status }: CallEnding, endpoint?: string): Promise<LedgerEntry> {
    this.ended = true;
    const settledAt = this.clock();
    return Promise.resolve({
      ...this.facts, id: this.requestId, usage: NO_USAGE, costNano: 0n, charges: [], settledAt, durationMs: settledAt - this.facts.startedAt, status, flags: [],
      ...(endpoint === undefined ? {} : { endpoint }),
    });
  }

  release(): Promise<void> {
    this.ended = true;
    return Promise.resolve();
  }
}
