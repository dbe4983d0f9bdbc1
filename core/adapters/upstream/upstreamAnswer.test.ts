import { once } from "node:events";

import { expect } from "chai";

import { closed, readAll, startHttp, startRaw, testEndpoint, testRequest, upstreamBench } from "./testServers";
import type { UpstreamAnswer } from "./upstreamAnswer";
import type { UpstreamRequest } from "./upstreamCall";

const SHORT_SILENCE = { connectMs: 5_000, headersMs: 5_000, idleMs: 60 };

describe("an upstream answer", () => {
  const { caller, started } = upstreamBench();
  const call = (request: UpstreamRequest): Promise<UpstreamAnswer> => caller().call(request);

  describe("that breaks off", () => {
    const PARTS = {
      "with bytes owing": "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf",
      "without a last chunk": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    };
    for (const [how, part] of Object.entries(PARTS)) {
      it(`${how}, is not complete when its stream closes`, async () => {
        const server = await started(startRaw((socket) => socket.end(part)));
        const answer = await call(testRequest(testEndpoint(server.url)));
        const ended = closed(answer.stream);
        const received: string[] = [];
        answer.stream.on("data", (chunk: Buffer) => received.push(chunk.toString())).on("error", () => undefined);
        await ended;
        expect([received.join(""), answer.complete]).to.deep.equal(["half", false]);
      });
    }

    it("by our own close(), hangs up", async () => {
      const server = await started(startHttp((_req, res) => void res.write("x")));
      const answer = await call(testRequest(testEndpoint(server.url)));
      const hungUp = closed(server.connections[0]);
      answer.close();
      await hungUp;
    });
  });

  describe("whose server falls silent", () => {
    it("is told so, once", async () => {
      const server = await started(startHttp((_req, res) => void res.write("x")));
      const answer = await call(testRequest(testEndpoint(server.url, { timeouts: SHORT_SILENCE })));
      answer.stream.resume();
      let told = 0;
      await new Promise<void>((resolve) => answer.onIdle(() => resolve(void told++)));
      answer.stream.socket.setTimeout(20);
      await once(answer.stream.socket, "timeout");
      expect(told).to.equal(1);
    });

    it("is not told so while its reader holds the stream back", async () => {
      const server = await started(startHttp((_req, res) => void res.write("x")));
      const answer = await call(testRequest(testEndpoint(server.url, { timeouts: SHORT_SILENCE })));
      let told = false;
      const silence = new Promise<void>((resolve) => answer.onIdle(() => resolve(void (told = true))));
      answer.stream.pause();
      await once(answer.stream.socket, "timeout");
      await once(answer.stream.socket, "timeout");
      expect(told).to.equal(false);
      answer.stream.resume();
      await silence;
    });

    it("is told so whatever way it is read, and can end it", async () => {
      const server = await started(startHttp((_req, res) => void res.write("x")));
      const answer = await call(testRequest(testEndpoint(server.url, { timeouts: SHORT_SILENCE })));
      answer.onIdle(() => answer.close());
      const error: unknown = await readAll(answer.stream).catch((reason: unknown) => reason);
      expect([(error as Error).message, answer.complete]).to.deep.equal(["aborted", false]);
    });

    it("asks for nothing where the answer has been read to its end", async () => {
      const server = await started(startHttp((_req, res) => res.end("ok")));
      const answer = await call(testRequest(testEndpoint(server.url)));
      const ended = closed(answer.stream);
      await readAll(answer.stream);
      await ended;
      expect(() => answer.onIdle(() => undefined)).not.to.throw();
    });

    it("leaves the connection as it was when the answer is whole", async () => {
      const server = await started(startHttp((_req, res) => res.end("ok")));
      const listeners = new Set<number>();
      for (let i = 0; i < 3; i++) {
        const answer = await call(testRequest(testEndpoint(server.url)));
        listeners.add(answer.stream.socket.listenerCount("timeout"));
        answer.onIdle(() => undefined);
        const ended = closed(answer.stream);
        await readAll(answer.stream);
        await ended;
      }
      expect([server.connections.length, listeners.size]).to.deep.equal([1, 1]);
    });
  });
});
