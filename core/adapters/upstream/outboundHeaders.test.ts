import { expect } from "chai";

import type { UpstreamEndpoint } from "../../domain/modelCatalog";
import { outboundHeaders } from "./outboundHeaders";
import { testEndpoint } from "./testServers";

const OURS = { "accept-encoding": "identity", "x-request-id": "req-1", "content-length": 7 };

function headersFor(caller: Record<string, string>, changes: Partial<UpstreamEndpoint> = {}): object {
  return outboundHeaders(caller, testEndpoint("http://model", { auth: "none", ...changes }), "req-1", 7);
}

describe("outboundHeaders", () => {
  const PASSES: Record<string, string> = {
    "content-type": "multipart/form-data; boundary=x", accept: "text/event-stream", "user-agent": "OpenAI/Python 2.0", "openai-beta": "a",
    "anthropic-version": "2023-06-01", "anthropic-beta": "b", "x-stainless-lang": "python", "idempotency-key": "c", traceparent: "00-1-2-01",
  };
  for (const [name, value] of Object.entries(PASSES)) {
    it(`passes ${name}`, () => expect(headersFor({ [name]: value })).to.deep.equal({ ...OURS, [name]: value }));
  }

  const KEPT_BACK = [
    "authorization", "x-api-key", "api-key", "cookie", "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade",
    "proxy-authorization", "proxy-connection", "expect", "forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via", "origin",
    "referer", "host", "content-encoding", "sec-fetch-mode", "access-control-request-method",
  ];
  for (const name of KEPT_BACK) {
    it(`keeps back ${name}`, () => expect(headersFor({ [name]: "secret" })).to.deep.equal(OURS));
  }

  for (const [name, value] of Object.entries({ "accept-encoding": "zstd, br", "x-request-id": "theirs", "content-length": "999" })) {
    it(`says ${name} itself`, () => expect(headersFor({ [name]: value })).to.deep.equal(OURS));
  }

  it("keeps back what the caller's Connection names, but never what is ours", () => {
    const caller = { connection: "close, X-Hop , accept-encoding, authorization", "x-hop": "1", "x-stays": "2" };
    expect(headersFor(caller, { auth: "bearer" })).to.deep.equal({ ...OURS, "x-stays": "2", authorization: "Bearer endpoint-key" });
  });

  const AUTH: [UpstreamEndpoint["auth"], object][] = [
    ["bearer", { authorization: "Bearer endpoint-key" }],
    ["x-api-key", { "x-api-key": "endpoint-key" }],
    ["api-key", { "api-key": "endpoint-key" }],
    ["none", {}],
  ];
  for (const [auth, expected] of AUTH) {
    it(`sends the endpoint's key as ${auth}, in place of the caller's`, () => {
      const caller = { authorization: "Bearer caller", "x-api-key": "caller", "api-key": "caller" };
      expect(headersFor(caller, { auth })).to.deep.equal({ ...OURS, ...expected });
    });
  }

  it("sends no credentials for an empty key", () => expect(headersFor({}, { auth: "bearer", apiKey: "" })).to.deep.equal(OURS));

  it("lets the endpoint's own headers win", () => {
    const changes = { headers: { "X-Team": "lumen", "User-Agent": "gateway" } };
    expect(headersFor({ "user-agent": "caller" }, changes)).to.deep.equal({ ...OURS, "x-team": "lumen", "user-agent": "gateway" });
  });

  it("leaves the caller's headers as they are, for the next endpoint", () => {
    const caller = Object.freeze({ authorization: "Bearer caller", connection: "x-hop", "x-hop": "1" });
    expect(() => headersFor(caller)).not.to.throw();
  });

  it("gives a request without a body no length", () => {
    expect(outboundHeaders({}, testEndpoint("http://model"), "req-1", undefined)).not.to.have.property("content-length");
  });
});
