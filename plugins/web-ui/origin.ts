import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import type { ConfigSnapshot } from "../../core/domain/configSnapshot";

/** Whether the person's browser speaks HTTPS with us, or with a trusted proxy before us. */
export function isSecure(req: IncomingMessage, snapshot: ConfigSnapshot): boolean {
  if ((req.socket as TLSSocket).encrypted) return true;
  if (snapshot.server.trustProxy) {
    const forwarded = String(req.headers["x-forwarded-proto"] ?? "").split(",", 1)[0]?.trim();
    if (forwarded) return forwarded === "https";
  }
  return snapshot.app.baseUrl?.startsWith("https:") ?? false;
}

/** `https://lumen.example.edu`: what links in pages, mails and examples begin with. Without `app.base_url` it is what the request says. */
export function baseUrlOf(req: IncomingMessage, snapshot: ConfigSnapshot): string {
  if (snapshot.app.baseUrl !== undefined) return snapshot.app.baseUrl;
  return `${isSecure(req, snapshot) ? "https" : "http"}://${req.headers.host ?? "localhost"}`;
}

/** A path of ours to go to, from a query or a form; anything that could lead elsewhere becomes `/`. */
export function ownPath(text: string | null | undefined): string {
  if (!text || !/^\/(?![/\\])/.test(text) || /[\p{Cc}\\]/u.test(text)) return "/";
  const url = new URL(text, "http://own.invalid");
  return url.host === "own.invalid" ? url.pathname + url.search + url.hash : "/";
}

/** Whether a request that changes something comes from a page of ours, as far as the browser says. */
export function isSameOrigin(req: IncomingMessage): boolean {
  const site = req.headers["sec-fetch-site"];
  if (site !== undefined) return site === "same-origin" || site === "none";
  const { origin } = req.headers;
  if (origin === undefined) return true;
  try {
    return new URL(origin).host === req.headers.host;
  } catch {
    return false;
  }
}
