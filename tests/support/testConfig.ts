import { stringify } from "yaml";

export interface TestConfig {
  /** Base URLs of the endpoints of the model `m`; default: the built-in demo. */
  readonly urls?: readonly string[];
  /** Laid over each endpoint. */
  readonly endpoint?: Readonly<Record<string, unknown>>;
  /** Laid over the model. */
  readonly model?: Readonly<Record<string, unknown>>;
  /** Further models. */
  readonly models?: readonly Readonly<Record<string, unknown>>[];
  /** `clients.default`; default: enough of everything. */
  readonly clients?: Readonly<Record<string, unknown>>;
  /** Further sections. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** A config.yaml with one model `m`, open to all clients, on the given endpoints. */
export function testConfig(config: TestConfig = {}): string {
  const urls = config.urls ?? ["demo:"];
  return stringify({
    defaults: { models: { access: "whitelist" } },
    clients: config.clients ?? { default: { max: "1000", refresh: 0, model_access: { default: "whitelist" } } },
    models: [
      {
        name: "m",
        input_cost_per_million: "0.5",
        output_cost_per_million: "1.0",
        capabilities: ["chat", "completions", "embeddings"],
        endpoints: urls.map((url) => ({ url, ...config.endpoint })),
        ...config.model,
      },
      ...(config.models ?? []),
    ],
    demo: { enabled: urls.includes("demo:") },
    ...config.more,
  });
}
