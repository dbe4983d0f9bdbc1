import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";

import { expect } from "chai";

import { closed, failureOf, readAll, readRequests, startHttp, startHttps, startRaw, startRawConnections, TEST_CERTIFICATE, TestCaller, testEndpoint, testRequest, upstreamBench } from "./testServers";
import type { UpstreamAnswer } from "./upstreamAnswer";
import { createUpstreamCaller, type SpooledBody, type UpstreamRequest } from "./upstreamCall";

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

  it("W77: are closed before the time is over that the server announced for them", async () => {
    const announced = (seconds: number): string => OK.replace("\r\n\r\n", `\r\nkeep-alive: timeout=${seconds}\r\n\r\n`);
    const patient = createUpstreamCaller({ freeSocketMs: 600_000 });
    const server = await started(startRaw((socket) => socket.write(announced(2))));
    const began = process.hrtime.bigint();
    await readAll((await patient.call(testRequest(testEndpoint(server.url)))).stream);
    await closed(server.connections[0]);
    expect(Number(process.hrtime.bigint() - began) / 1e9, "at least half of the announced time").to.be.above(0.5);
    const hasty = await started(startRaw((socket) => socket.write(announced(1))));
    for (let i = 0; i < 2; i++) await readAll((await patient.call(testRequest(testEndpoint(hasty.url)))).stream);
    expect(hasty.connections, "none is kept for a second").to.have.length(2);
    patient.close();
  });

  describe("W77: that the server closes just as a call is written into them", () => {
    const body = Buffer.from(`{"model":"served-model","pad":"${"x".repeat(1_000_000)}"}`);
    const spooled = (): SpooledBody & { opened: number } => ({
      opened: 0, byteLength: body.length,
      open() {
        this.opened++;
        return Readable.from([body]);
      },
    });
    const ENDS: Record<string, (socket: Socket) => unknown> = {
      "with a reset": (socket) => socket.resetAndDestroy(),
      "with an end": (socket) => socket.end(),
      "with an end of everything": (socket) => socket.destroy(),
    };
    for (const [sentence, end] of Object.entries(ENDS)) {
      for (const kind of ["in memory", "spooled"] as const) {
        it(`${sentence}: a POST whose body is ${kind} is sent once more, whole, and nobody notices`, async () => {
          const whole: number[] = [];
          const server = await started(startRawConnections((socket, index) => {
            let calls = 0;
            readRequests(socket, {
              onHead: () => {
                calls++;
                if (index === 0 && calls === 2) end(socket);
              },
              onWhole: (bytes) => {
                whole.push(bytes);
                socket.write(OK);
              },
            });
          }));
          await readAll((await call(testRequest(testEndpoint(server.url)))).stream);
          const source = spooled();
          const answer = await call(testRequest(testEndpoint(server.url), { body: kind === "spooled" ? source : body }));
          expect([answer.status, await readAll(answer.stream)]).to.deep.equal([200, "ok"]);
          expect([server.connections.length, whole.at(-1), source.opened]).to.deep.equal([2, body.length, kind === "spooled" ? 2 : 0]);
        });
      }
    }

    it("over and over: a hundred calls to a server that closes each connection behind its answer", async () => {
      const server = await started(startRaw((socket) => {
        socket.write(OK);
        setImmediate(() => socket.end());
      }));
      for (let i = 0; i < 100; i++) expect(await readAll((await call(testRequest(testEndpoint(server.url)))).stream)).to.equal("ok");
    });
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
