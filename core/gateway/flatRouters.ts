import type { IncomingMessage, ServerResponse } from "node:http";

type Next = (error?: unknown) => void;
type Middleware = (req: RoutedRequest, res: ServerResponse, next: Next) => void;

/** What a router of Express 4 writes on a request. */
type RoutedRequest = IncomingMessage & { next?: Next; originalUrl?: string; baseUrl?: string; params?: object };

interface Layer {
  readonly handle: Middleware;
  readonly route?: object;
  readonly regexp: { readonly fast_slash?: boolean };
}

interface Router {
  readonly stack: readonly Layer[];
  readonly mergeParams?: boolean;
}

/** The prototype of all routers, which is the factory itself. */
export interface RouterPrototype {
  handle: (this: Router, req: RoutedRequest, res: ServerResponse, out: Next) => void;
}

/**
 * Lets routers that hold nothing but middleware without a path (a pipeline is one: each policy is a layer) call one after the
 * other. Express would look at the path again before each of them, which costs more than most policies do. All other
 * routers, and what a caller sees of these, stay as they are.
 */
export function flattenRouters(prototype: RouterPrototype): void {
  const { handle } = prototype;
  /** By the length that the stack had: it only grows. */
  const flat = new WeakMap<Router, { readonly length: number; readonly steps: readonly Middleware[] | undefined }>();
  const stepsOf = (router: Router): readonly Middleware[] | undefined => {
    let known = flat.get(router);
    if (known?.length !== router.stack.length) {
      const steps = router.stack.every(isPlain) ? router.stack.map((layer) => layer.handle) : undefined;
      flat.set(router, (known = { length: router.stack.length, steps }));
    }
    return known?.steps;
  };
  prototype.handle = function (req, res, out) {
    const steps = stepsOf(this);
    if (steps) runSteps(steps, this.mergeParams === true, req, res, out);
    else handle.call(this, req, res, out);
  };
}

/** Four arguments would make it a handler of errors. */
function isPlain({ handle, route, regexp }: Layer): boolean {
  return route === undefined && regexp.fast_slash === true && handle.length <= 3;
}

function runSteps(steps: readonly Middleware[], mergeParams: boolean, req: RoutedRequest, res: ServerResponse, out: Next): void {
  const { params, baseUrl = "", next: outerNext } = req;
  let at = 0;
  const leave = (error?: unknown): void => {
    req.params = params;
    req.baseUrl = baseUrl;
    req.next = outerNext;
    out(error);
  };
  const next: Next = (error) => {
    // `next("route")` means nothing here, `next("router")` leaves.
    if (error && error !== "route") return leave(error === "router" ? undefined : error);
    const step = steps[at++];
    if (!step) return leave();
    try {
      step(req, res, next);
    } catch (thrown) {
      next(thrown);
    }
  };
  req.baseUrl = baseUrl;
  req.originalUrl ??= req.url;
  req.params = mergeParams ? { ...params } : {};
  req.next = next;
  next();
}
