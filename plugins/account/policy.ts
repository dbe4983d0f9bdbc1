import { definePolicy } from "../../core/gateway/definePlugin";
import { sendJson } from "../../core/gateway/respond";

/** `GET /v1/me`: owner, balance, pool, refill, limits. */
export const account = definePolicy({
  name: "account",
  requires: ["lumen-key-auth"],
  create(_parameters, services) {
    return async (exchange) => {
      const described = await services.describeAccount(exchange.snapshot, exchange.getOwner());
      sendJson(exchange.res, 200, described, { "cache-control": "no-store" });
    };
  },
});
