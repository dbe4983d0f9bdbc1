import http from "node:http";
import { expect } from "chai";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";

describe("connections of callers", () => {
  let lumen: LumenProcess;
  before(async () => {
    lumen = await startLumenProcess();
  });
  after(() => lumen.remove());

  it("W99: are kept while they are idle, for longer than clients keep theirs, and serve the next call", async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const get = (path: string) =>
      new Promise<{ port: number | undefined; keepAlive: unknown }>((resolve, reject) => {
        http.get(`${lumen.url}${path}`, { agent }, (res) => {
          const seen = { port: res.socket.localPort, keepAlive: res.headers["keep-alive"] };
          res.resume().on("end", () => setImmediate(resolve, seen));
        }).on("error", reject);
      });
    const first = await get("/v1/models");
    expect(first.keepAlive).to.equal("timeout=75");
    expect((await get("/healthz")).port).to.equal(first.port);
    agent.destroy();
  });
});
