import type { ProducedText } from "../adapters/wire/producedText";
import { clampUsage, type ReportedUsage } from "../domain/clampUsage";
import { inputBound } from "../domain/inputBound";
import { FIRST_STREAM_OUTPUT_TOKENS } from "../domain/outputBudget";
import { costOf } from "../domain/price";
import { NO_USAGE, type Usage } from "../domain/usage";
import { hasOutput, type CallFacts, type EntryFlag, type LedgerEntry } from "../domain/ledgerEntry";
import type { HoldLineRequest, HoldOutcome } from "../stores/types";
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
  /**
   * Tells how many output tokens were produced so far. Extends the hold ahead of need.
   * @returns false when the coins have ended: stop the stream (H4)
   */
  produced(tokens: number, endpoint?: string): boolean;
  /** Settles once; later calls get the same entry. Resolves when it is durable. */
  settle(ending: CallEnding, endpoint?: string): Promise<LedgerEntry>;
  /** Gives everything back and leaves no entry: the call never reached an upstream. */
  release(): Promise<void>;
}

export interface OpenedHold {
  readonly lines: readonly Omit<HoldLineRequest, "wantNano">[];
  /** Output tokens of one choice that the hold covers; Infinity where nothing limits the call. */
  readonly heldOutput: number;
  readonly choices: number;
  readonly outputLimit?: number;
  readonly outcome: HoldOutcome;
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
  private extending = false;
  private exhausted = false;
  private noted = 0;
  private inputTokens?: number;
  private roughTokens?: number;

  constructor(
    private readonly deps: MeterDeps,
    private readonly call: CallToMeter,
    private readonly facts: CallFacts,
    private readonly hold: OpenedHold,
  ) {
    this.covered = hold.heldOutput * hold.choices;
    if (hold.outputLimit !== undefined) this.outputLimit = hold.outputLimit;
  }

  get durable(): Promise<void> {
    const { outcome } = this.hold;
    return outcome.ok ? outcome.durable : Promise.resolve();
  }

  get ended(): boolean {
    return this.settling !== undefined || this.releasing !== undefined;
  }

  produced(tokens: number, endpoint?: string): boolean {
    if (this.ended) return true;
    if (tokens - this.noted >= NOTE_EVERY || this.noted === 0) this.note(tokens, endpoint);
    if (this.covered === Infinity || this.facts.price.outputPerMillionNano === 0n) return true;
    if (tokens >= this.covered * EXTEND_AT && !this.extending && !this.exhausted) void this.extend();
    return !(this.exhausted && tokens >= this.covered);
  }

  settle(ending: CallEnding, endpoint: string | undefined = ending.endpoint): Promise<LedgerEntry> {
    return (this.settling ??= this.book(ending, endpoint));
  }

  release(): Promise<void> {
    if (this.settling) return this.settling.then(() => undefined);
    return (this.releasing ??= this.deps.ledger.release(this.call.requestId));
  }

  private note(tokens: number, endpoint: string | undefined): void {
    this.noted = Math.max(tokens, 1);
    // Only a crash books this: four bytes a token will do, and no tokenizer runs while a stream begins.
    const usage = { ...NO_USAGE, inputTokens: this.roughInput(), outputTokens: tokens };
    this.deps.ledger.progress(this.call.requestId, {
      usage, costNano: costOf(usage, this.facts.price), ...(endpoint === undefined ? {} : { endpoint }),
    });
  }

  private async extend(): Promise<void> {
    this.extending = true;
    const more = FIRST_STREAM_OUTPUT_TOKENS * this.hold.choices;
    const moreNano = costOf({ ...NO_USAGE, outputTokens: more }, { ...this.facts.price, perRequestNano: 0n });
    try {
      const outcome = await this.deps.ledger.extend(this.call.requestId, moreNano, this.deps.clock());
      if (outcome.ok) this.covered += more;
      else this.exhausted = true;
    } catch {
      // The store cannot be trusted any more: what is held is all there is.
      this.exhausted = true;
    } finally {
      this.extending = false;
    }
  }

  /** The bytes of images and recordings are no text, and are left out. */
  private roughInput(): number {
    const { json, raw } = this.call.body;
    return (this.roughTokens ??= Math.ceil(inputBound(json, raw.length, this.call.operation) / 4));
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

  /** Reported where a count was reported, estimated where none was, and said so (C1, C2). */
  private usageOf({ reported = {}, produced }: CallEnding, flags: Set<EntryFlag>): Usage {
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
