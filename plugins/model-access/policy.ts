import type { Decision } from "../../core/domain/accessPolicy";
import { CodedError } from "../../core/errors/codedError";
import { readBody } from "../../core/gateway/body";
import { definePolicy } from "../../core/gateway/definePlugin";
import { refuseStoredReferences } from "../../core/gateway/storedReferences";
import { parameters } from "./schema";

const LONGEST_NAME = 512;

/**
 * May this owner use this model (docs/rules.md A)? Leaves body, model and decision on the exchange; a model that waits for
 * consent goes on to the consent policy.
 */
export const modelAccess = definePolicy({
  name: "model-access",
  requires: ["lumen-key-auth"],
  mustPrecede: ["consent", "coin-metering", "upstream-proxy"],
  parameters,
  create({ explain }, services) {
    return async (exchange, next) => {
      const body = await readBody(exchange, services.spool);
      const name = modelName(body.json["model"]);
      exchange.modelName = name;
      const { model, decision } = await services.decideModelAccess(exchange.snapshot, exchange.getOwner(), exchange.apiKey, name, exchange.via);
      // Disabled and unknown alike: nobody learns which.
      if (!model || !decision || decision.verdict === "disabled") {
        throw new CodedError("model_not_found", { message: `There is no model '${shortened(name)}'. GET /v1/models lists the models you can use.`, param: "model" });
      }
      if (decision.verdict === "denied") {
        throw new CodedError("model_access_denied", { message: deniedMessage(name, decision, explain), param: "model" });
      }
      const capability = exchange.match?.route.capability;
      if (capability && !model.capabilities.includes(capability)) {
        throw new CodedError("endpoint_not_supported", { message: `Model '${name}' does not serve ${capability}; it serves ${model.capabilities.join(", ")}.`, param: "model" });
      }
      if (!model.storedReferences) refuseStoredReferences(exchange.match?.route.operation, body);
      exchange.model = model;
      exchange.decision = decision;
      next();
    };
  },
});

function modelName(value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  const problem = value === undefined ? "is missing" : value === "" ? "is empty" : "must be a string";
  throw new CodedError("missing_required_parameter", { message: `The parameter 'model' ${problem}. GET /v1/models lists the models you can use.`, param: "model" });
}

function shortened(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name;
}

/** The deciding rule by name; its line stays with the administrators (`lumen explain`). */
function deniedMessage(name: string, { decidedBy }: Decision, explain: boolean): string {
  const said = decidedBy.said === undefined ? "" : ` says ${decidedBy.said}`;
  return `Model '${name}' is not available to you${explain ? ` (${decidedBy.layer}${said})` : ""}. Ask an administrator if you need it.`;
}
