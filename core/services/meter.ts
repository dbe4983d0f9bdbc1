import type { ProducedText } from "../adapters/wire/producedText";
import { clampUsage, type ClampedUsage, type ReportedUsage } from "../domain/clampUsage";
import { inputBound } from "../domain/inputBound";
import { mediaUsage, type MediaCall } from "../domain/mediaUsage";
import { FIRST_STREAM_OUTPUT_TOKENS } from "../domain/outputBudget";
import type { NanoCoins } from "../domain/coins";
import { costOf, exactOutputTokenCost, PARTS_PER_NANO } from "../domain/price";
import { NO_USAGE, type Usage } from "../domain/usage";
import { hasOutput, type CallFacts, type EntryFlag, type LedgerEntry } from "../domain/ledgerEntry";
import type { HoldLineRequest, HoldOutcome, Lease } from "../stores/types";
import type { CallToMeter, MeterDeps } from "./meterCall";

/** How a call ended, as the relay saw it. */
export interface CallEnding {
  /** The HTTP status that the caller got, or 499 where it had gone. */
  readonly status: number;
  /** What the upstream reported, raw; the last value of each field (docs/rules.md C1). */
  readonly reported?: ReportedUsage;
  /** What was seen of the answer, to count where nothing was reported (C2). */
  readonly produced?: ProducedText;
  /** `aborted`, `failed`, `stopped`. */
  readonly flags?: readonly EntryFlag[];
  /** Failed before the first token: recorded and not charged (C4). */
  readonly free?: boolean;
  readonly endpoint?: string;
  readonly firstTokenMs?: number;
}

/** The coins of one call, from its hold to its settlement. */
export interface Meter {
  /** The output limit that must go upstream, where the body has none that holds (H1). */
  readonly outputLimit?: number;
  /** Resolves when the hold survives a crash: await it before a stream's first byte. */
  readonly durable: Promise<void>;
  /** True once the hold has ended, either way. */
  readonly ended: boolean;
  /** False once others may book the call (H6): nothing of its answer goes out any more. */
  mayAnswer(): boolean;
  /**
   * Tells how many output tokens were produced so far. Extends the hold ahead of need.
   * @returns false when the coins have ended: stop the stream (H4)
   */
  produced(tokens: number, endpoint?: string): boolean;
  /**
   * Tells what the upstream says was used so far, in tokens, before the text that it covers is passed on: the exact form of
   * `produced`. Extends the hold ahead of need.
   * @returns false when the coins do not cover it: keep that text back and stop the stream (H4). A promise of that where an
   *   extension has to be waited for
   */
  reported(reported: ReportedUsage, endpoint?: string): boolean | Promise<boolean>;
  /** Settles once; later calls get the same entry. Resolves when it is durable. */
  settle(ending: CallEnding, endpoint?: string): Promise<LedgerEntry>;
  /** Gives everything back and leaves no entry: the call never reached an upstream. */
  release(): Promise<void>;
}

export interface OpenedHold {
  readonly lines: readonly Omit<HoldLineRequest, "wantNano">[];
  /** What is held on each line; undefined where nothing limits the call. */
  readonly heldNano?: NanoCoins;
  /** Output tokens of one choice that the hold covers; Infinity where nothing limits the call. */
  readonly heldOutput: number;
  readonly choices: number;
  readonly outputLimit?: number;
  readonly outcome: HoldOutcome;
  /** Of a call about sound or pictures: what it asks for. */
  readonly media?: MediaCall;
}

/** An extension is asked for when less than this share of the hold is left. */
const EXTEND_AT = 0.75;
/** Progress is noted for a crash each time this many tokens have come (H6). */
const NOTE_EVERY = 64;

export function createMeter(deps: MeterDeps, call: CallToMeter, facts: CallFacts, hold: OpenedHold): Meter {
  return new HeldCall(deps, call, facts, hold);
}

class HeldCall implements Meter {
  readonly outputLimit?: number;
  private settling?: Promise<LedgerEntry>;
  private releasing?: Promise<void>;
  private covered: number;
  private heldNano?: NanoCoins;
  /** How near the end of the hold it is extended. */
  private readonly aheadNano: NanoCoins;
  private extension?: Promise<void>;
  private exhausted = false;
  private noted = 0;
  private inputTokens?: number;
  private roughTokens?: number;
  private readonly lease: Lease;

  constructor(
    private readonly deps: MeterDeps,
    private readonly call: CallToMeter,
    private readonly facts: CallFacts,
    private readonly hold: OpenedHold,
  ) {
    this.lease = deps.ledger.lease();
    this.covered = hold.heldOutput * hold.choices;
    this.heldNano = hold.heldNano;
    this.aheadNano = this.outputCost(FIRST_STREAM_OUTPUT_TOKENS * (1 - EXTEND_AT) * hold.choices);
    if (hold.outputLimit !== undefined) this.outputLimit = hold.outputLimit;
  }

  get durable(): Promise<void> {
    const { outcome } = this.hold;
    return outcome.ok ? outcome.durable : Promise.resolve();
  }

  get ended(): boolean {
    return this.settling !== undefined || this.releasing !== undefined;
  }

  mayAnswer(): boolean {
    return this.lease.endsAt === Infinity || performance.now() < this.lease.endsAt;
  }

  produced(tokens: number, endpoint?: string): boolean {
    if (this.ended) return true;
    const { media } = this.hold;
    if (media) {
      // What was asked for is all that can be said of it until its end.
      if (this.noted === 0) this.note(this.mediaUsage(media, {}, undefined).usage, endpoint);
      return true;
    }
    if (tokens - this.noted >= NOTE_EVERY || this.noted === 0) {
      // Only a crash books this: four bytes a token will do, and no tokenizer runs while a stream begins.
      this.note({ ...NO_USAGE, inputTokens: this.roughInput(), outputTokens: tokens }, endpoint);
    }
    if (this.covered === Infinity || this.facts.price.outputPerMillionNano === 0n) return true;
    if (tokens >= this.covered * EXTEND_AT && !this.exhausted) this.extension ??= this.extend(tokens - this.covered);
    return !(this.exhausted && tokens >= this.covered);
  }

  reported(reported: ReportedUsage, endpoint?: string): boolean | Promise<boolean> {
    if (this.ended || !isCount(reported.outputTokens)) return true;
    const { usage } = clampUsage(reported, { contextWindow: this.call.model.contextWindow });
    if (usage.outputTokens - this.noted >= NOTE_EVERY || this.noted === 0) this.note(usage, endpoint);
    if (this.heldNano === undefined || this.facts.price.outputPerMillionNano === 0n) return true;
    const costNano = costOf(usage, this.facts.price);
    if (costNano + this.aheadNano > this.heldNano && !this.exhausted) this.extension ??= this.extend();
    if (costNano <= this.heldNano) return true;
    return this.extension === undefined ? false : this.extension.then(() => this.reported(reported, endpoint));
  }

  settle(ending: CallEnding, endpoint: string | undefined = ending.endpoint): Promise<LedgerEntry> {
    return (this.settling ??= this.book(ending, endpoint));
  }

  release(): Promise<void> {
    if (this.settling) return this.settling.then(() => undefined);
    return (this.releasing ??= this.deps.ledger.release(this.call.requestId));
  }

  private note(usage: Usage, endpoint: string | undefined): void {
    this.noted = Math.max(usage.outputTokens, 1);
    this.deps.ledger.progress(this.call.requestId, {
      usage, costNano: costOf(usage, this.facts.price), ...(endpoint === undefined ? {} : { endpoint }),
    });
  }

  /**
   * By the next 1,024 tokens of each choice, or by the last that there is.
   * @param missing tokens beyond what is covered: where events are long, the stream would run ahead of its hold
   */
  private async extend(missing = 0): Promise<void> {
    let more = FIRST_STREAM_OUTPUT_TOKENS * this.hold.choices + Math.max(0, missing);
    let moreNano = this.outputCost(more);
    try {
      // A hold may lie on two pools: what is left of one may be more than the other has.
      for (let attempt = 0; attempt < 3; attempt++) {
        const outcome = await this.deps.ledger.extend(this.call.requestId, moreNano, this.deps.clock());
        if (outcome.ok) {
          this.covered += more;
          if (this.heldNano !== undefined) this.heldNano += moreNano;
          return;
        }
        moreNano = outcome.availableNano;
        more = Number((moreNano * PARTS_PER_NANO) / (exactOutputTokenCost(this.facts.price) || 1n));
        if (more <= 0) break;
      }
      this.exhausted = true;
    } catch {
      // The store cannot be trusted any more: what is held is all there is.
      this.exhausted = true;
    } finally {
      this.extension = undefined;
    }
  }

  private outputCost(tokens: number): NanoCoins {
    return costOf({ ...NO_USAGE, outputTokens: tokens }, { ...this.facts.price, perRequestNano: 0n });
  }

  /** The bytes of images and recordings are no text, and are left out. */
  private roughInput(): number {
    const { json, textBytes } = this.call.body;
    return (this.roughTokens ??= Math.ceil(inputBound(json, textBytes, this.call.operation) / 4));
  }

  private countedInput(): number {
    return (this.inputTokens ??= this.deps.countInput(this.call.body.json));
  }

  private book(ending: CallEnding, endpoint: string | undefined): Promise<LedgerEntry> {
    const flags = new Set(ending.flags);
    const usage = ending.free ? NO_USAGE : this.usageOf(ending, flags);
    return this.deps.ledger.settle({
      id: this.call.requestId,
      facts: this.facts,
      usage,
      costNano: ending.free ? 0n : costOf(usage, this.facts.price),
      settledAt: this.deps.clock(),
      status: ending.status,
      flags: [...flags],
      endpoint,
      firstTokenMs: ending.firstTokenMs,
    });
  }

  private mediaUsage(media: MediaCall, reported: ReportedUsage, produced: ProducedText | undefined): ClampedUsage & { readonly estimated: boolean } {
    const { usage, estimated } = mediaUsage(media, this.facts.price, reported, {
      input: () => this.countedInput(), ...(produced ? { output: () => this.deps.countOutput(produced) } : {}),
    });
    return { ...clampUsage(usage, { contextWindow: this.call.model.contextWindow }), estimated };
  }

  /** Reported where a count was reported, estimated where none was, and said so (C1, C2). */
  private usageOf({ reported = {}, produced }: CallEnding, flags: Set<EntryFlag>): Usage {
    if (this.hold.media) {
      const { usage, estimated, clamped } = this.mediaUsage(this.hold.media, reported, produced);
      if (clamped) flags.add("clamped");
      if (estimated) flags.add("estimated");
      return usage;
    }
    const { inputTokens, outputTokens } = reported;
    const estimated: { inputTokens?: number; outputTokens?: number } = {};
    if (!isCount(inputTokens)) estimated.inputTokens = this.countedInput();
    if (!isCount(outputTokens) && hasOutput(this.call.operation)) estimated.outputTokens = produced ? this.deps.countOutput(produced) : 0;
    const { usage, clamped } = clampUsage({ ...reported, ...estimated }, { contextWindow: this.call.model.contextWindow });
    if (clamped || isAbsurd(inputTokens) || isAbsurd(outputTokens)) flags.add("clamped");
    if (Object.keys(estimated).length > 0) flags.add("estimated");
    return usage;
  }
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

/** Something was reported, and it is no count. */
function isAbsurd(value: unknown): boolean {
  return value !== undefined && value !== null && !isCount(value);
}
