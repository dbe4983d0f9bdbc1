import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { closed, failureOf, readAll, startHttp, startHttps, startRaw, TEST_CERTIFICATE, TestCaller, testEndpoint, testRequest, upstreamBench } from "./testServers";
import type { UpstreamAnswer } from "./upstreamAnswer";
import { createUpstreamCaller, type UpstreamRequest } from "./upstreamCall";

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

describe("connections to an upstream", () => {
  const { caller, started } = upstreamBench();
  const call = (request: UpstreamRequest): Promise<UpstreamAnswer> => caller().call(request);

  it("are used again, also after the caller's response has closed", async () => {
    const server = await started(startHttp((_req, res) => res.end("ok")));
    for (let i = 0; i < 20; i++) {
      const res = new TestCaller();
      const answer = await call(testRequest(testEndpoint(server.url), { res }));
      const ended = closed(answer.stream);
      expect(await readAll(answer.stream)).to.equal("ok");
      res.leave();
      answer.close();
      await ended;
    }
    expect(server.connections).to.have.length(1);
  });

  it("are closed when they were idle for a while", async () => {
    const server = await started(startHttp((_req, res) => res.end("ok")));
    const impatient = createUpstreamCaller({ freeSocketMs: 50 });
    await readAll((await impatient.call(testRequest(testEndpoint(server.url)))).stream);
    await closed(server.connections[0]);
    impatient.close();
  });

  it("are not closed for being idle while an answer is awaited", async () => {
    const server = await started(startHttp((_req, res) => void setTimeout(() => res.end("late"), 150)));
    const impatient = createUpstreamCaller({ freeSocketMs: 30 });
    const calls = [0, 1].map(async () => readAll((await impatient.call(testRequest(testEndpoint(server.url)))).stream));
    expect(await Promise.all(calls)).to.deep.equal(["late", "late"]);
    impatient.close();
  });

  it("that the server has closed meanwhile are replaced, once, and nobody notices", async () => {
    const server = await started(startRaw((socket, count) => (count === 2 ? socket.destroy() : socket.write(OK))));
    for (let i = 0; i < 3; i++) expect(await readAll((await call(testRequest(testEndpoint(server.url)))).stream)).to.equal("ok");
    // The third call goes over the second connection or a third: the replacement is not kept.
    expect(server.connections.length).to.be.within(2, 3);
  });

  it("are replaced only once", async () => {
    const server = await started(startRaw((socket, count) => (count === 1 ? socket.write(OK) : socket.destroy())));
    await readAll((await call(testRequest(testEndpoint(server.url)))).stream);
    expect((await failureOf(call(testRequest(testEndpoint(server.url))))).kind).to.equal("reset");
    expect(server.connections).to.have.length(2);
  });

  it("are not replaced when part of an answer had come", async () => {
    const server = await started(startRaw((socket, count) => (count === 1 ? socket.write(OK) : socket.end("HTTP/1.1 200 OK\r\nx-par"))));
    await readAll((await call(testRequest(testEndpoint(server.url)))).stream);
    expect((await failureOf(call(testRequest(testEndpoint(server.url))))).kind).to.be.oneOf(["reset", "protocol"]);
    expect(server.connections).to.have.length(1);
  });

  it("are given up when the server answers without reading the whole body", async () => {
    const server = await started(startRaw((socket, count) => {
      if (count > 1) return;
      socket.pause();
      socket.write("HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno");
    }));
    const answer = await call(testRequest(testEndpoint(server.url), { body: Buffer.alloc(30_000_000) }));
    const ended = closed(answer.stream.socket);
    expect([answer.status, await readAll(answer.stream)]).to.deep.equal([413, "no"]);
    await ended;
  });

  describe("over TLS", () => {
    const folder = mkdtempSync(join(tmpdir(), "lumen-ca-"));
    const caFile = join(folder, "ca.pem");
    after(() => rmSync(folder, { recursive: true }));

    it("trusts the endpoint's own file of certificates, and keeps the connection", async () => {
      writeFileSync(caFile, TEST_CERTIFICATE);
      const server = await started(startHttps((_req, res) => res.end("ok")));
      const endpoint = testEndpoint(server.url, { caFile });
      for (let i = 0; i < 3; i++) expect(await readAll((await call(testRequest(endpoint))).stream)).to.equal("ok");
      expect(server.connections).to.have.length(1);
    });

    it("trusts no stranger", async () => {
      const server = await started(startHttps((_req, res) => res.end("ok")));
      expect(await failureOf(call(testRequest(testEndpoint(server.url))))).to.include({ kind: "connect", code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    });

    it("reads the file anew after a reload, and lets running answers finish", async () => {
      writeFileSync(caFile, TEST_CERTIFICATE);
      let finish: (() => void) | undefined;
      const server = await started(startHttps((_req, res) => {
        res.write("a");
        finish = () => res.end("b");
      }));
      const endpoint = testEndpoint(server.url, { caFile });
      const running = await call(testRequest(endpoint));
      const hungUp = closed(server.connections[0]);
      writeFileSync(caFile, "");
      caller().keepOnly(new Set([caFile]));
      expect((await failureOf(call(testRequest(endpoint)))).kind).to.equal("connect");
      finish?.();
      expect(await readAll(running.stream)).to.equal("ab");
      await hungUp;
    });
  });
});
