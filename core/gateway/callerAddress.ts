import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { ConfigSnapshot } from "../domain/configSnapshot";

/**
 * The address of who sends a request (docs/wire.md W84). Behind a trusted proxy (`server.trust_proxy`) it is the last address in
 * `X-Forwarded-For`, the one that the proxy itself wrote; what stands before it is hearsay, and what is no address is not believed.
 */
export function callerAddress({ headers, socket }: IncomingMessage, { server }: ConfigSnapshot): string {
  const forwarded = server.trustProxy ? headers["x-forwarded-for"] : undefined;
  const last = forwarded === undefined ? undefined : withoutPort(String(forwarded).split(",").at(-1)?.trim() ?? "");
  return last !== undefined && isIP(last) !== 0 ? last : (socket.remoteAddress ?? "unknown");
}

/** Some proxies write `203.0.113.7:4711` or `[2001:db8::7]:4711`. */
function withoutPort(text: string): string {
  return /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? text;
}
