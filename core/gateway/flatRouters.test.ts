import { createRequire } from "node:module";
import type { IncomingMessage, ServerResponse } from "node:http";
import { expect } from "chai";
import { flattenRouters, type RouterPrototype } from "./flatRouters";

type Next = (error?: unknown) => void;
type Step = (req: IncomingMessage & { url: string; params?: object; baseUrl?: string }, res: ServerResponse, next: Next) => void;
type TestRouter = ((req: object, res: object, out: Next) => void) & { use(...steps: (Step | string | object)[]): TestRouter };

/** Express of its own, so that nothing is left changed for others. */
function freshRouters(): { make: (options?: object) => TestRouter; prototype: RouterPrototype } {
  const load = createRequire(require.resolve("express-gateway/package.json"));
  const file = load.resolve("express/lib/router");
  const cached = load.cache[file];
  delete load.cache[file];
  const make = load(file) as (options?: object) => TestRouter;
  if (cached) load.cache[file] = cached;
  return { make, prototype: make as unknown as RouterPrototype };
}

const run = (router: TestRouter, req: object = { url: "/a", method: "GET" }): Promise<unknown> =>
  new Promise((resolve) => router(req, {}, (error) => resolve(error)));

describe("flat routers", () => {
  const { make, prototype } = freshRouters();
  flattenRouters(prototype);
  let ran: string[];
  const step = (name: string, then?: (next: Next) => void): Step => (_req, _res, next) => {
    ran.push(name);
    if (then) then(next);
    else next();
  };
  beforeEach(() => (ran = []));

  it("run their steps in order and go on behind them", async () => {
    const inner = make({ mergeParams: true }).use(step("b"), step("c"));
    expect(await run(make().use(step("a"), inner, step("d")))).to.equal(undefined);
    expect(ran).to.deep.equal(["a", "b", "c", "d"]);
  });

  it("end at an error, whether it is told or thrown", async () => {
    const fault = new Error("no");
    for (const fail of [step("a", (next) => next(fault)), step("a", () => { throw fault; })]) {
      ran = [];
      expect(await run(make().use(fail, step("b")))).to.equal(fault);
      expect(ran).to.deep.equal(["a"]);
    }
  });

  it("leave at next('router') and are not led astray by next('route')", async () => {
    expect(await run(make().use(step("a", (next) => next("route")), step("b", (next) => next("router")), step("c")))).to.equal(undefined);
    expect(ran).to.deep.equal(["a", "b"]);
  });

  it("give what was on the request back to who comes after", async () => {
    const req = { url: "/a?x=1", method: "GET", params: { id: "7" }, baseUrl: "/base" };
    const seen: unknown[] = [];
    const look: Step = (inside, _res, next) => { seen.push(inside.params, inside.baseUrl); next(); };
    await run(make({ mergeParams: true }).use(look), req);
    await run(make().use(look), req);
    expect(seen).to.deep.equal([{ id: "7" }, "/base", {}, "/base"]);
    expect(req.params).to.deep.equal({ id: "7" });
  });

  it("leave paths and handlers of errors to Express", async () => {
    const caught = (error: unknown, _req: object, _res: object, next: Next) => { ran.push(String(error)); next(); };
    await run(make().use("/other", step("elsewhere")).use("/a", step("here")).use(step("fails", (next) => next("broken"))).use(caught));
    expect(ran).to.deep.equal(["here", "fails", "broken"]);
  });

  it("see what is added later", async () => {
    const router = make().use(step("a"));
    await run(router);
    router.use(step("b"));
    await run(router);
    expect(ran).to.deep.equal(["a", "a", "b"]);
  });
});
