import type { IncomingMessage, ServerResponse } from "node:http";
import type { Assets } from "../../core/adapters/assets/openAssets";
import { sendError } from "../../core/gateway/respond";
import { CodedError } from "../../core/errors/codedError";

/** A file whose address changes with its content: it may be kept for ever. */
export function serveAsset(assets: Assets, req: IncomingMessage, res: ServerResponse): void {
  const asset = assets.find((req.url ?? "").split("?", 1)[0] ?? "");
  if (!asset) {
    sendError(req, res, new CodedError("not_found"));
    return;
  }
  const accepted = String(req.headers["accept-encoding"] ?? "");
  const encoding = asset.brotli && /\bbr\b/.test(accepted) ? "br" : asset.gzip && /\bgzip\b/.test(accepted) ? "gzip" : undefined;
  const body = (encoding === "br" ? asset.brotli : encoding === "gzip" ? asset.gzip : undefined) ?? asset.body;
  res.writeHead(200, {
    "content-type": asset.type, "content-length": body.length, "cache-control": "public, max-age=31536000, immutable",
    vary: "accept-encoding", "x-content-type-options": "nosniff", "cross-origin-resource-policy": "same-origin",
    ...(encoding ? { "content-encoding": encoding } : {}),
  });
  res.end(req.method === "HEAD" ? undefined : body);
}
