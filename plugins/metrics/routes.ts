import type { IncomingMessage, ServerResponse } from "node:http";
import type { ConfigSnapshot } from "../../core/domain/configSnapshot";
import { isForwarded } from "../../core/domain/forwarding";
import { isLoopbackAddress } from "../../core/domain/loopbackAddress";
import { CodedError } from "../../core/errors/codedError";
import type { PluginDefinition } from "../../core/gateway/definePlugin";
import { findExchange } from "../../core/gateway/exchange";
import { sendError } from "../../core/gateway/respond";
import { isSameSecret } from "../../core/gateway/sameSecret";

/** `GET /metrics` (docs/wire.md W81): as if it were not there until `api.prometheus.enabled`. */
export const mountMetrics: NonNullable<PluginDefinition["routes"]> = (router, { config, metrics }) => {
  router.get("/metrics", (req: IncomingMessage, res: ServerResponse, next: () => void) => {
    const { prometheus } = (findExchange(req)?.snapshot ?? config.get()).sections;
    if (!prometheus.enabled) return next();
    if (!mayRead(req, prometheus.token)) {
      const message = prometheus.token === undefined
        ? "Without api.prometheus.token the metrics are for this machine alone. Set a token."
        : "The metrics need the token of api.prometheus.token. Send it as 'Authorization: Bearer …'.";
      return void sendError(req, res, new CodedError("invalid_api_key", { message, headers: { "www-authenticate": "Bearer" } }));
    }
    metrics.text().then(({ contentType, body }) => {
      res.writeHead(200, { "content-type": contentType, "content-length": Buffer.byteLength(body), "cache-control": "no-store" });
      res.end(req.method === "HEAD" ? undefined : body);
    }, (error: unknown) => void sendError(req, res, error));
  });
};

function mayRead({ headers, socket }: IncomingMessage, token: ConfigSnapshot["sections"]["prometheus"]["token"]): boolean {
  if (token === undefined) return isLoopbackAddress(socket.remoteAddress ?? "") && !isForwarded(Object.keys(headers));
  const sent = /^bearer\s+(.*)$/i.exec(headers.authorization ?? "")?.[1];
  return sent !== undefined && isSameSecret(sent.trim(), token);
}
