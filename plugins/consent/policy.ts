import { CodedError } from "../../core/errors/codedError";
import { definePolicy } from "../../core/gateway/definePlugin";

/** Was the notice of this model accepted, in its present text (docs/rules.md S1 to S4)? */
export const consent = definePolicy({
  name: "consent",
  requires: ["lumen-key-auth", "model-access"],
  mustPrecede: ["coin-metering", "upstream-proxy"],
  create() {
    return (exchange, next) => {
      const { verdict, consent: state } = exchange.getDecision();
      if (verdict === "allowed") return next();
      if (verdict !== "consent_required") throw new CodedError("model_access_denied", { param: "model" });
      const { name } = exchange.getModel();
      const page = consentPage(exchange.snapshot.app.baseUrl, name);
      const why = state === "outdated" ? "has a new notice, which must be accepted" : "needs a one-time consent";
      const who = exchange.getOwner().kind === "client" ? "a manager of this client" : "you";
      throw new CodedError("consent_required", {
        message: `Model '${name}' ${why} before it can be used. It is given by ${who} ${page ? `at ${page}` : "on its page in the web interface"}.`,
        param: "model",
        ...(page ? { extra: { consent_url: page } } : {}),
      });
    };
  },
});

function consentPage(baseUrl: string | undefined, model: string): string | undefined {
  return baseUrl === undefined ? undefined : `${baseUrl}/models/${encodeURIComponent(model)}`;
}
