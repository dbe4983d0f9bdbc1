import { createServer, type AddressInfo, type Socket } from "node:net";
import { answerWell, type Handler } from "./fakeUpstreamAnswers";
import { RequestParser, type IncomingRequest, type ReceivedRequest } from "./fakeUpstreamRequest";
import { Responder } from "./fakeUpstreamResponder";

export { answerWell, createGate, type ChatAnswer, type Handler } from "./fakeUpstreamAnswers";
export type { ReceivedRequest } from "./fakeUpstreamRequest";
export type { Responder } from "./fakeUpstreamResponder";

export interface HandlerOptions {
  /** Call the handler when the head has come, while the body is still on its way. */
  readonly atHead?: boolean;
}

/**
 * A model server on a raw socket, which can do all that a broken backend does. Each request is answered by the next
 * handler that `next` queued, else by the one of `always`, else well. A GET is a gateway's probe: it is kept apart.
 */
export interface FakeUpstream {
  /** Base URL, with `/v1`. */
  readonly url: string;
  readonly port: number;
  /** Every request but GETs whose head has come, in order. */
  readonly requests: readonly ReceivedRequest[];
  /** Every GET, in order. */
  readonly probes: readonly ReceivedRequest[];
  /** Connections opened so far. */
  readonly connections: number;
  /** Handles the next request that no handler waits for yet. */
  next(handler: Handler, options?: HandlerOptions): void;
  /** Handles all requests for which nothing is queued. */
  always(handler: Handler, options?: HandlerOptions): void;
  /** Handles GETs; by default `GET /models` lists `fake-model`. */
  onProbe(handler: Handler): void;
  /** The next request that was not received through this yet, as soon as its body is whole. */
  received(): Promise<ReceivedRequest>;
  /** Closes the connections on which nothing is running, as servers do after their keep-alive time. */
  closeIdle(): void;
  /** Refuses connections from now on (nobody listens), and cuts those there are. */
  refuse(): Promise<void>;
  /** Listens again, on the same port. */
  accept(): Promise<void>;
  close(): Promise<void>;
}

interface Planned {
  readonly handler: Handler;
  readonly atHead: boolean;
}

/** Starts a fake upstream on 127.0.0.1, on a free port. */
export async function startFakeUpstream(handler: Handler = answerWell()): Promise<FakeUpstream> {
  const fake = new SocketUpstream(handler);
  await fake.accept();
  return fake;
}

class SocketUpstream implements FakeUpstream {
  port = 0;
  connections = 0;
  readonly requests: IncomingRequest[] = [];
  readonly probes: IncomingRequest[] = [];
  private probe: Planned = { handler: answerWell(), atHead: false };
  private readonly queue: Planned[] = [];
  private fallback: Planned;
  /** Requests whose body is whole and those who wait for one. */
  private readonly arrived: IncomingRequest[] = [];
  private readonly waiting: ((request: ReceivedRequest) => void)[] = [];
  /** Open connections and the requests that run on each. */
  private readonly sockets = new Map<Socket, Set<IncomingRequest>>();
  private server?: ReturnType<typeof createServer>;

  constructor(handler: Handler) {
    this.fallback = { handler, atHead: false };
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/v1`;
  }

  next(handler: Handler, options: HandlerOptions = {}): void {
    this.queue.push({ handler, atHead: options.atHead ?? false });
  }

  always(handler: Handler, options: HandlerOptions = {}): void {
    this.fallback = { handler, atHead: options.atHead ?? false };
  }

  onProbe(handler: Handler): void {
    this.probe = { handler, atHead: false };
  }

  received(): Promise<ReceivedRequest> {
    const request = this.arrived.shift();
    return request ? Promise.resolve(request) : new Promise((resolve) => this.waiting.push(resolve));
  }

  closeIdle(): void {
    for (const [socket, running] of this.sockets) if (running.size === 0) socket.destroy();
  }

  async refuse(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    const closed = new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
    for (const socket of this.sockets.keys()) socket.destroy();
    await closed;
  }

  async accept(): Promise<void> {
    if (this.server) return;
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.connect(socket));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.port, "127.0.0.1", resolve);
    });
    this.server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  close(): Promise<void> {
    return this.refuse();
  }

  private connect(socket: Socket): void {
    this.connections += 1;
    const running = new Set<IncomingRequest>();
    const all: IncomingRequest[] = [];
    const planned = new Map<IncomingRequest, Planned>();
    this.sockets.set(socket, running);
    const run = (request: IncomingRequest, { handler }: Planned) => {
      const keepAlive = request.headers["connection"]?.toLowerCase() !== "close";
      const respond = new Responder(socket, keepAlive, () => running.delete(request));
      // A handler that throws is a server that crashes.
      Promise.resolve().then(() => handler(request, respond)).catch(() => socket.destroy());
    };
    const parser = new RequestParser(
      this.connections,
      (request) => {
        const isProbe = request.method === "GET";
        (isProbe ? this.probes : this.requests).push(request);
        all.push(request);
        running.add(request);
        const plan = isProbe ? this.probe : (this.queue.shift() ?? this.fallback);
        planned.set(request, plan);
        if (request.headers["expect"]) socket.write("HTTP/1.1 100 Continue\r\n\r\n");
        if (plan.atHead) run(request, plan);
      },
      (request) => {
        if (request.method !== "GET") this.deliver(request);
        const plan = planned.get(request);
        if (plan && !plan.atHead) run(request, plan);
      },
    );
    const gone = () => {
      for (const request of all) if (!request.isClosed) request.close();
    };
    socket.on("data", (chunk: Buffer) => parser.feed(chunk));
    socket.on("end", () => {
      gone();
      socket.destroy();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      gone();
      this.sockets.delete(socket);
    });
  }

  private deliver(request: IncomingRequest): void {
    const waiting = this.waiting.shift();
    if (waiting) waiting(request);
    else this.arrived.push(request);
  }
}
