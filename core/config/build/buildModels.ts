import { createHash } from "node:crypto";
import type { CatalogModel, UpstreamEndpoint } from "../../domain/modelCatalog";
import type { Price } from "../../domain/price";
import type { ConfigTree, TreePath } from "../configTree";
import type { ConfigFile } from "../schema/root";

type ReadModel = ConfigFile["models"][number];
type ReadEndpoint = ReadModel["endpoints"][number];

/** What one consents to where nobody wrote a notice. */
export const DEFAULT_NOTICE =
  "This model asks for your consent before its first use. Please check that you may use it for what you are about to send to it.";

export function buildModels(tree: ConfigTree, { models, defaults }: ConfigFile): ReadonlyMap<string, CatalogModel> {
  const notice = defaults.models.ack_message;
  return new Map(models.map((model, index) => [model.name, buildModel(tree, ["models", index], model, notice)]));
}

function buildModel(tree: ConfigTree, path: TreePath, model: ReadModel, defaultNotice: string | undefined): CatalogModel {
  const notice = (model.ack_message ?? defaultNotice ?? "").trim() || DEFAULT_NOTICE;
  return {
    name: model.name,
    at: tree.at(path),
    disabled: model.disabled === true || model.active === false,
    ...(model.access === undefined ? {} : { access: { value: model.access, at: tree.at([...path, "access"]) } }),
    needsAck: model.needs_ack,
    notice,
    noticeHash: createHash("sha256").update(notice).digest("hex"),
    price: buildPrice(model),
    description: model.description,
    url: model.url,
    remark: model.notice,
    contextWindow: model.context_window,
    maxInputTokens: model.max_input_tokens,
    maxOutputTokens: model.max_output_tokens,
    knowledgeCutoff: model.knowledge_cutoff,
    supportsReasoning: model.supports_reasoning,
    supportsFunctionCalling: model.supports_function_calling,
    inputModalities: model.input_modalities,
    outputModalities: model.output_modalities,
    maxConcurrency: model.max_concurrency,
    capabilities: [...new Set(model.capabilities)],
    storedReferences: model.stored_references,
    endpoints: buildEndpoints(model),
  };
}

/** A missing input or output rate is 0 (M3). */
function buildPrice(model: ReadModel): Price {
  return {
    inputPerMillionNano: model.input_cost_per_million ?? 0n,
    outputPerMillionNano: model.output_cost_per_million ?? 0n,
    cachedInputPerMillionNano: model.cached_input_cost_per_million,
    cacheWritePerMillionNano: model.cache_write_cost_per_million,
    audioPerHourNano: model.audio_cost_per_hour,
    perImageNano: model.image_cost,
    perMillionCharactersNano: model.million_characters_cost,
    perRequestNano: model.request_cost,
  };
}

/** The same endpoint twice counts once. */
function buildEndpoints(model: ReadModel): readonly UpstreamEndpoint[] {
  const endpoints = new Map<string, UpstreamEndpoint>();
  for (const read of model.endpoints) {
    const endpoint = buildEndpoint(read, model.name);
    if (!endpoints.has(endpoint.id)) endpoints.set(endpoint.id, endpoint);
  }
  return [...endpoints.values()];
}

function buildEndpoint(read: ReadEndpoint, name: string): UpstreamEndpoint {
  const model = read.model ?? name;
  return {
    id: endpointId(read.url, read.api_key, model),
    url: read.url,
    apiKey: read.api_key,
    model,
    auth: read.auth,
    headers: read.headers,
    caFile: read.ca_file,
    outputLimitField: read.output_limit_field,
    paths: read.paths,
    weight: read.weight,
    slowStartMs: ms(read.slow_start_seconds),
    maxConcurrency: read.max_concurrency,
    streamUsage: read.stream_usage,
    continuousUsage: read.continuous_usage,
    health: { path: read.health.path, intervalMs: ms(read.health.interval_seconds), timeoutMs: ms(read.health.timeout_seconds) },
    timeouts: {
      connectMs: ms(read.timeouts.connect_seconds),
      headersMs: ms(read.timeouts.headers_seconds),
      idleMs: ms(read.timeouts.idle_seconds),
    },
  };
}

/** Stable while url, key and upstream name stay; two keys at one URL are two endpoints. */
export function endpointId(url: string, apiKey: string, model: string): string {
  return createHash("sha256").update(JSON.stringify([url, apiKey, model])).digest("hex").slice(0, 12);
}

function ms(seconds: number): number {
  return Math.round(seconds * 1000);
}
