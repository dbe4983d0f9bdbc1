import { expect } from "chai";
import type { IncomingMessage } from "node:http";
import { callerAddress } from "./callerAddress";
import { policySnapshot } from "./testing/snapshots";

describe("the address of a caller", () => {
  const addressOf = (forwarded: string | undefined, trustProxy: boolean) => {
    const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
    return callerAddress({ headers, socket: { remoteAddress: "10.0.0.1" } } as unknown as IncomingMessage, policySnapshot({ server: { trustProxy } }));
  };

  const rows: [what: string, forwarded: string | undefined, trustProxy: boolean, expected: string][] = [
    ["the connection's", undefined, true, "10.0.0.1"],
    ["the connection's, whatever a caller claims", "203.0.113.7", false, "10.0.0.1"],
    ["behind a trusted proxy the one that the proxy saw", "203.0.113.7", true, "203.0.113.7"],
    ["never one that the caller wrote before it", "1.1.1.1, 203.0.113.7", true, "203.0.113.7"],
    ["IPv6", "2001:db8::7", true, "2001:db8::7"],
    ["without a port", "203.0.113.7:4711", true, "203.0.113.7"],
    ["IPv6 without a port", "[2001:db8::7]:4711", true, "2001:db8::7"],
    ["the proxy's, where what it wrote is no address", "unknown", true, "10.0.0.1"],
    ["the proxy's, where what it wrote is empty", "", true, "10.0.0.1"],
  ];
  for (const [what, forwarded, trustProxy, expected] of rows) {
    it(`W84: is ${what}`, () => expect(addressOf(forwarded, trustProxy)).to.equal(expected));
  }
});
