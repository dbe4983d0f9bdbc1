import type { Clock } from "../../clock";
import type { UpstreamFailureKind } from "./upstreamFailure";

/**
 * What can be held against an endpoint: `refused` nobody listens · `server_error` a 5xx · `idle` silence in the middle of an
 * answer · and what UpstreamFailure names. A caller that left, and a 4xx, are not its fault.
 */
export type EndpointFault = Exclude<UpstreamFailureKind, "aborted"> | "refused" | "server_error" | "idle";

/** `up` · `down` by a probe: no calls · `trial` one call may find out · `doubted` by calls alone: used where nothing better is. */
export type Availability = "up" | "trial" | "doubted" | "down";

export type HealthChange = "went_down" | "came_up" | undefined;

/** Failures in a row until an endpoint counts as down; a refused connection is as good as all of them. */
const ENOUGH_FAILURES = 3;
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 30_000;
/** The part of its weight that an endpoint begins with when it comes back. */
const FIRST_SHARE = 0.1;

/** What calls and probes have shown of one endpoint. No timers: time is asked for when somebody looks. */
export class EndpointHealth {
  /** In a row. */
  private failedCalls = 0;
  private failedProbes = 0;
  /** Apart from failed calls: these have good heads between them, which prove nothing. */
  private brokenAnswers = 0;
  private downBy: "calls" | "probe" | undefined;
  /** What the last failed call was; `broken` after its head. */
  private lastFault: EndpointFault | "broken" | undefined;
  private backoffMs = FIRST_BACKOFF_MS;
  private trialFrom = 0;
  private trialRuns = false;
  /** Set while it starts slowly. */
  private upSince: number | undefined;

  constructor(private readonly clock: Clock) {}

  availability(): Availability {
    if (this.downBy === undefined) return "up";
    if (this.downBy === "probe") return "down";
    return !this.trialRuns && this.clock() >= this.trialFrom ? "trial" : "doubted";
  }

  /** Something went wrong since the last success. */
  get suspect(): boolean {
    return this.failedCalls > 0 || this.failedProbes > 0;
  }

  /**
   * The part of its weight that counts: after it came back it grows evenly from a tenth to 1, so that a server with empty caches is
   * not run over (docs/wire.md W72). 1 for an endpoint that was never down.
   * @param slowStartMs how long that takes
   */
  share(slowStartMs: number): number {
    if (this.upSince === undefined) return 1;
    const passedMs = this.clock() - this.upSince;
    if (passedMs < slowStartMs) return FIRST_SHARE + (1 - FIRST_SHARE) * (passedMs / slowStartMs);
    this.upSince = undefined;
    return 1;
  }

  beginTrial(): void {
    this.trialRuns = true;
  }

  /** A trial that showed nothing, because its caller left. */
  endTrial(): void {
    this.trialRuns = false;
  }

  /** A good head has come. */
  callSucceeded(): HealthChange {
    return this.recover();
  }

  callFailed(fault: EndpointFault, trial: boolean): HealthChange {
    if (this.downBy === undefined) {
      this.lastFault = fault;
      this.failedCalls += weight(fault);
      return this.failedCalls < ENOUGH_FAILURES ? undefined : this.goDown("calls");
    }
    // Calls that were under way when it went down say nothing new; a trial does.
    if (trial && this.downBy === "calls") {
      this.lastFault = fault;
      this.trialRuns = false;
      this.backoffMs = Math.min(this.backoffMs * 2, LONGEST_BACKOFF_MS);
      this.trialFrom = this.clock() + this.backoffMs;
    }
    return undefined;
  }

  /** The head was good and the rest of the answer was not. */
  answerBroke(): HealthChange {
    this.brokenAnswers++;
    if (this.downBy !== undefined || this.brokenAnswers < ENOUGH_FAILURES) return undefined;
    this.lastFault = "broken";
    return this.goDown("calls");
  }

  /** Nothing is held against its answer. */
  answerEnded(): void {
    this.brokenAnswers = 0;
  }

  /**
   * A server whose list of models answers may still fail every call: what calls have shown, a probe takes back only where it
   * would have seen it itself.
   */
  probeSucceeded(): HealthChange {
    this.failedProbes = 0;
    if (this.downBy === "probe" || REACHABILITY.has(this.lastFault)) return this.recover();
    return undefined;
  }

  probeFailed(fault: EndpointFault): HealthChange {
    if (this.downBy === "calls") this.downBy = "probe";
    if (this.downBy !== undefined) return undefined;
    this.failedProbes += weight(fault);
    return this.failedProbes < ENOUGH_FAILURES ? undefined : this.goDown("probe");
  }

  private goDown(by: "calls" | "probe"): HealthChange {
    this.downBy = by;
    this.trialFrom = this.clock() + this.backoffMs;
    return "went_down";
  }

  private recover(): HealthChange {
    const wasDown = this.downBy !== undefined;
    this.failedCalls = 0;
    this.failedProbes = 0;
    this.downBy = undefined;
    this.lastFault = undefined;
    this.trialRuns = false;
    this.backoffMs = FIRST_BACKOFF_MS;
    if (wasDown) this.upSince = this.clock();
    return wasDown ? "came_up" : undefined;
  }
}

function weight(fault: EndpointFault): number {
  return fault === "refused" ? ENOUGH_FAILURES : 1;
}

const REACHABILITY: ReadonlySet<EndpointFault | "broken" | undefined> = new Set<EndpointFault>(["refused", "connect", "reset"]);
