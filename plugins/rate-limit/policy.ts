import { CodedError } from "../../core/errors/codedError";
import { definePolicy } from "../../core/gateway/definePlugin";
import type { RateState } from "../../core/services/rateLimits";
import { parameters } from "./schema";

/** The windows are `rate_limiting` in config.yaml and hold from the next request after it changes (docs/wire.md, Operation). */
export const rateLimit = definePolicy({
  name: "lumen-rate-limit",
  requires: ["lumen-key-auth"],
  parameters,
  create({ headers }, { rateLimits }) {
    return async (exchange, next) => {
      if (exchange.isMonitor) return next();
      const { windows, concurrent } = exchange.snapshot.rateLimiting;
      const ownerId = exchange.getOwner().id;
      if (windows.length > 0) {
        const outcome = await rateLimits.take(ownerId, windows);
        if (headers && outcome.state) for (const [name, value] of stateHeaders(outcome.state)) exchange.res.setHeader(name, value);
        if (!outcome.ok) {
          throw refused(`You may send ${outcome.window.text.replace(/ per |\//, " requests per ")}. Wait and try again.`, outcome.state.resetMs);
        }
      }
      if (concurrent > 0) {
        if (!rateLimits.enter(ownerId, concurrent)) throw refused(`At most ${concurrent} of your requests may run at once. Wait for one to end.`, 1_000);
        exchange.onEnd(() => rateLimits.leave(ownerId));
      }
      next();
    };
  },
});

function refused(message: string, resetMs: number): CodedError {
  return new CodedError("rate_limit_exceeded", { message, headers: { "retry-after": String(Math.max(1, Math.ceil(resetMs / 1_000))) } });
}

function stateHeaders({ limit, remaining, resetMs }: RateState): [string, string][] {
  return [
    ["x-ratelimit-limit-requests", String(limit)],
    ["x-ratelimit-remaining-requests", String(remaining)],
    ["x-ratelimit-reset-requests", `${Math.ceil(resetMs / 1_000)}s`],
  ];
}
