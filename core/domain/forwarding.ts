/** What proxies add to a request: with any of these, somebody else is behind the connection. */
const FORWARDING = /^(forwarded|via|x-forwarded(-.*)?|x-real-ip|x-client-ip|x-original-.*|cf-connecting-ip|true-client-ip)$/;

/**
 * Whether a proxy says that it passes a request on. Nobody has to be trusted for that: a caller who says so loses by it.
 * @param headerNames in lower case
 */
export function isForwarded(headerNames: readonly string[]): boolean {
  return headerNames.some((name) => FORWARDING.test(name));
}
