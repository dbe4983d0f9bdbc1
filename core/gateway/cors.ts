import type { Exchange } from "./exchange";
import { isApiPath } from "./surface";

/** What a page's script may read beside the body (docs/wire.md W83). */
const EXPOSED = [
  "x-request-id", "retry-after", "retry-after-ms", "x-should-retry", "x-lumen-cost", "x-lumen-upstream-model",
  "x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests",
  "anthropic-ratelimit-requests-limit", "anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset",
  "openai-processing-ms", "www-authenticate",
].join(", ");

/** How long a browser may remember a preflight, in seconds; Chrome remembers none for longer. */
const MAX_AGE = "7200";

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]{1,64}$/;
const MOST_HEADERS = 64;
/** What says where a request comes from or belongs to the connection is no script's to send. */
const KEPT_BACK = /^(cookie|host|connection|forwarded|via|x-real-ip|x-forwarded-.*|proxy-.*|sec-.*|access-control-.*)$/;

/**
 * Lets scripts of other pages call the API: the headers of the answer, and the preflight, which has no key (Fetch standard, CORS
 * protocol; docs/wire.md W83). Never with credentials: a key is sent by name, and no cookie counts here. Says nothing where the
 * request has no `Origin`, or the path is none of the API's.
 * @returns true where the request was a preflight and is answered
 */
export function answerCors({ req, res, match, snapshot }: Exchange): boolean {
  const { origin } = req.headers;
  const { corsOrigins } = snapshot.api;
  if (origin === undefined || corsOrigins.length === 0 || !isApiPath(req.url ?? "/")) return false;
  const isAny = corsOrigins.includes("*");
  if (!isAny) res.setHeader("vary", "origin");
  const isAllowed = isAny || corsOrigins.includes(origin);
  const isPreflight = req.method === "OPTIONS" && req.headers["access-control-request-method"] !== undefined && match !== undefined;
  if (isAllowed) res.setHeader("access-control-allow-origin", isAny ? "*" : origin);
  if (!isPreflight) {
    if (isAllowed) res.setHeader("access-control-expose-headers", EXPOSED);
    return false;
  }
  // To a page that may not it is an answer without permission: the browser says why.
  if (isAllowed) {
    res.setHeader("access-control-allow-methods", match.route.methods.join(", "));
    const asked = allowedOf(req.headers["access-control-request-headers"]);
    if (asked !== "") res.setHeader("access-control-allow-headers", asked);
    res.setHeader("access-control-max-age", MAX_AGE);
  }
  res.writeHead(204);
  res.end();
  return true;
}

/** Those of the headers asked for that may be sent: SDKs have many of their own. */
function allowedOf(asked: string | undefined): string {
  const names = (asked ?? "").toLowerCase().split(",", MOST_HEADERS).map((name) => name.trim());
  return names.filter((name) => HEADER_NAME.test(name) && !KEPT_BACK.test(name)).join(", ");
}
