// Model servers of this folder's tests, on loopback and real sockets.
import { EventEmitter, once } from "node:events";
import http from "node:http";
import https from "node:https";
import net, { type AddressInfo, type Socket } from "node:net";
import type { Readable } from "node:stream";

import type { CatalogModel, UpstreamEndpoint } from "../../domain/modelCatalog";
import type { Logger } from "../../logger";
import { createUpstreamCaller, type CallerResponse, type UpstreamCaller, type UpstreamRequest } from "./upstreamCall";
import { UpstreamFailure } from "./upstreamFailure";

export interface TestServer {
  /** With `/v1`. */
  readonly url: string;
  readonly port: number;
  /** All connections so far, in order. */
  readonly connections: readonly Socket[];
  close(): Promise<void>;
}

async function listen(server: net.Server, scheme: "http" | "https", port = 0): Promise<TestServer> {
  const connections: Socket[] = [];
  server.on("connection", (socket: Socket) => {
    socket.on("error", () => undefined);
    connections.push(socket);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `${scheme}://127.0.0.1:${bound}/v1`,
    port: bound,
    connections,
    close: async () => {
      server.close();
      for (const socket of connections) socket.destroy();
      if (server.listening) await once(server, "close");
    },
  };
}

/** A server that answers each request, once its body is there. */
export function startHttp(answer: (req: http.IncomingMessage, res: http.ServerResponse, body: Buffer) => void, port?: number): Promise<TestServer> {
  return listen(http.createServer(whole(answer)), "http", port);
}

export function startHttps(answer: (req: http.IncomingMessage, res: http.ServerResponse, body: Buffer) => void): Promise<TestServer> {
  return listen(https.createServer({ key: TEST_CERTIFICATE_KEY, cert: TEST_CERTIFICATE }, whole(answer)), "https");
}

/** A server that sees bytes: `count` says the how-manieth request of all it is. */
export function startRaw(onRequest: (socket: Socket, count: number, head: string) => void, scheme: "http" | "https" = "http"): Promise<TestServer> {
  let count = 0;
  return listen(net.createServer((socket) => socket.on("data", (data) => onRequest(socket, ++count, data.toString("latin1")))), scheme);
}

/** A server that sees connections: `index` is 0 for the first. */
export function startRawConnections(onConnection: (socket: Socket, index: number) => void): Promise<TestServer> {
  let connections = 0;
  return listen(net.createServer((socket) => onConnection(socket, connections++)), "http");
}

/** Finds the requests on a connection: `onHead` with the first bytes of each, `onWhole` with the length of its body once it is there. */
export function readRequests(socket: Socket, { onHead, onWhole }: { onHead: () => void; onWhole: (bytes: number) => void }): void {
  let text = "";
  let inRequest = false;
  socket.on("data", (data) => {
    if (!inRequest) onHead();
    inRequest = true;
    text += data.toString("latin1");
    const bodyAt = text.indexOf("\r\n\r\n") + 4;
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? NaN);
    if (bodyAt < 4 || text.length < bodyAt + length || socket.destroyed) return;
    text = "";
    inRequest = false;
    onWhole(length);
  });
}

/** For one `describe`: a fresh caller for each test, and servers that end with it. */
export function upstreamBench(): { caller: () => UpstreamCaller; started: (starting: Promise<TestServer>) => Promise<TestServer> } {
  let caller: UpstreamCaller | undefined;
  const servers: TestServer[] = [];
  beforeEach(() => (caller = createUpstreamCaller()));
  afterEach(async () => {
    caller?.close();
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });
  return {
    caller: () => caller!,
    started: async (starting) => {
      const server = await starting;
      servers.push(server);
      return server;
    },
  };
}

/** The failure of a call that must fail. */
export async function failureOf(calling: Promise<unknown>): Promise<UpstreamFailure> {
  const result: unknown = await calling.catch((error: unknown) => error);
  if (!(result instanceof UpstreamFailure)) throw new Error("it did not fail as an UpstreamFailure");
  return result;
}

/** Resolves when it has closed, in whatever way. */
export function closed(emitter: EventEmitter | undefined): Promise<void> {
  return new Promise((resolve) => emitter?.once("close", () => resolve()));
}

/** A port where nobody listens. */
export async function deadUrl(): Promise<string> {
  const server = await listen(net.createServer(), "http");
  await server.close();
  return server.url;
}

function whole(answer: (req: http.IncomingMessage, res: http.ServerResponse, body: Buffer) => void): http.RequestListener {
  return (req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => answer(req, res, Buffer.concat(chunks)));
  };
}

/** The caller's side: `leave()` closes it. */
export class TestCaller extends EventEmitter implements CallerResponse {
  closed = false;
  leave(): void {
    this.closed = true;
    this.emit("close");
  }
}

export function testEndpoint(url: string, changes: Partial<UpstreamEndpoint> = {}): UpstreamEndpoint {
  return {
    id: url, url, apiKey: "endpoint-key", model: "served-model", auth: "bearer", headers: {}, outputLimitField: "max_tokens", paths: {}, weight: 1, slowStartMs: 0,
    maxConcurrency: 0, streamUsage: true, continuousUsage: false, health: { path: "/models", intervalMs: 15_000, timeoutMs: 3_000 },
    timeouts: { connectMs: 5_000, headersMs: 5_000, idleMs: 5_000 }, ...changes,
  };
}

export function testModel(endpoints: readonly UpstreamEndpoint[], changes: Partial<CatalogModel> = {}): CatalogModel {
  return {
    name: "model", at: { file: "config.yaml", line: 1, column: 1 }, disabled: false, needsAck: false, notice: "", noticeHash: "",
    price: {} as CatalogModel["price"], inputModalities: [], outputModalities: [], maxConcurrency: 0, capabilities: ["chat"], storedReferences: false, endpoints, ...changes,
  };
}

export function testRequest(endpoint: UpstreamEndpoint, changes: Partial<UpstreamRequest> = {}): UpstreamRequest {
  return {
    req: { headers: { "content-type": "application/json" } }, res: new TestCaller(), endpoint, baseUrl: endpoint.url, path: "/chat/completions",
    body: Buffer.from('{"model":"served-model"}'), requestId: "req-1", ...changes,
  };
}

export async function readAll(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

/** A logger that can be waited for. */
export class TestLogger implements Logger {
  readonly lines: { readonly level: string; readonly message: string; readonly fields: object }[] = [];
  private readonly heard = new EventEmitter();
  error = (fields: object, message: string): void => this.write("error", fields, message);
  warn = (fields: object, message: string): void => this.write("warn", fields, message);
  info = (fields: object, message: string): void => this.write("info", fields, message);
  debug = (): void => undefined;
  readonly saysInfo = true;
  setLevel = (): void => undefined;
  flush = (): void => undefined;

  /** Resolves when the message has been logged so many times. */
  async until(message: string, times = 1): Promise<void> {
    while (this.lines.filter((line) => line.message === message).length < times) await once(this.heard, "line");
  }

  private write(level: string, fields: object, message: string): void {
    this.lines.push({ level, message, fields });
    this.heard.emit("line");
  }
}

/** Random numbers that come out the same each time. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Of `localhost` and 127.0.0.1, good for a hundred years, trusted by nobody. */
export const TEST_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBnDCCAUGgAwIBAgIUDVP0iyX2HEVK3mN6RRm4sCl6FiEwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTA5MDQyNFoYDzIxMjYxMDI4
MDkwNDI0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASLlAfJbTLLTY1+er7YVK4qdNF3+c2BlBl1wEPIaAo2vugSabiIIjr0
exkQjgj5MLjNJY+5KNRvErvCEgnL38+0o28wbTAdBgNVHQ4EFgQUlvZsbKLpXa1P
iOeOFdLmixZU5PcwHwYDVR0jBBgwFoAUlvZsbKLpXa1PiOeOFdLmixZU5PcwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSQAwRgIhAMuD3A7Ku6PWTIdPGi0VHWDcEipzzioAO4ztzZF+nysWAiEA
rqr5BGofn69eAWqk7Cew7+rdOagiYm8611gby8hCPZQ=
-----END CERTIFICATE-----`;
export const TEST_CERTIFICATE_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgiHFRpUQbfvApxLuL
DX/rpvNLo4dhomWip3oVItIYZ5WhRANCAASLlAfJbTLLTY1+er7YVK4qdNF3+c2B
lBl1wEPIaAo2vugSabiIIjr0exkQjgj5MLjNJY+5KNRvErvCEgnL38+0
-----END PRIVATE KEY-----`;
