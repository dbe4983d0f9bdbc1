import { CodedError } from "../../core/errors/codedError";
import { definePolicy } from "../../core/gateway/definePlugin";
import { sendJson } from "../../core/gateway/respond";

/** `GET /v1/requests/{id}`: what one call of the caller used and cost (docs/wire.md W80). A stranger's call is not found. */
export const receipt = definePolicy({
  name: "receipt",
  requires: ["lumen-key-auth"],
  create(_parameters, services) {
    return async (exchange) => {
      const { requestId = "" } = exchange.match ?? {};
      const found = await services.describeReceipt(exchange.snapshot, requestId, exchange.getOwner().id);
      if (!found) throw new CodedError("not_found", { message: `You have no request '${requestId.slice(0, 64)}'. Its id is in the header x-request-id of the answer.` });
      sendJson(exchange.res, 200, found, { "cache-control": "no-store" });
    };
  },
});
