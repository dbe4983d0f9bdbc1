import { once } from "node:events";
import http from "node:http";
import { Readable } from "node:stream";

import { expect } from "chai";

import { closed, deadUrl, failureOf, readAll, startHttp, startRaw, TestCaller, testEndpoint, testRequest, upstreamBench } from "./testServers";
import type { UpstreamAnswer } from "./upstreamAnswer";
import type { UpstreamRequest } from "./upstreamCall";

const SHORT = { connectMs: 60, headersMs: 60, idleMs: 60 };

describe("an upstream call", () => {
  const { caller, started } = upstreamBench();
  const call = (request: UpstreamRequest): Promise<UpstreamAnswer> => caller().call(request);

  it("brings method, path, headers and body to the server, and its answer back", async () => {
    const seen: object[] = [];
    const server = await started(startHttp((req, res, body) => {
      const { authorization, host, "content-length": length, connection } = req.headers;
      seen.push({ method: req.method, url: req.url, authorization, host, length, connection, body: body.toString() });
      res.writeHead(418, { "x-answer": "yes" }).end("teapot");
    }));
    const answer = await call(testRequest(testEndpoint(server.url), { body: Buffer.from("héllo"), path: "/embeddings" }));
    expect(seen).to.deep.equal([{
      method: "POST", url: "/v1/embeddings", authorization: "Bearer endpoint-key", host: `127.0.0.1:${server.port}`, length: "6",
      connection: "keep-alive", body: "héllo",
    }]);
    expect([answer.status, answer.headers["x-answer"], await readAll(answer.stream), answer.complete]).to.deep.equal([418, "yes", "teapot", true]);
  });

  it("keeps a query of the base URL behind the path, as it is", async () => {
    const server = await started(startHttp((req, res) => res.end(req.url)));
    const answer = await call(testRequest(testEndpoint(`${server.url}/?api-version=a//b`)));
    expect(await readAll(answer.stream)).to.equal("/v1/chat/completions?api-version=a//b");
  });

  it("leaves the caller's request and response alone, over many attempts", async () => {
    const server = await started(startHttp((_req, res) => res.end("ok")));
    const counts: number[][] = [];
    const front = await started(startHttp((req, res, body) => {
      const listeners = (): number[] => [req, res].flatMap((emitter) => emitter.eventNames().map((name) => emitter.listenerCount(name)));
      const headers = JSON.stringify(req.headers);
      void (async () => {
        counts.push(listeners());
        for (const endpoint of [testEndpoint(await deadUrl()), testEndpoint(server.url)]) {
          const answer = await call(testRequest(endpoint, { req, res, body })).catch(() => undefined);
          if (answer) await readAll(answer.stream);
        }
        counts.push(listeners());
        res.end(String(!res.headersSent && JSON.stringify(req.headers) === headers));
      })();
    }));
    expect(await (await fetch(front.url, { method: "POST", body: "{}" })).text()).to.equal("true");
    expect(counts[1]).to.deep.equal(counts[0]);
  });

  it("sends a spooled body, and opens it anew for each attempt", async () => {
    const server = await started(startHttp((_req, res, body) => res.end(String(body.length))));
    let opened = 0;
    const spooled = { byteLength: 300_000, open: () => (opened++, Readable.from([Buffer.alloc(100_000), Buffer.alloc(200_000)])) };
    for (const expected of [1, 2]) {
      const answer = await call(testRequest(testEndpoint(server.url), { body: spooled }));
      expect([await readAll(answer.stream), opened]).to.deep.equal(["300000", expected]);
    }
  });

  it("fails when a spooled body cannot be read", async () => {
    const server = await started(startHttp((_req, res) => res.end()));
    const open = (): Readable => new Readable({ read() { this.destroy(new Error("disk")); } });
    expect((await failureOf(call(testRequest(testEndpoint(server.url), { body: { byteLength: 5, open } })))).message).to.contain("disk");
  });

  describe("fails", () => {
    const cases: [sentence: string, kind: string, reached: boolean, message: RegExp, make: () => Promise<UpstreamRequest>][] = [
      ["where nobody listens", "connect", false, /ECONNREFUSED/, async () => testRequest(testEndpoint(await deadUrl()))],
      ["at an unknown host", "connect", false, /ENOTFOUND|EAI_AGAIN/, async () => testRequest(testEndpoint("http://nowhere.invalid/v1"))],
      ["at what is no URL", "connect", false, /URL/, async () => testRequest(testEndpoint("demo:"))],
      ["when no connection comes about in time", "connect", false, /no connection within 60 ms/, async () => {
        const silent = await started(startRaw(() => undefined, "https"));
        return testRequest(testEndpoint(silent.url, { timeouts: { ...SHORT, headersMs: 5_000 } }));
      }],
      ["when no head comes in time", "headers_timeout", true, /no answer within 60 ms/, async () => {
        const silent = await started(startRaw(() => undefined));
        return testRequest(testEndpoint(silent.url, { timeouts: { ...SHORT, connectMs: 5_000 } }));
      }],
      ["when the server hangs up", "reset", true, /hang up|ECONNRESET/, async () =>
        testRequest(testEndpoint((await started(startRaw((socket) => socket.destroy()))).url))],
      ["when the connection is reset", "reset", true, /ECONNRESET|hang up/, async () =>
        testRequest(testEndpoint((await started(startRaw((socket) => socket.resetAndDestroy()))).url))],
      ["when the server does not speak HTTP", "protocol", true, /Expected HTTP/, async () =>
        testRequest(testEndpoint((await started(startRaw((socket) => socket.write("220 mail ready\r\n\r\n")))).url))],
      ["when a key cannot be sent", "protocol", false, /Invalid character/, async () =>
        testRequest(testEndpoint((await started(startRaw(() => undefined))).url, { apiKey: "two\nlines" }))],
      ["when the file of certificates is missing", "connect", false, /ENOENT/, async () =>
        testRequest(testEndpoint("https://127.0.0.1:1/v1", { caFile: "/nowhere/ca.pem" }))],
    ];
    for (const [sentence, kind, reached, message, make] of cases) {
      it(`${sentence}: ${kind}`, async () => {
        const request = await make();
        const failure = await failureOf(call(request));
        expect({ ...failure }).to.include({ kind, reached, retryable: true });
        expect(failure.message).to.match(message).and.not.to.contain("two");
        expect((request.res as TestCaller).listenerCount("close")).to.equal(0);
      });
    }
  });

  it("W37: takes an answer that came in time, while this process stood still until the time was up", async () => {
    const server = await started(startRaw((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
      for (const until = performance.now() + 3 * SHORT.headersMs; performance.now() < until; );
    }));
    const answer = await call(testRequest(testEndpoint(server.url, { timeouts: SHORT })));
    expect(await readAll(answer.stream)).to.equal("ok");
  });

  describe("whose caller leaves", () => {
    it("before it began, never reaches the server", async () => {
      const server = await started(startRaw(() => undefined));
      const res = new TestCaller();
      res.leave();
      const failure = await failureOf(call(testRequest(testEndpoint(server.url), { res })));
      expect({ ...failure }).to.include({ kind: "aborted", retryable: false, reached: false });
      expect(server.connections).to.have.length(0);
    });

    it("before the head, hangs up at once", async () => {
      const res = new TestCaller();
      let hungUp: Promise<unknown> | undefined;
      const server = await started(startRaw((socket) => {
        hungUp = closed(socket);
        res.leave();
      }));
      expect({ ...(await failureOf(call(testRequest(testEndpoint(server.url), { res })))) }).to.include({ kind: "aborted", reached: true });
      await hungUp;
    });

    it("in the middle of the answer, hangs up at once", async () => {
      const server = await started(startHttp((_req, res) => void res.write("data: 1\n\n")));
      const res = new TestCaller();
      const answer = await call(testRequest(testEndpoint(server.url), { res }));
      const hungUp = closed(server.connections[0]);
      res.leave();
      await Promise.all([hungUp, closed(answer.stream)]);
      expect([answer.complete, res.listenerCount("close")]).to.deep.equal([false, 0]);
    });
  });

  it("serves a real caller: its hanging up reaches the server within 200 ms", async () => {
    const server = await started(startHttp((_req, res) => void res.write("data: 1\n\n")));
    const front = await started(startHttp((req, res, body) => {
      void call(testRequest(testEndpoint(server.url), { req, res, body })).then((answer) => answer.stream.pipe(res));
    }));
    const client = http.request(front.url, { method: "POST" }).end("{}");
    const [response] = (await once(client, "response")) as [http.IncomingMessage];
    await once(response, "data");
    const hungUp = closed(server.connections[0]);
    const began = performance.now();
    response.on("error", () => undefined);
    client.destroy();
    await hungUp;
    expect(performance.now() - began).to.be.below(200);
  });
});
