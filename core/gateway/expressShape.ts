import http, { type RequestListener, type Server } from "node:http";
import https from "node:https";

/** The host's Express app: the prototypes that it gives to each request and response. */
interface ExpressApp {
  readonly request: object;
  readonly response: object;
}

type Create = (...args: unknown[]) => Server;
type Factory = { createServer: Create };

/**
 * Express 4 replaces the prototype of every request and response, which throws away what V8 has learnt about them and costs
 * more than all the rest that it does. While `work` runs, servers are made with classes whose instances have that prototype
 * from birth: replacing it by itself changes nothing. The host offers no place for these options of Node's own.
 * @param onServer hears of every server that is made
 */
export async function withExpressShapes<T>(work: () => Promise<T>, onServer: (server: Server) => void): Promise<T> {
  const factories = [http, https] as unknown as Factory[];
  const undo = factories.map((factory) => {
    const create = factory.createServer;
    factory.createServer = (...args) => {
      const app = args.at(-1) as RequestListener;
      const options = args.length > 1 ? (args[0] as object) : {};
      const server = isExpressApp(app) ? create.call(factory, { ...options, ...OWN_WORDS, ...classesOf(app) }, app) : create.apply(factory, args);
      onServer(server);
      return server;
    };
    return () => (factory.createServer = create);
  });
  try {
    return await work();
  } finally {
    undo.forEach((restore) => restore());
  }
}

/** Node's refusal of a request without a host has no body: the front door says it in our shape (docs/wire.md W12). */
const OWN_WORDS = { requireHostHeader: false };

function isExpressApp(value: unknown): value is ExpressApp {
  return typeof value === "function" && "request" in value && "response" in value;
}

function classesOf(app: ExpressApp): object {
  return { IncomingMessage: bornAs(http.IncomingMessage, app.request), ServerResponse: bornAs(http.ServerResponse, app.response) };
}

/** A class whose instances are made by `base`, one of Node's old-style constructors, and have the given prototype. */
function bornAs(base: unknown, prototype: object): unknown {
  const construct = base as (this: object, ...args: unknown[]) => void;
  function Born(this: object, ...args: unknown[]): void {
    construct.apply(this, args);
  }
  Born.prototype = prototype;
  return Born;
}
