import type { IncomingMessage, ServerResponse } from "node:http";

import { expect } from "chai";

import { probeEndpoint, type ProbeResult } from "./probeEndpoint";
import { closed, deadUrl, startHttp, startRaw, testEndpoint, upstreamBench, type TestServer } from "./testServers";

const HEALTH = { path: "/models", intervalMs: 15_000, timeoutMs: 3_000 };

describe("a probe", () => {
  const { caller, started } = upstreamBench();
  const ask = (url: string, health = HEALTH, readList = true): Promise<ProbeResult> =>
    probeEndpoint(caller(), testEndpoint(url, { health }), url, readList).result;
  const answering = (answer: (req: IncomingMessage, res: ServerResponse) => void): Promise<TestServer> => started(startHttp(answer));
  const list = (...ids: unknown[]): string => JSON.stringify({ object: "list", data: ids.map((id) => ({ id })) });

  it("is a GET of the health path with the endpoint's key, and nothing more", async () => {
    const seen: unknown[] = [];
    const server = await answering((req, res) => {
      seen.push([req.method, req.url, req.headers.authorization, req.headers["content-length"], req.headers["transfer-encoding"]]);
      res.end("{}");
    });
    await ask(server.url);
    await ask(server.url, { ...HEALTH, path: "/ping" });
    expect(seen).to.deep.equal(["/v1/models", "/v1/ping"].map((path) => ["GET", path, "Bearer endpoint-key", undefined, undefined]));
  });

  const WELL: [sentence: string, status: number, body: string, listed: boolean | undefined][] = [
    ["a list with the model", 200, list("other", "served-model"), true],
    ["a list with the model behind a prefix", 200, list("models/served-model"), true],
    ["a list without the model", 200, list("other"), false],
    ["an empty list", 200, list(), false],
    ["a list of something else", 200, list(1, 2), undefined],
    ["an object without a list", 200, "{}", undefined],
    ["no JSON", 200, "OK", undefined],
    ["nothing", 204, "", undefined],
    ["that it has no list of models", 404, '{"detail":"Not Found"}', undefined],
    ["that this key may not see the list", 403, "", undefined],
    ["that it has been asked too often", 429, "", undefined],
  ];
  for (const [sentence, status, body, listed] of WELL) {
    it(`is content with ${sentence}`, async () => {
      const server = await answering((_req, res) => res.writeHead(status).end(body));
      expect(await ask(server.url)).to.deep.equal(listed === undefined && status !== 200 && status !== 204 ? {} : { listed });
    });
  }

  const ILL: [sentence: string, status: number, path: string][] = [
    ["an error of the server", 500, "/models"], ["a server that is starting", 503, "/models"], ["a refused key", 401, "/models"],
    ["a missing path that somebody chose", 404, "/ping"], ["a redirection", 302, "/models"],
  ];
  for (const [sentence, status, path] of ILL) {
    it(`finds fault with ${sentence}`, async () => {
      const server = await answering((_req, res) => res.writeHead(status).end());
      const result = await ask(server.url, { ...HEALTH, path });
      expect(result.fault).to.equal("server_error");
      expect(result.reason).to.contain(`GET ${path} answered ${status}`);
    });
  }

  it("finds fault with a server that is not there", async () => {
    expect((await ask(await deadUrl())).fault).to.equal("refused");
  });

  it("loses patience with a server that says nothing, and hangs up", async () => {
    const server = await started(startRaw(() => undefined));
    expect((await ask(server.url, { ...HEALTH, timeoutMs: 60 })).fault).to.equal("headers_timeout");
    await closed(server.connections[0]);
  });

  it("loses patience with a list that does not end", async () => {
    const server = await answering((_req, res) => void res.write('{"data":['));
    expect((await ask(server.url, { ...HEALTH, timeoutMs: 60 })).fault).to.equal("reset");
  });

  it("hangs up when it is stopped", async () => {
    const server = await started(startRaw(() => running.stop()));
    const running = probeEndpoint(caller(), testEndpoint(server.url), server.url, true);
    await running.result;
    await closed(server.connections[0]);
  });

  it("throws the list away where the model was found before", async () => {
    const server = await answering((_req, res) => res.end(list("other")));
    expect(await ask(server.url, HEALTH, false)).to.deep.equal({ listed: undefined });
  });
});
