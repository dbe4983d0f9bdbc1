import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { RateWindow } from "../domain/configSnapshot";
import type { RateLimits, RateOutcome, RateState } from "../stores/types";

export type { RateLimits, RateOutcome, RateState } from "../stores/types";

/** They answer at once. */
interface MemoryRateLimits extends RateLimits {
  enter(ownerId: string, limit: number): boolean;
}

/** The limits of a process that is alone on its store. */
export function createRateLimits(): MemoryRateLimits {
  const limiters = new Map<string, RateLimiterMemory>();
  const running = new Map<string, number>();
  const limiterOf = ({ limit, seconds }: RateWindow) => {
    const name = `${limit}/${seconds}`;
    let limiter = limiters.get(name);
    if (!limiter) limiters.set(name, (limiter = new RateLimiterMemory({ points: limit, duration: seconds, keyPrefix: name })));
    return limiter;
  };
  return {
    take: (ownerId, windows) => takeAll(ownerId, windows, limiterOf),
    enter(ownerId, limit) {
      const now = running.get(ownerId) ?? 0;
      if (limit > 0 && now >= limit) return false;
      running.set(ownerId, now + 1);
      return true;
    },
    leave(ownerId) {
      const left = (running.get(ownerId) ?? 1) - 1;
      if (left > 0) running.set(ownerId, left);
      else running.delete(ownerId);
    },
    running: (ownerId) => running.get(ownerId) ?? 0,
  };
}

async function takeAll(
  ownerId: string, windows: readonly RateWindow[], limiterOf: (window: RateWindow) => RateLimiterMemory,
): Promise<RateOutcome> {
  let tightest: RateState | undefined;
  for (const [index, window] of windows.entries()) {
    try {
      const result = await limiterOf(window).consume(ownerId);
      const state = stateOf(window, result);
      if (!tightest || state.remaining < tightest.remaining) tightest = state;
    } catch (result) {
      if (!(result instanceof RateLimiterRes)) throw result;
      // Refused here: what the windows before this one counted is given back.
      await Promise.all(windows.slice(0, index).map((earlier) => limiterOf(earlier).reward(ownerId)));
      return { ok: false, window, state: stateOf(window, result) };
    }
  }
  return tightest ? { ok: true, state: tightest } : { ok: true };
}

function stateOf(window: RateWindow, result: RateLimiterRes): RateState {
  return { limit: window.limit, remaining: Math.max(0, result.remainingPoints), resetMs: result.msBeforeNext };
}
