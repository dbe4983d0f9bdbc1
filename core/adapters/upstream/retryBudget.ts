import type { Clock } from "../../clock";

/** Tries that each call pays in for those that need another. */
const PER_CALL = 0.2;
/** Tries that are there whatever the traffic is, so that a quiet model has its failover too. */
const PER_SECOND = 10;
/** What can be saved up: enough for the calls under way when a server dies. */
const MOST = 100;
/** An outage is told once a minute, not once a call. */
const TOLD_EVERY_MS = 60_000;

/**
 * How often calls of one model may try a further endpoint (docs/wire.md W73): a fifth of the calls and ten a second, so that
 * failover does not triple the load of servers that are all going down. A token bucket that begins full.
 */
export class RetryBudget {
  private tries = MOST;
  private floor = PER_SECOND;
  private floorAt: number;
  private toldAt = -Infinity;
  /** Further tries so far, and those that were denied. */
  allowed = 0;
  denied = 0;

  /** @param onSpent told that calls now see what the budget no longer hides, once a minute at most */
  constructor(private readonly clock: Clock, private readonly onSpent: () => void = () => undefined) {
    this.floorAt = clock();
  }

  /** A call has begun. */
  payIn(): void {
    if (this.tries < MOST) this.tries = Math.min(MOST, this.tries + PER_CALL);
  }

  /** Whether a call may try a further endpoint now; if so, that is counted. */
  spend(): boolean {
    const now = this.clock();
    this.floor = Math.min(PER_SECOND, this.floor + Math.max(0, ((now - this.floorAt) * PER_SECOND) / 1_000));
    this.floorAt = now;
    if (this.floor >= 1) this.floor -= 1;
    else if (this.tries >= 1) this.tries -= 1;
    else return this.refuse(now);
    this.allowed++;
    return true;
  }

  private refuse(now: number): false {
    this.denied++;
    if (now - this.toldAt >= TOLD_EVERY_MS) {
      this.toldAt = now;
      this.onSpent();
    }
    return false;
  }
}
