import type { NextFunction, Request, Response, Router } from "express";
import { z } from "zod";
import type { Exchange } from "./exchange";
import { findExchange } from "./exchange";
import { currentServices, type GatewayServices } from "./services";
import { sendError } from "./respond";

/**
 * What a policy does with one request. It does one of three things: calls `next()`, answers on `exchange.res`, or throws a
 * `CodedError`. Anything else that it throws, or a promise that rejects, becomes a 500 without a stack.
 */
export type PolicyHandler = (exchange: Exchange, next: () => void) => void | Promise<void>;

export interface PolicyDefinition<Shape extends z.ZodRawShape = z.ZodRawShape> {
  /** As written in gateway.config.yml. The host's own names (`proxy`, `cors`, `rate-limit` …) are refused. */
  readonly name: string;
  /** Policies that must stand before this one in a pipeline, without a condition: order is safety. */
  readonly requires?: readonly string[];
  /** Policies that, where they are in a pipeline, must stand after this one. */
  readonly mustPrecede?: readonly string[];
  /** The parameters under `action`, each with a description. Unknown ones are refused. */
  readonly parameters?: z.ZodObject<Shape>;
  /**
   * Makes the handler; called each time the pipelines are built, on a reload too, so it must open nothing that needs
   * closing. Timers, agents and connections belong to services.
   */
  create(parameters: z.infer<z.ZodObject<Shape>>, services: GatewayServices): PolicyHandler;
}

export interface PluginDefinition {
  /** The folder's name. */
  readonly name: string;
  /** One line. */
  readonly summary: string;
  readonly policies: readonly PolicyDefinition[];
  /** Pages and other paths of its own; mounted once, however often the files are reloaded. */
  readonly routes?: (router: Router, services: GatewayServices) => void;
}

/** What the host loads: the named exports of a plugin's index.ts. */
export interface LumenPlugin {
  readonly version: string;
  readonly policies: readonly string[];
  readonly schema: object;
  readonly definition: PluginDefinition;
  init(context: HostPluginContext): void;
}

/** The part of the host's plugin context that is used. */
interface HostPluginContext {
  registerPolicy(policy: HostPolicy): void;
  registerGatewayRoute(route: (app: Router) => void): void;
}

interface HostPolicy {
  name: string;
  schema: object;
  policy: (params: Record<string, unknown>) => (req: Request, res: Response, next: NextFunction) => void;
}

/** Keeps the type of a policy's parameters. */
export function definePolicy<Shape extends z.ZodRawShape>(policy: PolicyDefinition<Shape>): PolicyDefinition {
  return policy;
}

/**
 * Turns a plugin's description into what the host wants to load. Use it as the whole of an index.ts:
 * `export = definePlugin({ name, summary, policies })`.
 */
export function definePlugin(definition: PluginDefinition): LumenPlugin {
  const mountedOn = new WeakSet<object>();
  return {
    version: "1.2.0",
    policies: definition.policies.map((policy) => policy.name),
    schema: { $id: `lumen://plugins/${definition.name}`, type: "object" },
    definition,
    // Called again on every reload of the host's files: fresh policy objects, because the host wraps what it is given, and
    // no second mount of the routes.
    init(context) {
      for (const policy of definition.policies) context.registerPolicy(hostPolicy(policy));
      const { routes } = definition;
      if (!routes) return;
      context.registerGatewayRoute((app) => {
        if (mountedOn.has(app)) return;
        mountedOn.add(app);
        routes(app, currentServices());
      });
    },
  };
}

function hostPolicy(policy: PolicyDefinition): HostPolicy {
  return {
    name: policy.name,
    schema: hostSchema(policy),
    policy: (params) => {
      const handler = policy.create(parseParameters(policy, params), currentServices());
      return (req, res, next) => runPolicy(policy.name, handler, req, res, next);
    },
  };
}

/** @throws z.ZodError where a parameter is unknown or wrong */
export function parseParameters(policy: PolicyDefinition, params: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const given = { ...params };
  // The host puts this function on every policy's parameters.
  delete given["getCommonAuthCallback"];
  return (policy.parameters ?? z.object({})).strict().parse(given);
}

function hostSchema(policy: PolicyDefinition): object {
  const schema = z.toJSONSchema(policy.parameters ?? z.object({}), { target: "draft-7", io: "input" }) as {
    properties?: Record<string, unknown>;
    $schema?: string;
  };
  delete schema.$schema;
  return {
    ...schema,
    $id: `lumen://policies/${policy.name}`,
    properties: { ...schema.properties, getCommonAuthCallback: {} },
  };
}

function runPolicy(name: string, handler: PolicyHandler, req: Request, res: Response, next: NextFunction): void {
  const exchange = findExchange(req);
  if (!exchange) {
    next(new Error(`policy ${name} met a request that did not come through the front door`));
    return;
  }
  let passed = false;
  exchange.waitingSince = Date.now();
  const pass = () => {
    if (passed || res.headersSent) return;
    passed = true;
    exchange.waitingSince = Date.now();
    next();
  };
  try {
    const running = handler(exchange, pass);
    if (running) running.catch((error: unknown) => fail(name, exchange, error));
  } catch (error) {
    fail(name, exchange, error);
  }
}

function fail(name: string, exchange: Exchange, error: unknown): void {
  const coded = sendError(exchange.req, exchange.res, error);
  if (coded.code !== "internal_error") return;
  const cause = error instanceof Error ? error.stack : String(error);
  currentServices().logger.error({ request_id: exchange.id, policy: name, cause }, "a policy failed");
}
