import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";

import type { UpstreamEndpoint } from "../../domain/modelCatalog";

/** What is between the caller and us, and not the model server's to see. All else passes. */
const KEPT_BACK: ReadonlySet<string> = new Set([
  // The caller's credentials.
  "authorization", "x-api-key", "api-key", "cookie", "cookie2",
  // Hop by hop.
  "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "http2-settings",
  // http-proxy skips its `proxyReq` event where Expect is present.
  "expect",
  // Said anew for each endpoint; the body we send is decoded.
  "host", "content-length", "content-encoding", "accept-encoding", "x-request-id",
  // Where the caller comes from.
  "forwarded", "via", "x-real-ip", "x-client-ip", "x-original-host", "origin", "referer",
]);
const KEPT_BACK_FAMILIES = ["proxy-", "x-forwarded-", "sec-", "access-control-"] as const;

function passes(name: string): boolean {
  if (KEPT_BACK.has(name)) return false;
  for (const family of KEPT_BACK_FAMILIES) {
    if (name.startsWith(family)) return false;
  }
  return true;
}

/** The caller's `Connection` names further headers that end with this hop; the everyday values name none. */
function namedInConnection(connection: string | undefined): readonly string[] {
  if (connection === undefined || connection === "keep-alive" || connection === "close") return [];
  return connection.toLowerCase().split(",").map((name) => name.trim());
}

function credentials(endpoint: UpstreamEndpoint): readonly [name: string, value: string] | undefined {
  if (endpoint.apiKey === "") return undefined;
  switch (endpoint.auth) {
    case "bearer": return ["authorization", `Bearer ${endpoint.apiKey}`];
    case "x-api-key": return ["x-api-key", endpoint.apiKey];
    case "api-key": return ["api-key", endpoint.apiKey];
    case "none": return undefined;
  }
}

/**
 * The headers of one attempt: the caller's but for those above, then ours, then the endpoint's own, which win. A new object
 * each time: the caller's headers are needed again for the next endpoint.
 */
export function outboundHeaders(
  caller: IncomingHttpHeaders,
  endpoint: UpstreamEndpoint,
  requestId: string,
  contentLength: number | undefined,
): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {};
  for (const name in caller) {
    if (passes(name)) headers[name] = caller[name];
  }
  for (const name of namedInConnection(caller.connection)) delete headers[name];
  headers["accept-encoding"] = "identity";
  headers["x-request-id"] = requestId;
  if (contentLength !== undefined) headers["content-length"] = contentLength;
  const key = credentials(endpoint);
  if (key !== undefined) headers[key[0]] = key[1];
  for (const name in endpoint.headers) headers[name.toLowerCase()] = endpoint.headers[name];
  return headers;
}
