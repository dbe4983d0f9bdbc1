import http from "node:http";
import type { AddressInfo } from "node:net";
import httpProxy from "http-proxy";

/** http-proxy and nothing else, with connections kept open: the limit of what stands on it. */
const target = process.argv[2];
if (target === undefined) throw new Error("usage: bareProxy <upstream url>");

const proxy = httpProxy.createProxyServer({ target, changeOrigin: true, agent: new http.Agent({ keepAlive: true }) });
proxy.on("error", (_error, _req, res) => void res.destroy());

const server = http.createServer((req, res) => proxy.web(req, res));
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`ready at http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
process.once("SIGTERM", () => process.exit());
