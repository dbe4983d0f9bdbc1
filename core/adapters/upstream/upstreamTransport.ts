import { Stream } from "node:stream";
import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";

import httpProxy from "http-proxy";

import { createAgentPool, type AgentPair } from "./agentPool";

/** What becomes of one request that was handed to http-proxy. */
export interface RequestEvents {
  /** http-proxy has made the request and wants its body; the connection may not be there yet. */
  onRequest(request: ClientRequest): void;
  /** A connection is assigned, perhaps still connecting. */
  onConnection(request: ClientRequest): void;
  onHead(head: IncomingMessage): void;
  onError(error: Error): void;
}

/** One request as http-proxy is to send it. */
export interface OutboundRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
}

/** A base URL taken apart once. */
export interface UpstreamTarget {
  readonly protocol: string;
  readonly host: string;
  readonly hostname: string;
  readonly port: string;
  readonly basePath: string;
  /** The base URL's own query, with its `?`. */
  readonly query: string;
}

/** http-proxy and its connections: made once for all endpoints. */
export interface UpstreamTransport {
  target(baseUrl: string): UpstreamTarget;
  agents(target: UpstreamTarget, caFile: string | undefined): AgentPair;
  send(request: OutboundRequest, target: UpstreamTarget, agent: AgentPair["kept"], events: RequestEvents): void;
  /** After a reload: connections of certificates that no endpoint uses any more end when they are idle. */
  keepOnly(caFiles: ReadonlySet<string>): void;
  /** Ends all connections, running ones too. */
  close(): void;
}

/**
 * Stands for the caller's request towards http-proxy, which on the real one would leave two listeners for each attempt,
 * copy all its headers, and hold back an upstream's reset where the caller's socket has closed.
 */
class ProxiedRequest {
  readonly socket = CONNECTED;
  readonly url: string;
  readonly method: string;
  readonly headers: OutgoingHttpHeaders;
  constructor(request: OutboundRequest, readonly events: RequestEvents) {
    this.url = request.path;
    this.method = request.method;
    this.headers = request.headers;
  }

  /** http-proxy listens for the caller's `aborted` and `error`: callUpstream watches the caller itself. */
  on(): this {
    return this;
  }
}
const CONNECTED = { destroyed: false } as const;

/** http-proxy pipes its `buffer` into the request it made, which is the one place that hands out that request at once. */
class HandedOver extends Stream {
  constructor(private readonly events: RequestEvents) {
    super();
  }

  override pipe<T extends NodeJS.WritableStream>(request: T): T {
    this.events.onRequest(request as unknown as ClientRequest);
    return request;
  }
}

/** Looks finished, so that http-proxy adds no listener for an end that nobody asks for. It never touches the answer. */
const UNTOUCHED_RESPONSE = Object.freeze({ finished: true, headersSent: true }) as unknown as ServerResponse;

export interface UpstreamTransportOptions {
  /** How long an idle connection is kept. */
  readonly freeSocketMs?: number;
}

export function createUpstreamTransport(options: UpstreamTransportOptions): UpstreamTransport {
  const pool = createAgentPool(options.freeSocketMs);
  const targets = new Map<string, UpstreamTarget>();
  // `toProxy` saves a parse of our own path; `prependPath: false` keeps a query of the base URL whole.
  const proxy = httpProxy.createProxyServer({ selfHandleResponse: true, changeOrigin: true, toProxy: true, prependPath: false });
  const eventsOf = (request: IncomingMessage): RequestEvents => (request as unknown as ProxiedRequest).events;
  proxy.on("proxyReq", (clientRequest, request) => eventsOf(request).onConnection(clientRequest));
  proxy.on("proxyRes", (head, request) => eventsOf(request).onHead(head));
  const onError = (error: Error, request: IncomingMessage): void => eventsOf(request).onError(error);

  return {
    target(baseUrl) {
      let target = targets.get(baseUrl);
      if (target === undefined) targets.set(baseUrl, (target = parseTarget(baseUrl)));
      return target;
    },
    agents: (target, caFile) => pool.agentsFor(target.protocol, caFile),
    send(request, target, agent, events) {
      const proxied = new ProxiedRequest(request, events) as unknown as IncomingMessage;
      proxy.web(proxied, UNTOUCHED_RESPONSE, { target, agent, buffer: new HandedOver(events) }, onError);
    },
    keepOnly(caFiles) {
      targets.clear();
      pool.keepOnly(caFiles);
    },
    close: () => pool.close(),
  };
}

function parseTarget(baseUrl: string): UpstreamTarget {
  const url = new URL(baseUrl);
  // http-proxy would take any other scheme for http, and a missing host for our own.
  if (url.protocol !== "http:" && url.protocol !== "https:") throw new Error("the base URL is not one of http or https");
  return {
    protocol: url.protocol,
    host: url.host,
    hostname: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port,
    basePath: url.pathname.replace(/\/+$/, ""),
    query: url.search,
  };
}
