import { spliceNested, spliceTopLevel } from "../../core/adapters/wire/jsonSplice";
import type { StreamUsage } from "../../core/adapters/upstream/streamUsage";
import { withBytesAt } from "../../core/adapters/wire/byteSource";
import type { SpooledBody } from "../../core/adapters/upstream/upstreamCall";
import type { UpstreamEndpoint } from "../../core/domain/modelCatalog";
import type { Fields } from "../../core/domain/jsonFields";
import type { Operation } from "../../core/domain/ledgerEntry";
import type { FormBody, JsonBody } from "../../core/gateway/body";
import type { Exchange } from "../../core/gateway/exchange";
import { operationOf } from "./endingOf";

/** The two names of the output limit, by the words of `output_limit_field`. */
const LIMIT_FIELDS = {
  max_tokens: ["max_tokens"],
  max_completion_tokens: ["max_completion_tokens"],
  both: ["max_tokens", "max_completion_tokens"],
} as const;

/** What `stream_options` becomes, made whole and put into what the caller sent. */
const ASKED = {
  final: { whole: '{"include_usage":true}', members: { include_usage: "true" } },
  continuous: { whole: '{"include_usage":true,"continuous_usage_stats":true}', members: { include_usage: "true", continuous_usage_stats: "true" } },
} as const;

/** Where the limit of a call belongs: the endpoint's word holds for chat and completions; the other protocols know one field. */
function limitFields(operation: Operation, endpoint: UpstreamEndpoint, json: Fields): readonly string[] {
  if (operation === "responses") return ["max_output_tokens"];
  if (operation === "messages") return ["max_tokens"];
  const present = LIMIT_FIELDS.both.filter((field) => json[field] !== undefined);
  return present.length === 0 ? LIMIT_FIELDS[endpoint.outputLimitField] : [...LIMIT_FIELDS[endpoint.outputLimitField], ...present];
}

/**
 * The body for one endpoint. Only the model's name and what a rule demands change (output limit, usage of streams); every
 * other byte stays, and where nothing has to change the very same bytes go out (docs/wire.md W13).
 * @param usage what is asked in `stream_options` (W26, W75); undefined = no stream: the field stays as it came
 */
export function outgoingBody(exchange: Exchange, endpoint: UpstreamEndpoint, usage: StreamUsage | undefined): Buffer | SpooledBody {
  const body = exchange.getBody();
  return body.kind === "form" ? formFor(endpoint, body) : jsonFor(endpoint, body, exchange, usage);
}

/** Of a form nothing but the value of `model` (docs/wire.md W61). */
function formFor(endpoint: UpstreamEndpoint, { source, model }: FormBody): SpooledBody {
  return withBytesAt(source, model, Buffer.from(endpoint.model));
}

function jsonFor(endpoint: UpstreamEndpoint, { raw, json }: JsonBody, exchange: Exchange, usage: StreamUsage | undefined): Buffer {
  const edits: Record<string, string | undefined> = {};
  if (endpoint.model !== exchange.modelName) edits["model"] = JSON.stringify(endpoint.model);
  const limit = exchange.getMeter().outputLimit;
  if (limit !== undefined) for (const field of limitFields(operationOf(exchange), endpoint, json)) edits[field] = String(limit);
  const options = json["stream_options"];
  const isObject = typeof options === "object" && options !== null;
  const asked = usage === undefined || usage === "none" ? undefined : ASKED[usage];
  if (asked && !isObject) edits["stream_options"] = asked.whole;
  else if (usage === "none" && options !== undefined) edits["stream_options"] = undefined;
  const body = Object.keys(edits).length === 0 ? raw : spliceTopLevel(raw, edits, { foldCase: true });
  return asked && isObject ? spliceNested(body, "stream_options", asked.members) : body;
}
