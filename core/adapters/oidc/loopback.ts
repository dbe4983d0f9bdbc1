/** Does a host name stand for this machine alone, whatever a name server says? */
export function isLoopbackHost(hostname: string): boolean {
  const plain = hostname.toLowerCase().replace(/^\[|\]$/g, "");
  return plain === "localhost" || plain.endsWith(".localhost") || plain === "::1" || /^127(\.\d{1,3}){3}$/.test(plain);
}
