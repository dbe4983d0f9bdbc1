import { DENIED_MODEL, MODEL, UNCONSENTED_MODEL, UPSTREAM_MODEL } from "../workload";

/** The client that sends the load, and one that cannot pay for a single call. */
export const CLIENT = "bench-client";
export const POOR_CLIENT = "bench-poor";

/**
 * Everything that the shipped pipeline does is really done: a rate window that counts and is never full, access by list, a
 * consent that was asked for and given, a limited pool, prices on both sides, a model that has another name upstream.
 */
export function lumenConfig(upstreamUrl: string, workers = 1): string {
  const model = (name: string) => `
  - name: ${name}
    input_cost_per_million: 0.5
    output_cost_per_million: 1.0
    context_window: 131072
    max_output_tokens: 4096
    ack_message: Made for the benchmark.
    endpoints: [{url: "${upstreamUrl}/v1", model: ${UPSTREAM_MODEL}, api_key: upstream-key, timeouts: {idle_seconds: 3600}}]`;
  return `version: 2
demo: {enabled: false}
server: {workers: ${workers}}
rate_limiting: {limit: ["1000000 per minute"]}
clients:
  default:
    max: 1000000000
    refresh: 1
    starting: 1000000000
    model_access: {default: blacklist, graylist: [${MODEL}, ${UNCONSENTED_MODEL}]}
  ${POOR_CLIENT}:
    max: 0.000001
    refresh: 0
    starting: 0.000001
    model_access: {default: blacklist, graylist: [${MODEL}]}
models:${[MODEL, DENIED_MODEL, UNCONSENTED_MODEL].map(model).join("")}
`;
}
