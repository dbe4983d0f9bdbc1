import { CodedError } from "../../core/errors/codedError";
import { definePolicy } from "../../core/gateway/definePlugin";

/** Places the hold (docs/rules.md H1) and leaves the meter on the exchange; whoever answers settles it. */
export const coinMetering = definePolicy({
  name: "coin-metering",
  requires: ["lumen-key-auth", "model-access", "consent"],
  mustPrecede: ["upstream-proxy"],
  create(_parameters, services) {
    return async (exchange, next) => {
      const operation = exchange.match?.route.operation;
      if (!operation || exchange.getDecision().verdict !== "allowed") throw new CodedError("model_access_denied", { param: "model" });
      const meter = await services.callMeter.open({
        requestId: exchange.id,
        owner: exchange.getOwner(),
        ...(exchange.apiKey ? { apiKey: exchange.apiKey } : {}),
        via: exchange.via,
        operation,
        model: exchange.getModel(),
        snapshot: exchange.snapshot,
        body: exchange.getBody(),
        startedAt: exchange.startedAt,
      });
      exchange.meter = meter;
      // Answered by a policy in between, or left before an upstream had the call: nothing is charged (C3).
      exchange.onEnd(() => {
        if (meter.ended) return;
        meter.release().catch((cause: unknown) => services.logger.error({ request_id: exchange.id, cause: String(cause) }, "a hold could not be released"));
      });
      next();
    };
  },
});
