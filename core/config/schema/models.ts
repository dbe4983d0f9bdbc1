import type { z } from "zod";
import type { Capability } from "../../domain/modelCatalog";
import { USUAL_PATHS } from "../../domain/upstreamPath";
import { coins, decimal, flag, text, textLike, whole, word, type Leaf } from "./leaf";
import { filled, list, named, optional, preset, required, section } from "./section";
import { accessWord } from "./rates";
import { endpointAddress, endpointPath, headerValue, webAddress } from "./texts";

export const CAPABILITIES = [
  "chat", "completions", "responses", "embeddings", "moderations", "rerank", "transcriptions", "translations", "speech", "images", "messages",
] as const satisfies readonly Capability[];

const seconds = () => decimal("seconds", { least: 0.001, most: 86_400 });

/** A path for each capability. */
const paths = Object.fromEntries(
  CAPABILITIES.map((capability) => [capability, optional(endpointPath(), `Path of \`${capability}\`.`, { presetText: USUAL_PATHS[capability] })]),
) as Record<Capability, z.ZodOptional<Leaf<string>>>;

const endpoint = section({
  url: required(endpointAddress(), "Base address of the model server, or `demo:`."),
  api_key: preset(text("secret"), "", "Key for the model server."),
  model: optional(text(), "The model's name there.", { presetText: "name" }),
  auth: preset(word(["bearer", "x-api-key", "api-key", "none"]), "bearer", "How the key is sent."),
  headers: filled(named(headerValue()), "Further headers of each request.", { keyName: "header" }),
  ca_file: optional(text("file"), "Certificates to trust, as a PEM file."),
  paths: filled(section(paths), "Paths below the base address, where the server's are not the usual ones. What follows the usual path stays."),
  output_limit_field: preset(word(["max_tokens", "max_completion_tokens", "both"]), "max_tokens", "Field in which the server takes the output limit."),
  weight: preset(whole({ least: 1, most: 1_000_000 }), "1", "Share of the requests among the model's endpoints."),
  slow_start_seconds: preset(decimal("seconds", { least: 0, most: 86_400 }), "10", "How long its share grows to the full after it was down, 0 = at once."),
  max_concurrency: preset(whole({ least: 0 }), "0", "Running requests of this endpoint, 0 = no limit."),
  stream_usage: preset(flag(), "true", "The server understands `stream_options`; false: never send it."),
  continuous_usage: preset(flag(), "false", "The server can report usage in each chunk."),
  health: filled(
    section({
      path: preset(textLike("path", /^\/\S*$/, "This must be a path that begins with /."), "/models", "What is asked, below the base address."),
      interval_seconds: preset(seconds(), "15", "Time between checks."),
      timeout_seconds: preset(seconds(), "3", "Time that an answer may take."),
    }),
    "Health checks.",
  ),
  timeouts: filled(
    section({
      connect_seconds: preset(seconds(), "5", "Until the connection is open."),
      headers_seconds: preset(seconds(), "600", "Until the answer begins."),
      idle_seconds: preset(seconds(), "300", "Between two pieces of an answer."),
    }),
    "How long the server may take.",
  ),
});

const rate = (unit: string) => coins(`coins per ${unit}`);

const model = section({
  name: required(textLike("text", /^\P{Cc}{1,200}$/u, "A model's name must be 1 to 200 characters in one line."), "Public id, unique; may hold / and :."),
  disabled: optional(flag(), "Nobody can use or choose it.", { presetText: "false" }),
  active: optional(flag(), "`active: false` is the same as `disabled: true`."),
  access: optional(accessWord(), "The model's own say, after what layers say of it by name."),
  needs_ack: preset(flag(), "false", "Needs consent wherever it is allowed."),
  ack_message: optional(text("Markdown"), "Notice that one consents to.", { presetText: "defaults.models.ack_message" }),
  input_cost_per_million: optional(rate("million tokens"), "Price of input.", { presetText: "0, with a warning" }),
  output_cost_per_million: optional(rate("million tokens"), "Price of output.", { presetText: "0, with a warning" }),
  cached_input_cost_per_million: optional(rate("million tokens"), "Price of input that the server had in its cache.", { presetText: "the input rate" }),
  cache_write_cost_per_million: optional(rate("million tokens"), "Price of input written to the cache.", { presetText: "the input rate" }),
  audio_cost_per_hour: optional(rate("hour"), "Price of audio."),
  million_characters_cost: optional(rate("million characters"), "Price of text that is spoken."),
  image_cost: optional(rate("image"), "Price of an image."),
  request_cost: optional(rate("request"), "Price of a request."),
  description: optional(text(), "Shown on the models page."),
  url: optional(webAddress(), "Where one reads more about the model."),
  notice: optional(text(), "A line shown beside the model."),
  context_window: optional(whole({ least: 1 }), "Tokens of input and output together."),
  max_input_tokens: optional(whole({ least: 1 }), "Most tokens of input."),
  max_output_tokens: optional(whole({ least: 1 }), "Most tokens of output.", { presetText: "coins.default_output_tokens" }),
  knowledge_cutoff: optional(text(), "Until when the model knows the world, such as `2025-04`."),
  supports_reasoning: optional(flag(), "The model thinks before it answers."),
  supports_function_calling: optional(flag(), "The model can call tools."),
  input_modalities: preset(list(text()), ["text"], "What it takes, such as text, image or audio."),
  output_modalities: preset(list(text()), ["text"], "What it gives."),
  max_concurrency: preset(whole({ least: 0 }), "0", "Running requests of this model, 0 = no limit."),
  capabilities: preset(list(word(CAPABILITIES)), ["chat", "completions"], "What it can be asked for."),
  stored_references: preset(flag(), "false", "Calls may name files, items, prompts and vector stores that lie at the provider. All who may use the model share them."),
  endpoints: required(list(endpoint).min(1, "A model needs at least one endpoint."), "Where it is served."),
});

export const models = preset(list(model), [], "The models.");
