import { createServer, request, type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from "node:http";
import { duplexPair } from "node:stream";
import type { Decision } from "../../domain/accessPolicy";
import type { ApiKey } from "../../domain/apiKey";
import type { ConfigSnapshot } from "../../domain/configSnapshot";
import type { CatalogModel } from "../../domain/modelCatalog";
import type { Owner } from "../../domain/owner";
import { uuidv7 } from "../../ids";
import { readBody } from "../body";
import { parseParameters, type PolicyDefinition } from "../definePlugin";
import { attachExchange, Exchange } from "../exchange";
import { sendError } from "../respond";
import { findRoute } from "../surface";
import { policySnapshot } from "./snapshots";
import { TEST_API_KEY, TEST_OWNER, testServices, type TestServices } from "./testServices";

export interface PolicyRunOptions {
  /** As under `action` in gateway.config.yml; checked by the policy's schema, defaults filled in. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Stubs in place of some of the services, or a whole set from `testServices()` that several runs share. */
  readonly services?: Partial<TestServices>;
  /** Default: `policySnapshot()`. */
  readonly snapshot?: ConfigSnapshot;
  /** Whom key-auth found; default: a client named `bot`. */
  readonly owner?: Owner;
  readonly apiKey?: ApiKey;
  /** The model that model-access found; the exchange is then as model-access leaves it, with the body read and access allowed. */
  readonly model?: CatalogModel;
  /** A value is sent as JSON, a text or bytes as they are. Default where there is a model: a chat of one message. */
  readonly body?: unknown;
  readonly headers?: OutgoingHttpHeaders;
  /** Default: POST where there is a body, else GET. */
  readonly method?: string;
  /** Default: `/v1/chat/completions`. */
  readonly url?: string;
  /** Last touches to the exchange: what earlier policies left there. */
  readonly prepare?: (exchange: Exchange) => void | Promise<void>;
}

/** What a policy did with one request. */
export interface PolicyRun {
  /** True where the request went on to the next policy. */
  readonly nexted: boolean;
  /** Of the answer; undefined where there was none. */
  readonly status?: number;
  /** The answer's body. */
  readonly text: string;
  /** The same, parsed; undefined where it is no JSON. */
  readonly json: unknown;
  /** `error.code` of the answer. */
  readonly code?: string;
  /** Of the answer, or as they stand for the policies that follow. */
  readonly headers: IncomingHttpHeaders;
  /** What the policy threw. */
  readonly error?: unknown;
  /** What the policy left for those after it. `exchange.end()` is the end of the request. */
  readonly exchange: Exchange;
}

/**
 * Sends one request through one policy, without a gateway, a pipeline or a port: real objects of node:http over a pipe in
 * memory.
 *
 *     const run = await runPolicy(badge, { parameters: { colour: "red" }, headers: { "x-badge": "7" } });
 *     expect(run).to.include({ nexted: false, status: 403, code: "model_access_denied" });
 */
export async function runPolicy(policy: PolicyDefinition, options: PolicyRunOptions = {}): Promise<PolicyRun> {
  const services = await testServices(options.services);
  const handler = policy.create(parseParameters(policy, options.parameters ?? {}), services);
  const wire = openWire(options);
  try {
    const { req, res } = await wire.received;
    const exchange = exchangeOf(req, res, services, options);
    if (options.model) await leaveModel(exchange, options.model, services);
    await options.prepare?.(exchange);
    let thrown: { readonly error: unknown } | undefined;
    const nexted = await new Promise<boolean>((resolve) => {
      const fail = (error: unknown) => {
        thrown = { error };
        sendError(req, res, error);
        resolve(false);
      };
      try {
        const running = handler(exchange, () => resolve(true));
        if (running) void running.then(() => resolve(false), fail);
        // Without a promise it may still answer, or call next, from a callback.
        else res.once("finish", () => resolve(false)).once("close", () => resolve(false));
      } catch (error) {
        fail(error);
      }
    });
    const answered = res.headersSent ? await wire.answered : undefined;
    return { nexted, ...answerOf(answered, res), ...(thrown ? { error: thrown.error } : {}), exchange };
  } finally {
    wire.close();
  }
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A caller and a server, joined by a pipe. */
function openWire(options: PolicyRunOptions) {
  const [callerSide, serverSide] = duplexPair();
  // Of a pair, neither side sees the other one's end unless it is told.
  serverSide.once("close", () => serverSide.writableFinished || callerSide.push(null));
  callerSide.once("close", () => serverSide.destroy());
  const server = createServer();
  const received = new Promise<{ req: IncomingMessage; res: ServerResponse }>((resolve) => {
    server.once("request", (req, res) => resolve({ req, res }));
  });
  server.emit("connection", serverSide);
  const { body, method = body === undefined && !options.model ? "GET" : "POST", url = "/v1/chat/completions", headers } = options;
  const call = request({ method, path: url, headers: { host: "lumen", ...headers }, createConnection: () => callerSide });
  const answered = new Promise<Answer | undefined>((resolve) => {
    call.once("error", () => resolve(undefined));
    call.once("response", (answer) => {
      const chunks: Buffer[] = [];
      const finish = () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(chunks).toString() });
      answer.on("data", (chunk: Buffer) => chunks.push(chunk)).once("end", finish).once("error", finish);
    });
  });
  call.end(bytesOf(body, options.model));
  return {
    received,
    answered,
    close() {
      call.destroy();
      serverSide.destroy();
    },
  };
}

function bytesOf(body: unknown, model: CatalogModel | undefined): Buffer | string {
  if (body === undefined) return model ? JSON.stringify({ model: model.name, messages: [{ role: "user", content: "Hello" }] }) : "";
  return typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body);
}

function exchangeOf(req: IncomingMessage, res: ServerResponse, services: TestServices, options: PolicyRunOptions): Exchange {
  const now = services.clock();
  const { owner = TEST_OWNER } = options;
  const exchange = new Exchange(uuidv7(now), req, res, findRoute(req.url ?? "/"), options.snapshot ?? policySnapshot(), now);
  attachExchange(req, exchange);
  exchange.owner = owner;
  exchange.apiKey = options.apiKey ?? { ...TEST_API_KEY, ownerId: owner.id };
  return exchange;
}

async function leaveModel(exchange: Exchange, model: CatalogModel, services: TestServices): Promise<void> {
  await readBody(exchange, services.spool);
  exchange.model = model;
  exchange.modelName = model.name;
  exchange.decision = ALLOWED;
}

const BY_DEFAULT = { stage: "default", layer: "defaults.models", said: "whitelist" } as const;
const ALLOWED: Decision = { verdict: "allowed", needsConsent: false, consent: "none", decidedBy: BY_DEFAULT, reasons: [BY_DEFAULT] };

function answerOf(answer: Answer | undefined, res: ServerResponse): Pick<PolicyRun, "status" | "text" | "json" | "code" | "headers"> {
  if (!answer) return { text: "", json: undefined, headers: res.getHeaders() as IncomingHttpHeaders };
  const json = parsed(answer.text);
  const code = (json as { error?: { code?: unknown } } | undefined)?.error?.code;
  return { ...answer, json, ...(typeof code === "string" ? { code } : {}) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
