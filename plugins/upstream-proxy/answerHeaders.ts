import type { IncomingHttpHeaders } from "node:http";

const KEPT = new Set(["content-type", "content-disposition", "retry-after", "retry-after-ms", "x-should-retry"]);

/**
 * The headers of an upstream's answer that a caller gets; everything else is dropped: cookies, server names, CORS,
 * hop-by-hop, and the limits of an account that is not the caller's (docs/wire.md, Answers).
 */
export function keptHeaders(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && (KEPT.has(name) || name.startsWith("openai-") || name.startsWith("anthropic-"))) kept[name] = value;
  }
  return kept;
}

/** A name from an upstream, as a header can carry it. */
export function headerSafe(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, 256);
}
