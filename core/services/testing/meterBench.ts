import type { CoinPool } from "../../domain/coinPool";
import type { NanoCoins } from "../../domain/coins";
import type { Operation } from "../../domain/ledgerEntry";
import type { CatalogModel } from "../../domain/modelCatalog";
import type { Client } from "../../domain/owner";
import type { Price } from "../../domain/price";
import { client, coins } from "../../domain/testing/snapshots";
import { CodedError } from "../../errors/codedError";
import { createMemoryStore } from "../../stores/memory";
import type { Store } from "../../stores/types";
import { createCallMeter, type MeteredBody, type Meter } from "../meterCall";
import { modelOf, serviceSnapshot } from "./snapshots";

/** A call as a test says it; what it does not say is dull. */
export interface BenchCall {
  readonly owner?: Client;
  /** `max` and `starting` of the pool: `-2` unlimited, `0` blocked, undefined none. */
  readonly balance?: string;
  readonly starting?: string;
  readonly refresh?: string;
  readonly price: Price;
  readonly body?: object;
  /** The length of the body as it came. */
  readonly bytes: number;
  /** What the tokenizer says of the input. */
  readonly counted?: number;
  readonly files?: MeteredBody["files"];
  /** How long its `file` is. */
  readonly recordingMs?: number;
  readonly keyCap?: string;
  readonly model?: Partial<CatalogModel>;
  readonly operation?: Operation;
  readonly freeModelsWhenExhausted?: boolean;
  readonly requestId?: string;
}

/** For one `describe`: meters over a store in memory, with a clock and a tokenizer that the test turns. */
export class MeterBench {
  store!: Store;
  now = 0;
  /** How often the tokenizer was asked for an input. */
  counts = 0;
  private calls = 0;

  constructor() {
    beforeEach(async () => {
      this.now = 1_700_000_000_000;
      this.counts = 0;
      this.store = await createMemoryStore({ now: () => this.now });
    });
    afterEach(() => this.store.close());
  }

  readonly open = (call: BenchCall): Promise<Meter> => {
    const { owner = client("bot"), balance, body = {}, keyCap, operation = "chat" } = call;
    const countInput = () => {
      this.counts++;
      return call.counted ?? 100;
    };
    const meters = createCallMeter({ ledger: this.store.ledger, clock: () => this.now, countInput, countOutput: (produced) => produced.roughTokens, measureAudio: async () => call.recordingMs });
    const requestId = call.requestId ?? `r${++this.calls}`;
    return meters.open({
      requestId, owner, via: "api", operation, startedAt: this.now,
      model: modelOf({ name: "dummy", price: call.price, ...call.model }),
      body: { textBytes: call.bytes, json: { ...body }, files: call.files ?? [] },
      snapshot: {
        ...serviceSnapshot({ defaultPool: balance === undefined ? {} : { max: balance, refresh: call.refresh ?? "0", starting: call.starting } }),
        coins: { freeModelsWhenExhausted: call.freeModelsWhenExhausted ?? false, minimumOutputTokens: 256, defaultOutputTokens: 4_096, lowBalancePercent: 10 },
      },
      ...(keyCap === undefined ? {} : { apiKey: keyOf(owner, keyCap) }),
    });
  };

  /** The refusal of a call that must be refused. */
  readonly refused = async (call: BenchCall): Promise<CodedError> => {
    const outcome: unknown = await this.open(call).catch((error: unknown) => error);
    if (!(outcome instanceof CodedError)) throw new Error("it was not refused with a coded error");
    return outcome;
  };

  readonly pool = (id = "c-bot"): Promise<CoinPool | undefined> => this.store.ledger.pool(id, this.now);

  readonly held = async (id = "c-bot"): Promise<NanoCoins> => (await this.pool(id))?.heldNano ?? 0n;
}

function keyOf(owner: Client, cap: string) {
  return {
    id: `k-${owner.id}`, ownerId: owner.id, name: "test", hint: "", digest: "", pepperId: "", verifier: "", status: "active" as const, createdAt: 0,
    coinCapNano: coins(cap),
  };
}
