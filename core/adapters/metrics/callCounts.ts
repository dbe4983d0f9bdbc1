import type { NanoCoins } from "../../domain/coins";
import type { LedgerEntry } from "../../domain/ledgerEntry";

/** What is counted of a request once it is over. */
export interface CountedRequest {
  /** Of the configuration: a name that a caller made up is no label. Undefined where none was found. */
  readonly model?: string;
  /** `chat`, `embeddings`, `models` … */
  readonly operation: string;
  /** The HTTP status; 499 where the caller left. */
  readonly status: number;
  readonly entry?: LedgerEntry;
}

/** What one model has come to. Coins are exact here; a scrape alone makes numbers of them (docs/rules.md M1). */
export interface ModelCounts {
  input: number;
  cachedInput: number;
  cacheWrite: number;
  output: number;
  costNano: NanoCoins;
  uncollectedNano: NanoCoins;
}

/** Counts in plain maps, because a labelled counter of the library costs more than all of it: nothing here is worth a microsecond. */
export class CallCounts {
  /** Model → operation → class of the status (`2xx`) → requests. */
  readonly requests = new Map<string, Map<string, Map<string, number>>>();
  readonly models = new Map<string, ModelCounts>();

  count({ model = "", operation, status, entry }: CountedRequest): void {
    const classes = within(within(this.requests, model), operation);
    const kind = CLASSES[Math.trunc(status / 100)] ?? "5xx";
    classes.set(kind, (classes.get(kind) ?? 0) + 1);
    if (entry) this.add(model, entry);
  }

  private add(model: string, { usage, costNano, charges }: LedgerEntry): void {
    let counts = this.models.get(model);
    if (!counts) this.models.set(model, (counts = { input: 0, cachedInput: 0, cacheWrite: 0, output: 0, costNano: 0n, uncollectedNano: 0n }));
    counts.input += usage.inputTokens;
    counts.cachedInput += usage.cachedInputTokens;
    counts.cacheWrite += usage.cacheWriteTokens;
    counts.output += usage.outputTokens;
    counts.costNano += costNano;
    for (const { uncollectedNano } of charges) if (uncollectedNano > 0n) counts.uncollectedNano += uncollectedNano;
  }
}

const CLASSES = ["5xx", "1xx", "2xx", "3xx", "4xx", "5xx"] as const;

function within<Inner>(outer: Map<string, Map<string, Inner>>, key: string): Map<string, Inner> {
  let inner = outer.get(key);
  if (!inner) outer.set(key, (inner = new Map<string, Inner>()));
  return inner;
}
