import { expect } from "chai";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Router } from "express";
import { z } from "zod";
import { TestLogger } from "../adapters/upstream/testServers";
import { CodedError } from "../errors/codedError";
import { definePlugin, definePolicy, parseParameters, type LumenPlugin, type PluginDefinition, type PolicyHandler } from "./definePlugin";
import { attachExchange, Exchange } from "./exchange";
import { provideServices } from "./services";
import { sendJson } from "./respond";
import { policySnapshot } from "./testing/snapshots";
import { testServices } from "./testing/testServices";

type Registered = Parameters<Parameters<LumenPlugin["init"]>[0]["registerPolicy"]>[0];

describe("a plugin as the host sees it", () => {
  const logger = new TestLogger();
  before(async () => provideServices(await testServices({ logger })));

  function init(plugin: LumenPlugin): { policies: Registered[]; mount: ((app: Router) => void)[] } {
    const policies: Registered[] = [];
    const mount: ((app: Router) => void)[] = [];
    plugin.init({ registerPolicy: (policy) => policies.push(policy), registerGatewayRoute: (route) => mount.push(route) });
    return { policies, mount };
  }
  const pluginOf = (definition: Partial<PluginDefinition>) => definePlugin({ name: "p", summary: "s", policies: [], ...definition });

  it("has the exports that the host asks for", () => {
    const plugin = pluginOf({ policies: [definePolicy({ name: "a", create: () => () => undefined }), definePolicy({ name: "b", create: () => () => undefined })] });
    expect(plugin).to.include({ version: "1.2.0" });
    expect(plugin.policies).to.deep.equal(["a", "b"]);
    expect(plugin.schema).to.include({ type: "object" });
  });

  it("hands out fresh policies each time, and mounts its routes once on each app", () => {
    let mounted = 0;
    const plugin = pluginOf({ policies: [definePolicy({ name: "a", create: () => () => undefined })], routes: () => void mounted++ });
    const [first, second] = [init(plugin), init(plugin)];
    expect(first.policies[0]).not.to.equal(second.policies[0]);
    const [app, other] = [{} as Router, {} as Router];
    for (const { mount } of [first, second]) for (const route of mount) route(app);
    expect(mounted).to.equal(1);
    second.mount[0]?.(other);
    expect(mounted).to.equal(2);
  });

  describe("its parameters", () => {
    const parameters = z.object({ colour: z.enum(["red", "blue"]).default("red").describe("The colour."), size: z.number().optional().describe("The size.") });
    const policy = definePolicy({ name: "badge", parameters, create: () => () => undefined });

    it("are strict, with defaults, and bear what the host puts among them", () => {
      expect(parseParameters(policy, { getCommonAuthCallback: () => undefined })).to.deep.equal({ colour: "red" });
      expect(parseParameters(policy, { colour: "blue", size: 3 })).to.deep.equal({ colour: "blue", size: 3 });
      for (const wrong of [{ color: "red" }, { colour: "green" }, { size: "3" }]) expect(() => parseParameters(policy, wrong), JSON.stringify(wrong)).to.throw(z.ZodError);
      expect(() => parseParameters(definePolicy({ name: "none", create: () => () => undefined }), { a: 1 })).to.throw(z.ZodError);
    });

    it("are described to the host, together with what it puts among them", () => {
      const [registered] = init(pluginOf({ policies: [policy] })).policies;
      expect(registered?.schema).to.deep.include({ $id: "lumen://policies/badge", type: "object" });
      expect(Object.keys((registered?.schema as { properties: object }).properties)).to.have.members(["colour", "size", "getCommonAuthCallback"]);
    });

    it("are parsed once, when the pipeline is built", () => {
      const seen: unknown[] = [];
      const counting = definePolicy({ name: "c", parameters, create: (given) => (seen.push(given), () => undefined) });
      init(pluginOf({ policies: [counting] })).policies[0]?.policy({ size: 1 });
      expect(seen).to.deep.equal([{ colour: "red", size: 1 }]);
    });
  });

  describe("its handler", () => {
    let server: Server;
    let listener: (req: IncomingMessage, res: ServerResponse) => void;
    before(async () => {
      server = createServer((req, res) => listener(req, res)).listen(0, "127.0.0.1");
      await once(server, "listening");
    });
    after(() => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    });

    /** Serves one request with a handler; every `next()` answers 204 and is counted. */
    async function call(handler: PolicyHandler, attached = true) {
      const [registered] = init(pluginOf({ policies: [definePolicy({ name: "tested", create: () => handler })] })).policies;
      const middleware = registered?.policy({});
      let nexts = 0;
      let nextError: unknown;
      listener = (req, res) => {
        if (attached) attachExchange(req, new Exchange("r1", req, res, undefined, policySnapshot(), Date.now()));
        middleware?.(req as never, res as never, (error?: unknown) => {
          nexts++;
          nextError = error;
          if (!res.headersSent) res.writeHead(204).end();
        });
      };
      const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      const text = await answer.text().catch(() => "(cut off)");
      return { status: answer.status, text, nexts, nextError };
    }
    const later = () => new Promise<void>((resolve) => setImmediate(resolve));

    it("passes the request on, at once or later", async () => {
      expect(await call((_exchange, next) => next())).to.include({ status: 204, nexts: 1 });
      expect(await call(async (_exchange, next) => later().then(next))).to.include({ status: 204, nexts: 1 });
    });

    it("that calls next twice passes the request on once", async () => {
      expect(await call((_exchange, next) => [next, next].forEach((one) => one()))).to.include({ status: 204, nexts: 1 });
    });

    it("that answers and calls next passes nothing on", async () => {
      const both = await call((exchange, next) => {
        sendJson(exchange.res, 200, {});
        next();
      });
      expect(both).to.include({ status: 200, nexts: 0 });
    });

    it("that throws a coded error answers with it, thrown or rejected", async () => {
      for (const handler of [
        () => { throw new CodedError("no_budget"); },
        async () => Promise.reject(new CodedError("no_budget")),
        async () => later().then(() => { throw new CodedError("no_budget"); }),
      ]) {
        const refused = await call(handler);
        expect(refused).to.include({ status: 403, nexts: 0 });
        expect(refused.text).to.include('"code":"no_budget"');
      }
      expect(logger.lines.filter(({ message }) => message === "a policy failed")).to.have.length(0);
    });

    it("that throws anything else is a 500 without a stack, and is logged with its name and the request", async () => {
      const thrown: unknown[] = [new Error("secret"), new TypeError("secret"), "secret", undefined, { status: 400, message: "secret" }];
      for (const [index, error] of thrown.entries()) {
        for (const handler of [() => { throw error; }, async () => later().then(() => { throw error; })] as PolicyHandler[]) {
          const failed = await call(handler);
          expect(failed).to.include({ status: 500, nexts: 0 });
          expect(failed.text).to.include('"code":"internal_error"').and.not.to.match(/secret|at .*:\d+/);
        }
        const lines = logger.lines.filter(({ message }) => message === "a policy failed");
        expect(lines).to.have.length(2 * (index + 1));
        expect(lines.at(-1)?.fields).to.include({ request_id: "r1", policy: "tested" });
      }
    });

    it("that fails after it has begun to answer cuts the answer", async () => {
      const cut = await call(async ({ res }) => {
        res.writeHead(200, { "content-length": 100 });
        res.write("half");
        await later();
        throw new Error("secret");
      });
      expect(cut).to.include({ status: 200, text: "(cut off)" });
    });

    it("that fails after it has passed the request on answers for nobody", async () => {
      const passed = await call((_exchange, next) => {
        next();
        throw new Error("late");
      });
      expect(passed).to.include({ status: 204, nexts: 1 });
    });

    it("is not run on a request that did not come through the front door", async () => {
      let ran = false;
      const strange = await call(() => void (ran = true), false);
      expect(ran).to.equal(false);
      expect(String(strange.nextError)).to.include("policy tested met a request that did not come through the front door");
    });
  });
});
