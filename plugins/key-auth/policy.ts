import type { IncomingHttpHeaders } from "node:http";
import { isForwarded } from "../../core/domain/forwarding";
import { CodedError } from "../../core/errors/codedError";
import { definePolicy } from "../../core/gateway/definePlugin";
import type { Exchange } from "../../core/gateway/exchange";
import { isSameSecret } from "../../core/gateway/sameSecret";
import type { CallerFacts } from "../../core/services/chat/chatPasses";
import { parameters } from "./schema";

const CHALLENGE = { "www-authenticate": "Bearer" };

/** Who is calling? No key, two keys, or a key that is not good: 401. Owner deactivated: 403 (docs/rules.md K3, K4). */
export const keyAuth = definePolicy({
  name: "lumen-key-auth",
  parameters,
  create({ headers }, services) {
    return async (exchange, next) => {
      if (exchange.req.method === "OPTIONS") throw new CodedError("method_not_allowed", { headers: { allow: exchange.match?.route.methods.join(", ") ?? "" } });
      const presented = presentedKey(exchange.req.headers, headers);
      if (isMonitor(exchange, presented)) {
        exchange.isMonitor = true;
        return next();
      }
      const found = await services.authenticate(presented, () => callerOf(exchange));
      if (!found.ok) {
        if (found.reason === "owner_inactive") throw new CodedError("account_disabled");
        throw new CodedError("invalid_api_key", { headers: CHALLENGE });
      }
      exchange.owner = found.owner;
      exchange.via = found.via;
      if (found.apiKey) exchange.apiKey = found.apiKey;
      next();
    };
  },
});

/** `api.monitoring.token` opens the two model routes and is unknown everywhere else (docs/wire.md W82). */
function isMonitor({ match, snapshot }: Exchange, presented: string): boolean {
  const { monitoringToken } = snapshot.api;
  if (monitoringToken === undefined || (match?.route.kind !== "models" && match?.route.kind !== "model")) return false;
  return isSameSecret(presented, monitoringToken);
}

/** What a credential that is good on this machine alone is held against. */
function callerOf({ id, req }: Exchange): CallerFacts {
  const { remoteAddress, localAddress } = req.socket;
  return { requestId: id, isForwarded: isForwarded(Object.keys(req.headers)), ...(remoteAddress === undefined ? {} : { remoteAddress }), ...(localAddress === undefined ? {} : { localAddress }) };
}

function presentedKey(sent: IncomingHttpHeaders, names: readonly string[]): string {
  let key: string | undefined;
  for (const name of names) {
    const raw = sent[name];
    if (raw === undefined) continue;
    const value = name === "authorization" ? bearerOf(String(raw)) : String(raw).trim();
    if (value === "" || value === undefined) continue;
    if (key !== undefined && key !== value) {
      throw new CodedError("invalid_api_key", { message: "Different API keys were sent in different headers. Send one.", headers: CHALLENGE });
    }
    key = value;
  }
  if (key === undefined) {
    throw new CodedError("invalid_api_key", { message: "No API key was sent. Send it as 'Authorization: Bearer sk_…'.", headers: CHALLENGE });
  }
  return key;
}

/** `Bearer` in any case, any spaces around. A bare key is taken too: some clients leave the word out. */
function bearerOf(value: string): string | undefined {
  const text = value.trim();
  if (text.startsWith("sk_")) return text;
  return text.length > 6 && text.slice(0, 6).toLowerCase() === "bearer" && /\s/.test(text.charAt(6)) ? text.slice(7).trim() : undefined;
}
