import { spliceNested, spliceTopLevel } from "../../core/adapters/wire/jsonSplice";
import type { UpstreamEndpoint } from "../../core/domain/modelCatalog";
import type { Exchange } from "../../core/gateway/exchange";

/** The two names of the output limit, by the words of `output_limit_field`. */
const LIMIT_FIELDS = {
  max_tokens: ["max_tokens"],
  max_completion_tokens: ["max_completion_tokens"],
  both: ["max_tokens", "max_completion_tokens"],
} as const;

/**
 * The body for one endpoint. Only the model's name and what a rule demands change (output limit, usage of streams); every
 * other byte stays, and where nothing has to change the very same bytes go out (docs/wire.md, Requests).
 */
export function outgoingBody(exchange: Exchange, endpoint: UpstreamEndpoint, askForUsage: boolean): Buffer {
  const { raw, json } = exchange.getBody();
  const edits: Record<string, string> = {};
  if (endpoint.model !== exchange.modelName) edits["model"] = JSON.stringify(endpoint.model);
  const limit = exchange.getMeter().outputLimit;
  if (limit !== undefined) {
    const present = LIMIT_FIELDS.both.filter((field) => json[field] !== undefined);
    for (const field of new Set([...LIMIT_FIELDS[endpoint.outputLimitField], ...present])) edits[field] = String(limit);
  }
  const options = json["stream_options"];
  const isObject = typeof options === "object" && options !== null;
  if (askForUsage && !isObject) edits["stream_options"] = '{"include_usage":true}';
  const body = Object.keys(edits).length === 0 ? raw : spliceTopLevel(raw, edits, { foldCase: true });
  return askForUsage && isObject ? spliceNested(body, "stream_options", { include_usage: "true" }) : body;
}
