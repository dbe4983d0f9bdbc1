import { mediaBound, type MediaCall } from "../domain/mediaUsage";
import { FIRST_STREAM_OUTPUT_TOKENS, fitOutput, holdCost, holdCostOf } from "../domain/outputBudget";
import { inputBound, requestedOutput } from "../domain/inputBound";
import { poolTermsOf } from "../domain/ownerSettings";
import { isFree } from "../domain/price";
import type { ApiKey } from "../domain/apiKey";
import type { PoolTerms } from "../domain/coinPool";
import { displayCoins, type NanoCoins } from "../domain/coins";
import type { ConfigSnapshot } from "../domain/configSnapshot";
import { hasOutput, type CallFacts, type Operation } from "../domain/ledgerEntry";
import type { CatalogModel } from "../domain/modelCatalog";
import type { Owner } from "../domain/owner";
import { CodedError } from "../errors/codedError";
import type { ByteSource } from "../adapters/wire/byteSource";
import type { ProducedText } from "../adapters/wire/producedText";
import type { Clock } from "../clock";
import type { HoldLineRequest, HoldOutcome, Ledger } from "../stores/types";
import { createMeter, type Meter } from "./meter";
import { readMediaCall } from "./meterMedia";
import { createUnbookedMeter } from "./unbookedMeter";

export type { Meter } from "./meter";

/** What is read of a request to meter it. */
export interface MeteredBody {
  readonly json: Readonly<Record<string, unknown>>;
  /** Bytes that may be text: all of them, but for the files of a form. */
  readonly textBytes: number;
  readonly files: readonly (ByteSource & { readonly name: string })[];
}

/** What is known of a call when its coins are set aside. */
export interface CallToMeter {
  readonly requestId: string;
  readonly owner: Owner;
  readonly apiKey?: ApiKey;
  readonly via: "api" | "chat";
  readonly operation: Operation;
  readonly model: CatalogModel;
  readonly snapshot: ConfigSnapshot;
  readonly body: MeteredBody;
  readonly startedAt: number;
}

export interface MeterDeps {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Bounded in time, whatever the text (docs/rules.md C2). */
  readonly countInput: (body: Readonly<Record<string, unknown>>) => number;
  readonly countOutput: (produced: ProducedText) => number;
  /** Milliseconds; undefined where the file does not say. A few short reads. */
  readonly measureAudio: (recording: ByteSource) => Promise<number | undefined>;
}

export interface CallMeter {
  /**
   * Sets coins aside for a call, or refuses it (docs/rules.md H1).
   * @throws CodedError no_budget, insufficient_quota; StoreUnavailable
   */
  open(call: CallToMeter): Promise<Meter>;
}

export function createCallMeter(deps: MeterDeps): CallMeter {
  return { open: (call) => openMeter(deps, call) };
}

async function openMeter(deps: MeterDeps, call: CallToMeter): Promise<Meter> {
  const { price } = call.model;
  const facts = factsOf(call);
  const pools = poolsOf(call);
  if (call.operation === "count_tokens") return createUnbookedMeter(deps.clock, call.requestId, facts);
  const media = readMediaCall(deps, call);
  if (media) return openMediaMeter(deps, call, pools, await media);
  const wish = wishOf(call);
  if (pools.length === 0) {
    const outcome = await placeHold(deps, call, facts, [], 0n);
    return createMeter(deps, call, facts, { lines: [], heldOutput: Infinity, choices: wish.choices, outcome });
  }
  const costOfHold = (inputTokens: number, outputTokens: number) => holdCost(price, inputTokens, outputTokens * wish.choices);
  const place = (inputTokens: number, outputTokens: number) => placeHold(deps, call, facts, pools, costOfHold(inputTokens, outputTokens));
  const meter = (outcome: HoldOutcome, inputTokens: number, heldOutput: number, limit: number | undefined) =>
    createMeter(deps, call, facts, {
      lines: pools, heldNano: costOfHold(inputTokens, heldOutput), heldOutput, choices: wish.choices, outcome,
      ...(limit === undefined ? {} : { outputLimit: limit }),
    });
  const first = wish.streamed ? Math.min(FIRST_STREAM_OUTPUT_TOKENS, wish.output) : wish.output;
  const bound = inputBound(call.body.json, call.body.textBytes, call.operation);
  let refused = await place(bound, first);
  if (refused.ok) return meter(refused, bound, first, wish.limitToSend);

  // It does not fit by the bound: count the input truly, then lower the output to what the balance pays for (H1).
  const inputTokens = price.inputPerMillionNano > 0n ? Math.min(bound, withMargin(deps.countInput(call.body.json))) : bound;
  for (let attempt = 0; attempt < 3 && !refused.ok; attempt++) {
    const fits = fitOutput({
      availableNano: refused.availableNano, inputTokens, price, wantedOutputTokens: first, choices: wish.choices,
      minimumOutputTokens: call.snapshot.coins.minimumOutputTokens,
    });
    if (fits === undefined) break;
    const outcome: HoldOutcome = await place(inputTokens, fits);
    if (outcome.ok) return meter(outcome, inputTokens, fits, fits < first ? fits : wish.limitToSend);
    refused = outcome;
  }
  throw exhausted(refused, deps.clock());
}

/** All at once and by its bound (H1): there is no limit that could be lowered, and nothing that could be extended. */
async function openMediaMeter(deps: MeterDeps, call: CallToMeter, pools: readonly Omit<HoldLineRequest, "wantNano">[], media: MediaCall): Promise<Meter> {
  const facts = factsOf(call);
  const wantNano = pools.length === 0 ? 0n : holdCostOf(mediaBound(media), call.model.price);
  const outcome = await placeHold(deps, call, facts, pools, wantNano);
  if (!outcome.ok) throw exhausted(outcome, deps.clock());
  return createMeter(deps, call, facts, { lines: pools, heldOutput: Infinity, choices: 1, outcome, media });
}

function factsOf(call: CallToMeter): CallFacts {
  return {
    ownerId: call.owner.id,
    keyId: call.apiKey?.id,
    via: call.via,
    operation: call.operation,
    model: call.model.name,
    price: call.model.price,
    startedAt: call.startedAt,
  };
}

/** The pools that limit this call: the owner's, unless unlimited, and the key's cap (H5, K2). */
function poolsOf(call: CallToMeter): Omit<HoldLineRequest, "wantNano">[] {
  const { terms } = poolTermsOf(call.owner, call.snapshot);
  if (!terms) throw new CodedError("no_budget");
  if (terms.kind === "blocked") {
    throw new CodedError("no_budget", { message: "The coin pool of this account is blocked. Ask an administrator for a budget." });
  }
  const pools: Omit<HoldLineRequest, "wantNano">[] = [];
  if (terms.kind === "limited") pools.push({ pool: call.owner.id, terms });
  if (call.apiKey?.coinCapNano !== undefined) pools.push(keyPool(call.apiKey.id, call.apiKey.coinCapNano));
  return pools;
}

function keyPool(keyId: string, capNano: NanoCoins): { pool: string; terms: PoolTerms } {
  return { pool: `key:${keyId}`, terms: { kind: "limited", maxNano: capNano, refreshNanoPerHour: 0n, startingNano: capNano } };
}

interface Wish {
  readonly streamed: boolean;
  readonly choices: number;
  /** Output tokens of one choice. */
  readonly output: number;
  /** Set where the caller named no limit, or a wider one than the model has: the limit must really go upstream (H1). */
  readonly limitToSend?: number;
}

function wishOf(call: CallToMeter): Wish {
  const streamed = call.body.json["stream"] === true;
  const { limit, choices } = requestedOutput(call.body.json, call.operation);
  if (!hasOutput(call.operation)) return { streamed: false, choices, output: 0 };
  const ceiling = call.model.maxOutputTokens;
  if (limit !== undefined && (ceiling === undefined || limit <= ceiling)) return { streamed, choices, output: limit };
  const output = ceiling ?? call.snapshot.coins.defaultOutputTokens;
  // Where output costs nothing no rule demands a limit, and the body stays as it is.
  return call.model.price.outputPerMillionNano === 0n ? { streamed, choices, output } : { streamed, choices, output, limitToSend: output };
}

function placeHold(
  deps: MeterDeps, call: CallToMeter, facts: CallFacts, pools: readonly Omit<HoldLineRequest, "wantNano">[], wantNano: NanoCoins,
): Promise<HoldOutcome> {
  const zeroIsFree = call.snapshot.coins.freeModelsWhenExhausted && isFree(call.model.price);
  return deps.ledger.hold(
    { id: call.requestId, facts, lines: pools.map((pool) => ({ ...pool, wantNano })), zeroIsFree },
    deps.clock(),
  );
}

/** The tokenizer is not the model's own: 10 % and a few tokens more. */
function withMargin(tokens: number): number {
  return Math.ceil(tokens * 1.1) + 16;
}

function exhausted(refused: HoldOutcome, now: number): CodedError {
  const headers = { "x-should-retry": "false" };
  if (refused.ok) return new CodedError("insufficient_quota", { headers });
  const what = refused.pool.startsWith("key:") ? "The coin cap of this API key is reached" : "Your coins do not cover this request";
  const held = refused.balanceNano > refused.availableNano ? ` (${displayCoins(refused.balanceNano - refused.availableNano)} held for running requests)` : "";
  const refill = refused.nextRefillAt === undefined
    ? "No refill is due; ask an administrator for coins."
    : `The next refill comes in ${Math.max(1, Math.ceil((refused.nextRefillAt - now) / 60_000))} minutes.`;
  return new CodedError("insufficient_quota", { message: `${what}: ${displayCoins(refused.availableNano)} coins are available${held}. ${refill}`, headers });
}
