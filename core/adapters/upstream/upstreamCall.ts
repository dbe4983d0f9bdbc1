import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import type { TLSSocket } from "node:tls";

import type { UpstreamEndpoint } from "../../domain/modelCatalog";
import { endInOnePiece } from "../wire/endInOnePiece";
import { outboundHeaders } from "./outboundHeaders";
import { UpstreamAnswer } from "./upstreamAnswer";
import { failureFrom, UpstreamFailure, type UpstreamFailureKind } from "./upstreamFailure";
import { createUpstreamTransport, type RequestEvents, type UpstreamTarget, type UpstreamTransport, type UpstreamTransportOptions } from "./upstreamTransport";
import type { AgentPair } from "./agentPool";

/** A body too large for memory: opened anew for each attempt. */
export interface SpooledBody {
  readonly byteLength: number;
  open(): Readable;
}

/** The caller's side of a call, as far as it matters here: a ServerResponse is one. `close` = gone, or has everything. */
export interface CallerResponse {
  readonly closed: boolean;
  on(event: "close", listener: () => void): unknown;
  off(event: "close", listener: () => void): unknown;
}

/** One attempt at one endpoint. */
export interface UpstreamRequest {
  /** Only its headers are read, and never changed. */
  readonly req: { readonly headers: IncomingHttpHeaders };
  /** When it closes, the upstream connection is closed, before the head and after it. Nothing is written to it. */
  readonly res: CallerResponse;
  readonly endpoint: UpstreamEndpoint;
  /** Where the endpoint is: its `url`, or what `demo:` stands for. */
  readonly baseUrl: string;
  /** Below the base URL: `/chat/completions`. */
  readonly path: string;
  /** Default POST. */
  readonly method?: string;
  readonly body: Buffer | SpooledBody;
  readonly requestId: string;
}

/** Sends calls to endpoints, over connections that it keeps. */
export interface UpstreamCaller {
  /**
   * One attempt at one endpoint. Resolves when the answer's head is there, whatever its status; rejects with an
   * UpstreamFailure, and nothing else. May be called again for the same caller with the next endpoint.
   */
  call(request: UpstreamRequest): Promise<UpstreamAnswer>;
  /** After a reload: certificate files are read anew, and connections that trust others end when they are idle. */
  keepOnly(caFiles: ReadonlySet<string>): void;
  /** Ends all connections, running ones too. */
  close(): void;
}

export function createUpstreamCaller(options: UpstreamTransportOptions = {}): UpstreamCaller {
  const transport = createUpstreamTransport(options);
  return {
    call: (request) => new Promise((resolve, reject) => new Attempt(transport, request, resolve, reject).start()),
    keepOnly: (caFiles) => transport.keepOnly(caFiles),
    close: () => transport.close(),
  };
}

class Attempt implements RequestEvents {
  private request: ClientRequest | undefined;
  private deadline: NodeJS.Timeout | undefined;
  private settled = false;
  private connected = false;
  private triedFresh = false;
  private bytesBefore = 0;
  private target: UpstreamTarget | undefined;
  private answer: UpstreamAnswer | undefined;
  private readonly onCallerClosed = (): void => this.leave();

  constructor(
    private readonly transport: UpstreamTransport,
    private readonly call: UpstreamRequest,
    private readonly resolve: (answer: UpstreamAnswer) => void,
    private readonly reject: (failure: UpstreamFailure) => void,
  ) {}

  start(): void {
    this.call.res.on("close", this.onCallerClosed);
    if (this.call.res.closed) this.fail("aborted", "the caller has gone");
    else this.send("kept");
  }

  private send(connection: keyof AgentPair): void {
    const { endpoint, baseUrl, path, body, method = "POST" } = this.call;
    try {
      const target = (this.target ??= this.transport.target(baseUrl));
      const agent = this.transport.agents(target, endpoint.caFile)[connection];
      const length = method === "GET" ? undefined : body.byteLength;
      const headers = outboundHeaders(this.call.req.headers, endpoint, this.call.requestId, length);
      this.transport.send({ method, path: target.basePath + path + target.query, headers }, target, agent, this);
    } catch (error) {
      // Node refuses what HTTP cannot carry (a key with a line break), or the certificates cannot be read.
      this.settle(failureFrom(error, false, this.where()));
    }
  }

  onRequest(request: ClientRequest): void {
    this.request = request;
    this.connected = request.reusedSocket;
    this.startDeadline();
    const { body } = this.call;
    if (Buffer.isBuffer(body)) {
      endInOnePiece(request, body);
      return;
    }
    const source = body.open();
    source.on("error", (error) => request.destroy(error));
    request.on("close", () => source.destroy());
    source.pipe(request);
  }

  onConnection(request: ClientRequest): void {
    const socket = request.socket;
    if (socket === null || request !== this.request) return;
    if (this.connected) {
      this.bytesBefore = socket.bytesRead;
      return;
    }
    const event = (socket as TLSSocket).encrypted ? "secureConnect" : "connect";
    socket.once(event, () => {
      if (this.settled || request !== this.request) return;
      this.connected = true;
      this.startDeadline();
    });
  }

  onHead(head: IncomingMessage): void {
    if (this.settled || this.request === undefined) {
      head.destroy();
      return;
    }
    this.settled = true;
    clearTimeout(this.deadline);
    // Before anything of the body is read: a stream that closes lets go of the caller.
    head.on("close", () => this.finish());
    this.answer = new UpstreamAnswer(this.request, head, this.call.endpoint);
    this.resolve(this.answer);
  }

  onError(error: NodeJS.ErrnoException): void {
    // Told in the turn in which the bytes came, and so before the end of the body.
    if (error.code?.startsWith("HPE_") === true) this.answer?.overrun();
    if (this.settled) return;
    if (this.isStale()) {
      // The server closed the idle connection while our call was on its way into it: that is nobody's failure.
      this.triedFresh = true;
      this.connected = false;
      this.send("fresh");
      return;
    }
    this.settle(failureFrom(error, this.connected, this.where()));
  }

  private isStale(): boolean {
    const { request } = this;
    if (this.triedFresh || request === undefined || !request.reusedSocket) return false;
    return request.socket === null || request.socket.bytesRead === this.bytesBefore;
  }

  /** One timer at a time: for the connection, then for the head. */
  private startDeadline(): void {
    clearTimeout(this.deadline);
    const { connectMs, headersMs } = this.call.endpoint.timeouts;
    const [kind, ms, missing] = this.connected ? (["headers_timeout", headersMs, "answer"] as const) : (["connect", connectMs, "connection"] as const);
    const expire = (): void => {
      if (this.deadline === deadline) this.fail(kind, `no ${missing} within ${ms} ms`);
    };
    // Where this process stood still, timers go off before anybody has looked at the sockets: what came in time may lie there.
    const deadline = setTimeout(() => setImmediate(expire), ms);
    this.deadline = deadline;
  }

  /** The caller's response has closed. */
  private leave(): void {
    if (this.settled) this.request?.destroy();
    else this.fail("aborted", "the caller has gone");
  }

  /** The answer has been read to its end, or broke. */
  private finish(): void {
    this.call.res.off("close", this.onCallerClosed);
    // A server that answers before it has read the whole body may never read the rest.
    if (this.request?.writableFinished === false) this.request.destroy();
  }

  private fail(kind: UpstreamFailureKind, message: string): void {
    this.settle(new UpstreamFailure(kind, `${this.where()}: ${message}`, undefined, this.connected));
  }

  private settle(failure: UpstreamFailure): void {
    if (this.settled) return;
    this.settled = true;
    clearTimeout(this.deadline);
    this.call.res.off("close", this.onCallerClosed);
    this.request?.destroy();
    this.reject(failure);
  }

  private where(): string {
    return this.target === undefined ? this.call.baseUrl : `${this.target.protocol}//${this.target.host}`;
  }
}
