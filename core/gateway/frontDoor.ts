import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { CodedError } from "../errors/codedError";
import { ERROR_CODES, type ErrorCodeName } from "../errors/codes";
import { formatCoins } from "../domain/coins";
import { uuidv7 } from "../ids";
import { Bag } from "./bag";
import { callerAddress } from "./callerAddress";
import { answerCors } from "./cors";
import { attachExchange, Exchange } from "./exchange";
import { errorBody, operationAt, operationOfPath, speaksAnthropic } from "./errorShapes";
import { sendError, sendJson } from "./respond";
import type { GatewayServices } from "./services";
import { findRoute, isNearMiss } from "./surface";

/** Express with its third argument: what is called when no route answered. */
export type HostApp = (req: IncomingMessage, res: ServerResponse, done: (error?: unknown) => void) => void;

export interface FrontDoorOptions {
  /** A policy that has neither answered nor called next for so long is broken; its caller is told. */
  readonly policyTimeoutMs: number;
  /** True while every step of every pipeline is ours and unconditional: such a pipeline needs nothing that Express prepares. */
  ownPoliciesOnly(): boolean;
  /** True while a pipeline has the host's `cors` policy: then that one speaks to browsers, and we do not (docs/wire.md W42). */
  hasHostCors(): boolean;
  /** What `/readyz` says: fields that are not all well make it 503, but for `config: stale`. */
  readiness(): { readonly ready: boolean; readonly body: object };
}

/** Takes every request before the host does. */
export interface FrontDoor {
  /** Requests between their first byte and their end. */
  active(): number;
  /** Ends running requests: with the error where nothing was sent yet, else by cutting the connection. */
  endCalls(which: (exchange: Exchange) => boolean, error: CodedError): void;
  /** From now on every answer ends its connection. */
  drain(): void;
  /** The grace is over: streams end with an error event of their protocol, all else with 503 (docs/wire.md W86). */
  endForShutdown(): void;
  /** Resolves when no request runs and every call is booked. Ask once, after `drain`. */
  settled(): Promise<void>;
  close(): void;
}

const SWEEP_MS = 500;
/** How long a connection that was refused stays open for its caller to read why. */
const LINGER_MS = 2_000;

/**
 * The host's pipelines without what Express runs before them for every path: parsed query, passport, the routes of pages.
 * They are the last that the host has put into its app; a reload exchanges what they call.
 */
function pipelinesOf(app: HostApp): HostApp {
  const { stack } = (app as HostApp & { readonly _router: { readonly stack: readonly { readonly handle: HostApp }[] } })._router;
  return stack.at(-1)?.handle ?? app;
}

/**
 * How long an idle connection is kept (docs/wire.md W99). Node's 5 s are those of the commonest clients too: both sides then
 * close at the same moment, and a call that is on its way is lost. The client has to be the first to go.
 */
const IDLE_CONNECTION_MS = 75_000;

/**
 * Puts itself before the host's app on a server: gives each request its id and exchange, answers health checks, refuses
 * methods that a path does not know, and turns whatever the host leaves unanswered into JSON.
 */
export function openFrontDoor(server: Server, services: GatewayServices, options: FrontDoorOptions): FrontDoor {
  const app = server.listeners("request")[0] as HostApp | undefined;
  if (!app) throw new Error("the host has not put its app on the server");
  server.keepAliveTimeout = IDLE_CONNECTION_MS;
  const pipelines = pipelinesOf(app);
  const active = new Bag<Exchange>();
  let draining = false;
  /** Requests whose connection has closed and whose call is not booked yet. */
  let unbooked = 0;
  let onSettled: (() => void) | undefined;
  server.removeAllListeners("request");
  server.on("request", ((req, res) => {
    if (draining) res.shouldKeepAlive = false;
    req.url = originForm(req.url ?? "/");
    if (answerHealth(req, res, options)) return;
    const exchange = newExchange(req, res, services);
    const held = active.add(exchange);
    res.once("close", () => {
      active.take(held);
      exchange.end((cause) => services.logger.error({ request_id: exchange.id, cause: String(cause) }, "a plugin failed as a request ended"));
      const log = () => {
        services.callEnded(exchange);
        countRequest(exchange, services);
        logExchange(exchange, services);
        if (--unbooked === 0 && active.size === 0) onSettled?.();
      };
      unbooked++;
      if (exchange.booking) exchange.booking.then(log, log);
      else log();
    });
    // A pipeline with the host's own `cors` answers for itself: two would contradict each other.
    if (req.headers.origin !== undefined && !options.hasHostCors() && answerCors(exchange)) return;
    const { match } = exchange;
    if (req.headers.host === undefined && req.httpVersion === "1.1") {
      res.shouldKeepAlive = false;
      sendError(req, res, new CodedError("invalid_request", { message: "The request names no host. Send a Host header." }));
      return;
    }
    if (!match && isNearMiss(req.url ?? "/")) {
      answerLeftover(exchange, services, undefined);
      return;
    }
    if (match && req.method !== "OPTIONS" && !match.route.methods.includes(req.method ?? "")) {
      const allow = match.route.methods.join(", ");
      sendError(req, res, new CodedError("method_not_allowed", { message: `${req.method} is not allowed here; use ${allow}.`, headers: { allow } }));
      return;
    }
    const enter = match && options.ownPoliciesOnly() ? pipelines : app;
    enter(req, res, (error) => answerLeftover(exchange, services, error));
  }) satisfies RequestListener);
  // Node would answer 417 without a body; the header need not be understood, and goes no further.
  server.on("checkExpectation", (req, res) => server.emit("request", req, res));
  server.on("clientError", answerClientError);
  const sweep = setInterval(() => sweepStuck(active, services, options.policyTimeoutMs), SWEEP_MS);
  sweep.unref();
  return {
    active: () => active.size,
    endCalls: (which, error) => [...active].filter(which).forEach(({ req, res }) => void sendError(req, res, error)),
    drain: () => void (draining = true),
    endForShutdown: () => [...active].forEach(endForShutdown),
    settled: () => new Promise((resolve) => (active.size === 0 && unbooked === 0 ? resolve() : (onSettled = resolve))),
    close: () => clearInterval(sweep),
  };
}

function endForShutdown({ req, res, endStream }: Exchange): void {
  if (res.headersSent && endStream) endStream();
  else sendError(req, res, new CodedError("shutting_down", { headers: { "retry-after": "5" } }));
}

/** `GET http://host/path` is as good a request as `GET /path`, and must meet the same checks. */
function originForm(target: string): string {
  return target.startsWith("/") ? target : target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, "") || "/";
}

function newExchange(req: IncomingMessage, res: ServerResponse, services: GatewayServices): Exchange {
  const now = services.clock();
  const id = uuidv7(now);
  const exchange = new Exchange(id, req, res, findRoute(req.url ?? "/"), services.config.get(), now);
  attachExchange(req, exchange);
  res.setHeader("x-request-id", id);
  // Anthropic's client looks for it under this name.
  if (speaksAnthropic(operationAt(exchange.match, req.url))) res.setHeader("request-id", id);
  return exchange;
}

function answerHealth(req: IncomingMessage, res: ServerResponse, options: FrontDoorOptions): boolean {
  const isHealth = req.url === "/healthz";
  if (!isHealth && req.url !== "/readyz") return false;
  const headers = { "cache-control": "no-store" };
  if (isHealth) sendJson(res, 200, { status: "ok" }, headers);
  else {
    const { ready, body } = options.readiness();
    sendJson(res, ready ? 200 : 503, body, ready ? headers : { ...headers, "retry-after": "5" });
  }
  return true;
}

/** No route answered, or something in the host threw. */
function answerLeftover(exchange: Exchange, services: GatewayServices, error: unknown): void {
  const { req, res } = exchange;
  if (error === undefined || error === null) {
    const { answer } = services.errorPages;
    if (answer && wantsPage(exchange)) {
      answer(exchange, new CodedError("not_found", { message: "There is nothing at this address." }));
      return;
    }
    sendError(req, res, new CodedError("not_found", { message: `There is nothing at ${req.method} ${pathOf(req)}. The API is under /v1.` }));
    return;
  }
  const status = (error as { status?: unknown }).status;
  if (!(error instanceof CodedError) && typeof status === "number" && status >= 400 && status < 500) {
    const code: ErrorCodeName = status === 413 ? "request_too_large" : status === 415 ? "unsupported_media_type" : "invalid_request";
    sendError(req, res, new CodedError(code));
    return;
  }
  const coded = sendError(req, res, error);
  if (coded.status < 500) return;
  services.logger.error({ request_id: exchange.id, cause: error instanceof Error ? error.stack : JSON.stringify(error) }, "a request failed in the host");
}

/** A browser that looks for a page, not a program that looks for the API. */
function wantsPage({ req, match }: Exchange): boolean {
  return !match && !pathOf(req).startsWith("/v1") && (req.headers.accept ?? "").includes("text/html");
}

function sweepStuck(active: Iterable<Exchange>, services: GatewayServices, policyTimeoutMs: number): void {
  const limit = Date.now() - policyTimeoutMs;
  for (const exchange of active) {
    // Others may book it by now (docs/rules.md H6): its caller hears no more of it.
    if (exchange.meter && !exchange.meter.ended && !exchange.meter.mayAnswer()) exchange.res.destroy();
    if (!exchange.match || exchange.waitingSince === 0 || exchange.waitingSince > limit) continue;
    exchange.waitingSince = 0;
    if (exchange.res.headersSent) continue;
    services.logger.error({ request_id: exchange.id, path: pathOf(exchange.req) }, "a policy neither answered nor called next");
    sendError(exchange.req, exchange.res, new CodedError("policy_timeout"));
  }
}

/** Node's own early refusals (a malformed request, headers too long, too slow), as JSON. */
function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const code: ErrorCodeName =
    error.code === "HPE_HEADER_OVERFLOW" ? "headers_too_large" : error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? "request_timeout" : "invalid_request";
  const { status } = ERROR_CODES[code];
  const requestId = uuidv7();
  const body = errorBody(new CodedError(code), { requestId, operation: operationOfPath(earlyPath(error)) });
  socket.end(
    `HTTP/1.1 ${status} ${code}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
      `x-request-id: ${requestId}\r\nconnection: close\r\n\r\n${body}`,
    // Whoever never closes its own half would keep the connection, and the call that it belongs to, for ever.
    () => setTimeout(() => socket.destroy(), LINGER_MS).unref(),
  );
}

/** The path of a request that could not be read, where the bytes that Node kept begin with it. */
function earlyPath({ rawPacket }: NodeJS.ErrnoException & { readonly rawPacket?: Buffer }): string | undefined {
  return /^[A-Z]+ (\/\S*)/.exec(rawPacket?.toString("latin1", 0, 256) ?? "")?.[1];
}

/** Requests of the API alone; pages are not counted. */
function countRequest({ match, model, entry, res }: Exchange, { metrics }: GatewayServices): void {
  if (match) metrics.requestEnded({ model: model?.name, operation: match.route.operation ?? match.route.kind, status: statusOf(res), entry });
}

/** 499: the caller has gone, as nginx logs it. */
function statusOf(res: ServerResponse): number {
  return res.writableFinished || res.headersSent ? res.statusCode : 499;
}

/** One line per exchange at its end: ids and cost, never text or a key. */
function logExchange(exchange: Exchange, { logger }: GatewayServices): void {
  if (!exchange.snapshot.logs.access || !logger.saysInfo) return;
  const { req, res, entry } = exchange;
  logger.info(
    {
      request_id: exchange.id,
      method: req.method,
      path: pathOf(req),
      status: statusOf(res),
      ms: Date.now() - exchange.startedAt,
      from: callerAddress(req, exchange.snapshot),
      owner: exchange.owner?.id,
      key: exchange.apiKey?.id,
      via: exchange.via === "chat" ? "chat" : undefined,
      model: exchange.model?.name,
      endpoint: exchange.endpointId,
      cost: entry ? formatCoins(entry.costNano) : undefined,
      flags: entry && entry.flags.length > 0 ? entry.flags : undefined,
    },
    "exchange",
  );
}

function pathOf(req: IncomingMessage): string {
  return (req.url ?? "/").split("?", 1)[0]?.slice(0, 256) ?? "/";
}
