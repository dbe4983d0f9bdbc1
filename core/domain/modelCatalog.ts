import type { AccessWord } from "./accessPolicy";
import type { Placed, SourcePlace } from "./sourcePlace";
import type { Price } from "./price";

export type Capability =
  | "chat" | "completions" | "responses" | "embeddings" | "moderations" | "rerank" | "transcriptions" | "translations"
  | "speech" | "images" | "messages";

/** Where a model is served. Two endpoints with one URL and different keys are two endpoints. */
export interface UpstreamEndpoint {
  /** Stable over reloads while url, key and upstream name stay: health and connections are kept by it. */
  readonly id: string;
  /** Base URL without a trailing slash; `demo:` is the built-in model server. */
  readonly url: string;
  readonly apiKey: string;
  /** The model's name upstream. */
  readonly model: string;
  readonly auth: "bearer" | "x-api-key" | "api-key" | "none";
  readonly headers: Readonly<Record<string, string>>;
  readonly caFile?: string;
  readonly outputLimitField: "max_tokens" | "max_completion_tokens" | "both";
  /** Paths below `url` that are not the usual ones. */
  readonly paths: Readonly<Partial<Record<Capability, string>>>;
  readonly weight: number;
  /** How long its weight grows after it came back. */
  readonly slowStartMs: number;
  /** 0 = no limit. */
  readonly maxConcurrency: number;
  readonly streamUsage: boolean;
  readonly continuousUsage: boolean;
  readonly health: { readonly path: string; readonly intervalMs: number; readonly timeoutMs: number };
  readonly timeouts: { readonly connectMs: number; readonly headersMs: number; readonly idleMs: number };
}

/** A model as the configuration describes it. */
export interface CatalogModel {
  readonly name: string;
  readonly at: SourcePlace;
  readonly disabled: boolean;
  /** The model's own say (docs/rules.md A2). */
  readonly access?: Placed<AccessWord>;
  readonly needsAck: boolean;
  /** The notice's Markdown text and its SHA-256, hex. */
  readonly notice: string;
  readonly noticeHash: string;
  readonly price: Price;
  readonly description?: string;
  readonly url?: string;
  /** A line shown beside the model. */
  readonly remark?: string;
  readonly contextWindow?: number;
  readonly maxInputTokens?: number;
  readonly maxOutputTokens?: number;
  readonly knowledgeCutoff?: string;
  readonly supportsReasoning?: boolean;
  readonly supportsFunctionCalling?: boolean;
  readonly inputModalities: readonly string[];
  readonly outputModalities: readonly string[];
  /** 0 = no limit. */
  readonly maxConcurrency: number;
  readonly capabilities: readonly Capability[];
  /** Calls may name what is stored at the provider behind the endpoints' keys (docs/wire.md W44). */
  readonly storedReferences: boolean;
  readonly endpoints: readonly UpstreamEndpoint[];
}
