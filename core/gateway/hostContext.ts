import type { IncomingMessage } from "node:http";
import { findExchange } from "./exchange";

interface HostContext {
  readonly req: IncomingMessage;
}

/**
 * The host makes a prototype for the context of each request and draws a random id for it, which together costs more than all
 * else that it does, because V8 can learn nothing of objects with a prototype of their own. From here on all contexts have one
 * prototype in common, and `requestID` is the id of the exchange: caller, log, ledger and upstream agree on one.
 * Call once before the host's pipelines are loaded.
 * @param load requires modules as the host does
 */
export function shareContextPrototype(load: NodeJS.Require): void {
  const file = load.resolve("./lib/gateway/context");
  const { prototype } = load(file) as { prototype: object };
  const shared = Object.create(prototype, {
    requestID: {
      enumerable: true,
      get(this: HostContext) {
        return findExchange(this.req)?.id;
      },
    },
  }) as object;
  const loaded = load.cache[file];
  if (!loaded) throw new Error("the host's context module is not in the cache of modules");
  // Called with `new`: what a constructor returns is what `new` gives.
  loaded.exports = function Context() {
    return shared;
  };
}
