import type { Capability, UpstreamEndpoint } from "./modelCatalog";

/** Where model servers serve a capability, below their base URL. What stands behind such a path belongs to it: `/images/edits`. */
export const USUAL_PATHS: Readonly<Record<Capability, string>> = {
  chat: "/chat/completions", completions: "/completions", responses: "/responses", embeddings: "/embeddings", moderations: "/moderations",
  rerank: "/rerank", transcriptions: "/audio/transcriptions", translations: "/audio/translations", speech: "/audio/speech", images: "/images",
  messages: "/messages",
};

/**
 * The path of one call at one endpoint, below its base URL (docs/wire.md W70): the endpoint's own path of that capability, with
 * whatever follows the usual one.
 * @param usual as the API has it, without `/v1`: `/messages/count_tokens`
 */
export function upstreamPath({ paths }: Pick<UpstreamEndpoint, "paths">, capability: Capability, usual: string): string {
  const own = paths[capability];
  return own !== undefined && usual.startsWith(USUAL_PATHS[capability]) ? own + usual.slice(USUAL_PATHS[capability].length) : usual;
}
