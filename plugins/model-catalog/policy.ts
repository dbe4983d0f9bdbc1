import type { CatalogModel } from "../../core/domain/modelCatalog";
import { priceFacts } from "../../core/domain/priceFacts";
import { CodedError } from "../../core/errors/codedError";
import { definePolicy } from "../../core/gateway/definePlugin";
import type { Exchange } from "../../core/gateway/exchange";
import { sendJson } from "../../core/gateway/respond";
import type { GatewayServices } from "../../core/gateway/services";

/** `GET /v1/models` and `/v1/models/{id}`: what the caller can use now (docs/rules.md A8); anything else is not found. */
export const modelCatalog = definePolicy({
  name: "model-catalog",
  requires: ["lumen-key-auth"],
  create(_parameters, services) {
    return async (exchange) => {
      const { modelId } = exchange.match ?? {};
      if (modelId === undefined) {
        const models = [...exchange.snapshot.models.values()];
        const usable = await Promise.all(models.map((model) => isUsable(services, exchange, model)));
        const data = models.filter((_, index) => usable[index]).map((model) => modelObject(services, exchange, model));
        return sendJson(exchange.res, 200, { object: "list", data });
      }
      const model = exchange.snapshot.models.get(modelId);
      if (!model || !(await isUsable(services, exchange, model))) {
        throw new CodedError("model_not_found", { message: `There is no model '${modelId.slice(0, 512)}'. GET /v1/models lists the models you can use.`, param: "model" });
      }
      return sendJson(exchange.res, 200, modelObject(services, exchange, model));
    };
  },
});

async function isUsable(services: GatewayServices, exchange: Exchange, model: CatalogModel): Promise<boolean> {
  // Whoever watches the service sees all of it (docs/wire.md W82).
  if (exchange.isMonitor) return true;
  const { decision } = await services.decideModelAccess(exchange.snapshot, exchange.getOwner(), exchange.apiKey, model.name, exchange.via);
  return decision?.verdict === "allowed";
}

function modelObject(services: GatewayServices, { snapshot }: Exchange, model: CatalogModel): object {
  return {
    id: model.name,
    object: "model",
    created: Math.floor(snapshot.loadedAt / 1_000),
    owned_by: "lumen",
    status: services.upstreams.status(model),
    capabilities: model.capabilities,
    description: model.description,
    context_window: model.contextWindow,
    max_input_tokens: model.maxInputTokens,
    max_output_tokens: model.maxOutputTokens,
    knowledge_cutoff: model.knowledgeCutoff,
    supports_reasoning: model.supportsReasoning,
    supports_function_calling: model.supportsFunctionCalling,
    input_modalities: model.inputModalities,
    output_modalities: model.outputModalities,
    needs_consent: model.needsAck,
    price: priceFacts(model.price),
  };
}
