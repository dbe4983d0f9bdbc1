import type { ServerResponse } from "node:http";
import helmet from "helmet";

const SELF = ["'self'"];

/** What pages may load: only what we serve ourselves. Nothing inline, so that markup which slipped through runs nothing. */
const protect = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"], scriptSrc: SELF, styleSrc: SELF, fontSrc: SELF, connectSrc: SELF, formAction: SELF,
      imgSrc: ["'self'", "data:", "blob:"], manifestSrc: SELF, baseUri: ["'none'"], frameAncestors: ["'none'"],
    },
  },
  crossOriginEmbedderPolicy: false,
  // A gateway may stand at plain http inside an institution; who serves https sets the length at the proxy.
  strictTransportSecurity: false,
  referrerPolicy: { policy: "same-origin" },
});

export function setSecurityHeaders(res: ServerResponse): void {
  protect(res.req, res, () => undefined);
  res.setHeader("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()");
  res.setHeader("cache-control", "no-store");
}
