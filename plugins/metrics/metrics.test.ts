import { expect } from "chai";
import type { Router } from "express";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { policySnapshot } from "../../core/gateway/testing/snapshots";
import { testServices } from "../../core/gateway/testing/testServices";
import { mountMetrics } from "./routes";

type Handler = (req: IncomingMessage, res: ServerResponse, next: () => void) => void;

describe("metrics", () => {
  /** Asks `GET /metrics` of the mounted route; 404 stands for a route that stepped aside. */
  const ask = async (prometheus: { readonly enabled: boolean; readonly token?: string }, headers: Record<string, string> = {}) => {
    let handler: Handler | undefined;
    const snapshot = policySnapshot();
    const config = { get: () => ({ ...snapshot, sections: { ...snapshot.sections, prometheus } }) };
    const services = await testServices();
    const router = { get: (_path: string, given: Handler) => (handler = given) };
    mountMetrics(router as unknown as Router, { ...services, config });
    const server = createServer((req, res) => handler?.(req, res, () => res.writeHead(404).end()));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const answer = await new Promise<{ status: number; type: string; text: string }>((resolve, reject) => {
      request({ port: (server.address() as AddressInfo).port, host: "127.0.0.1", path: "/metrics", headers, agent: false }, (res) => {
        let text = "";
        res.setEncoding("utf8").on("data", (part: string) => (text += part)).on("end", () => resolve({ status: res.statusCode ?? 0, type: res.headers["content-type"] ?? "", text }));
      }).on("error", reject).end();
    });
    await new Promise((resolve) => server.close(resolve));
    return answer;
  };

  it("W81: is not there until it is switched on, with the token or without", async () => {
    expect((await ask({ enabled: false, token: "t0k3n" }, { authorization: "Bearer t0k3n" })).status).to.equal(404);
    expect((await ask({ enabled: false })).status).to.equal(404);
  });

  it("W81: wants its token, and no other", async () => {
    const told = await ask({ enabled: true, token: "t0k3n" }, { authorization: "bearer  t0k3n" });
    expect(told).to.include({ status: 200 });
    expect(told.type).to.match(/^text\/plain; version=0\.0\.4/);
    for (const authorization of ["", "Bearer", "Bearer t0k3", "Bearer t0k3n2", "t0k3n", "Basic t0k3n"]) {
      const refused = await ask({ enabled: true, token: "t0k3n" }, { authorization });
      expect(refused.status, authorization).to.equal(401);
      expect(refused.text).to.contain("invalid_api_key").and.not.to.contain("t0k3n");
    }
  });

  it("W81: without a token it is for this machine alone, and not through a proxy", async () => {
    expect((await ask({ enabled: true })).status).to.equal(200);
    expect((await ask({ enabled: true }, { "x-forwarded-for": "203.0.113.7" })).status).to.equal(401);
  });
});
