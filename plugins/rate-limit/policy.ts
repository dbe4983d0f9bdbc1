import type { Operation } from "../../core/domain/ledgerEntry";
import { CodedError } from "../../core/errors/codedError";
import { definePolicy } from "../../core/gateway/definePlugin";
import { speaksAnthropic } from "../../core/gateway/errorShapes";
import type { RateState } from "../../core/services/rateLimits";
import { parameters } from "./schema";

/** The windows are `rate_limiting` in config.yaml and hold from the next request after it changes (docs/wire.md, Operation). */
export const rateLimit = definePolicy({
  name: "lumen-rate-limit",
  requires: ["lumen-key-auth"],
  parameters,
  create({ headers }, { rateLimits, clock }) {
    return async (exchange, next) => {
      if (exchange.isMonitor) return next();
      const { windows, concurrent } = exchange.snapshot.rateLimiting;
      const ownerId = exchange.getOwner().id;
      if (windows.length > 0) {
        const outcome = await rateLimits.take(ownerId, windows);
        if (headers && outcome.state) {
          for (const [name, value] of stateHeaders(outcome.state, exchange.match?.route.operation, clock())) exchange.res.setHeader(name, value);
        }
        if (!outcome.ok) {
          throw refused(`You may send ${outcome.window.text.replace(/ per |\//, " requests per ")}. Wait and try again.`, outcome.state.resetMs);
        }
      }
      if (concurrent > 0) {
        const entered = rateLimits.enter(ownerId, concurrent);
        if (!(typeof entered === "boolean" ? entered : await entered)) throw refused(`At most ${concurrent} of your requests may run at once. Wait for one to end.`, 1_000);
        exchange.onEnd(() => rateLimits.leave(ownerId));
      }
      next();
    };
  },
});

function refused(message: string, resetMs: number): CodedError {
  return new CodedError("rate_limit_exceeded", { message, headers: { "retry-after": String(Math.max(1, Math.ceil(resetMs / 1_000))) } });
}

/** What clients read: OpenAI's names, and on the paths of messages Anthropic's too, whose reset is a time of RFC 3339 (docs/wire.md W85). */
function stateHeaders({ limit, remaining, resetMs }: RateState, operation: Operation | undefined, now: number): [string, string][] {
  const headers: [string, string][] = [
    ["x-ratelimit-limit-requests", String(limit)],
    ["x-ratelimit-remaining-requests", String(remaining)],
    ["x-ratelimit-reset-requests", durationText(resetMs)],
  ];
  if (!speaksAnthropic(operation)) return headers;
  return [
    ...headers,
    ["anthropic-ratelimit-requests-limit", String(limit)],
    ["anthropic-ratelimit-requests-remaining", String(remaining)],
    ["anthropic-ratelimit-requests-reset", new Date(now + resetMs).toISOString()],
  ];
}

/** `1s`, `6m0s`, `1h0m0s`: a duration as OpenAI writes it, in whole seconds and never too short. */
function durationText(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  const [hours, minutes, rest] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  return `${hours > 0 ? `${hours}h` : ""}${seconds >= 60 ? `${minutes}m` : ""}${rest}s`;
}
