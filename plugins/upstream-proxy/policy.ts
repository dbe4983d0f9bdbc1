import { faultOf, isRetryable, withFailover, type FailoverOutcome } from "../../core/adapters/upstream/failover";
import type { EndpointLease } from "../../core/adapters/upstream/endpointLease";
import type { StreamUsage } from "../../core/adapters/upstream/streamUsage";
import type { UpstreamAnswer } from "../../core/adapters/upstream/upstreamAnswer";
import type { UpstreamFailure } from "../../core/adapters/upstream/upstreamFailure";
import { hasOutput, type Operation } from "../../core/domain/ledgerEntry";
import { fieldsOf } from "../../core/domain/jsonFields";
import { upstreamPath, USUAL_PATHS } from "../../core/domain/upstreamPath";
import { isMedia } from "../../core/domain/mediaUsage";
import { CodedError } from "../../core/errors/codedError";
import { definePolicy } from "../../core/gateway/definePlugin";
import { placeOf } from "../../core/gateway/errorShapes";
import type { Exchange } from "../../core/gateway/exchange";
import { sendJson } from "../../core/gateway/respond";
import type { GatewayServices } from "../../core/gateway/services";
import { EarlyChunks } from "./earlyChunks";
import { BrokenBeforeFirstByte, CALLER_GONE, operationOf, settle, type RelayEnd } from "./endingOf";
import { outgoingBody } from "./outgoingBody";
import { relayBytes } from "./relayBytes";
import { relayJson } from "./relayJson";
import { relayStream } from "./relayStream";
import { parameters } from "./schema";
import { sendWithUsage } from "./sendWithUsage";
import { sessionOf } from "./sessionOf";
import { readRefusal } from "./upstreamRefusal";

/** Calls a model server and relays its answer; the one policy that ends the inference pipeline. */
export const upstreamProxy = definePolicy({
  name: "upstream-proxy",
  requires: ["lumen-key-auth", "model-access", "consent", "coin-metering"],
  parameters,
  create({ ping_seconds }, services) {
    const pingMs = ping_seconds * 1_000;
    return (exchange) => {
      const call = new ProxiedCall(exchange, services, pingMs);
      exchange.getMeter();
      // From here on the answer is ours, however long the model takes.
      exchange.waitingSince = 0;
      const booking = call.run().catch((error: unknown) => call.fail(error));
      exchange.booking = booking;
      return booking;
    };
  },
});

class ProxiedCall {
  /** Endpoints that were asked; an answer that broke before its first byte goes on with the others. */
  private readonly tried = new Set<string>();
  private readonly streamed: boolean;
  /** How the last answer broke that did. */
  private lastBreak: BrokenBeforeFirstByte["how"] = "broke off";

  constructor(private readonly exchange: Exchange, private readonly services: GatewayServices, private readonly pingMs: number) {
    this.streamed = exchange.getBody().stream && hasOutput(operationOf(exchange));
  }

  async run(): Promise<void> {
    const { exchange, services } = this;
    const options = { res: exchange.res, tried: this.tried, session: sessionOf(exchange), owner: exchange.getOwner().id };
    for (;;) {
      const outcome = await withFailover(services.upstreams, exchange.getModel(), options, (lease) => this.attempt(lease));
      if (outcome.outcome !== "answered") return this.nobodyAnswered(outcome);
      exchange.endpointId = outcome.answer.endpoint.id;
      try {
        if ((await this.relay(outcome.answer, outcome.retryAfterMs)) === "broken") outcome.lease.failed("reset");
        return;
      } catch (error) {
        if (!(error instanceof BrokenBeforeFirstByte)) throw error;
        this.lastBreak = error.how;
        const result = typeof error.how === "string" ? undefined : error.how.upstreamStatus;
        const fault = result === undefined ? "reset" : faultOf(result);
        if (fault !== undefined) outcome.lease.failed(fault);
        const mayGoOn = result === undefined || isRetryable(result);
        if (!mayGoOn || this.tried.size >= MAX_ATTEMPTS || exchange.res.destroyed) return this.tellBreak();
        services.logger.warn({ request_id: exchange.id, endpoint: exchange.endpointId, upstream_status: result }, `a model server ${error.message} before its first byte`);
      } finally {
        outcome.lease.release();
      }
    }
  }

  /** Records what was not answered, and tells the caller: nothing is charged (C4). */
  async fail(error: unknown): Promise<void> {
    const meter = this.exchange.getMeter();
    const status = error instanceof CodedError ? error.status : 500;
    if (!meter.ended) await settle(this.exchange, undefined, { status, free: true });
    throw error;
  }

  private attempt(lease: EndpointLease): Promise<UpstreamAnswer> {
    return this.streamed && knowsStreamOptions(operationOf(this.exchange)) ? sendWithUsage(this.exchange, lease, (usage) => this.send(lease, usage)) : this.send(lease, undefined);
  }

  private async send({ endpoint, baseUrl }: EndpointLease, usage: StreamUsage | undefined): Promise<UpstreamAnswer> {
    const { exchange, services } = this;
    const { capability = "chat", upstreamPath: usual = USUAL_PATHS.chat } = exchange.match?.route ?? {};
    const began = performance.now();
    const answer = await services.upstreamCaller.call({
      req: exchange.req, res: exchange.res, endpoint, baseUrl, path: upstreamPath(endpoint, capability, usual), requestId: exchange.id,
      body: outgoingBody(exchange, endpoint, usage),
    });
    services.metrics.upstreamAnswered(exchange.getModel().name, (performance.now() - began) / 1_000);
    return answer;
  }

  private async relay(answer: UpstreamAnswer, retryAfterMs: number | undefined): Promise<RelayEnd> {
    const { exchange } = this;
    if (answer.status >= 400 || answer.status < 200 || (answer.status >= 300 && answer.status < 400)) return this.relayRefusal(answer, retryAfterMs);
    const isStream = (this.streamed || isMedia(operationOf(exchange))) && /^text\/event-stream/i.test(answer.headers["content-type"] ?? "");
    const isSound = operationOf(exchange) === "speech" && !isStream;
    if (!isStream && !isSound) return relayJson(exchange, answer);
    const early = isStream ? new EarlyChunks(answer.stream) : undefined;
    // A crash after the first byte must find the hold (docs/rules.md H6).
    await exchange.getMeter().durable;
    if (isSound) return relayBytes(exchange, answer);
    const { includeUsage, json } = exchange.getBody();
    return relayStream(exchange, answer, {
      wantsUsage: includeUsage,
      usageInChunks: answer.endpoint.continuousUsage,
      wantsUsageInChunks: includeUsage && fieldsOf(json["stream_options"])?.["continuous_usage_stats"] === true,
      pingMs: this.pingMs,
      ...(early ? { early: early.take() } : {}),
    });
  }

  private async relayRefusal(answer: UpstreamAnswer, retryAfterMs: number | undefined): Promise<RelayEnd> {
    const { status, body, headers } = await readRefusal(answer, placeOf(this.exchange));
    const wait = retryAfterMs === undefined ? {} : waitHeaders(retryAfterMs, headers);
    this.services.logger.warn({ request_id: this.exchange.id, endpoint: answer.endpoint.id, upstream_status: answer.status }, "a model server refused a call");
    await settle(this.exchange, answer, { status, free: true });
    sendJson(this.exchange.res, status, body, { ...headers, ...wait });
    return "whole";
  }

  /** Nobody answered better: the caller is told how the last answer broke. Nothing is charged (C4). */
  private async tellBreak(): Promise<void> {
    const how = this.lastBreak;
    if (typeof how === "string") throw new CodedError(how === "fell silent" ? "upstream_timeout" : "upstream_incomplete");
    await settle(this.exchange, undefined, { status: how.status, free: true });
    sendJson(this.exchange.res, how.status, how.body, how.headers);
  }

  private async nobodyAnswered(outcome: Exclude<FailoverOutcome, { outcome: "answered" }>): Promise<void> {
    const { exchange, services } = this;
    if (outcome.outcome === "unavailable") {
      if (this.tried.size > 0) return this.tellBreak();
      throw new CodedError(outcome.reason === "busy" ? "overloaded" : "no_healthy_endpoint", { headers: { "retry-after": "5" } });
    }
    const { failure } = outcome;
    if (failure.kind === "aborted") {
      // Gone while queued or connecting: free. Once the server has the call, its input is charged (C3).
      await settle(exchange, undefined, { status: CALLER_GONE, free: !failure.reached, flags: ["aborted"] });
      return;
    }
    services.logger.warn({ request_id: exchange.id, attempts: outcome.attempts, cause: failure.message }, "no model server answered");
    throw refusalOf(failure);
  }
}

const MAX_ATTEMPTS = 3;

/** Streams of responses and messages report their usage unasked. */
function knowsStreamOptions(operation: Operation): boolean {
  return operation === "chat" || operation === "completions";
}

/** Several refused: the longest that any of them asked to wait, in whichever headers this one has (docs/wire.md W35). */
function waitHeaders(retryAfterMs: number, own: Readonly<Record<string, string>>): Record<string, string> {
  const seconds = { "retry-after": String(Math.ceil(retryAfterMs / 1_000)) };
  return own["retry-after-ms"] === undefined ? seconds : { ...seconds, "retry-after-ms": String(Math.ceil(retryAfterMs)) };
}

function refusalOf(failure: UpstreamFailure): CodedError {
  if (failure.kind === "headers_timeout") return new CodedError("upstream_timeout");
  if (failure.kind === "connect") return new CodedError("no_healthy_endpoint", { headers: { "retry-after": "5" } });
  return new CodedError("upstream_error");
}
