import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

/** Express Gateway as it is shipped, with its own `proxy` policy and no other, and a configuration folder of its own. */
const target = process.argv[2];
if (target === undefined) throw new Error("usage: stockGateway <upstream url>");

const GATEWAY_CONFIG = `
http: {port: 0, hostname: 127.0.0.1}
apiEndpoints:
  bench: {host: "*", paths: /v1/*}
serviceEndpoints:
  upstream: {url: "${target}"}
policies: [proxy]
pipelines:
  bench:
    apiEndpoints: [bench]
    policies:
      - proxy:
          action: {serviceEndpoint: upstream, changeOrigin: true}
`;
const SYSTEM_CONFIG = `
db: {redis: {emulate: true, namespace: EG}}
crypto: {cipherKey: bench, algorithm: aes256, saltRounds: 10}
session: {secret: bench, resave: false, saveUninitialized: false}
accessTokens: {timeToExpiry: 7200000}
refreshTokens: {timeToExpiry: 7200000}
authorizationCodes: {timeToExpiry: 300000}
`;

interface StockGateway {
  (): { load(folder: string): { run(): Promise<[{ app: Server }, unknown]> } };
}

async function start(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "bench-stock-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  process.once("SIGTERM", () => process.exit());
  writeFileSync(path.join(folder, "gateway.config.yml"), GATEWAY_CONFIG);
  writeFileSync(path.join(folder, "system.config.yml"), SYSTEM_CONFIG);
  const root = path.dirname(require.resolve("express-gateway/package.json"));
  cpSync(path.join(root, "lib/config/models"), path.join(folder, "models"), { recursive: true });
  process.env["EG_DISABLE_CONFIG_WATCH"] = "1";
  const { default: gateway } = (await import("express-gateway")) as unknown as { default: StockGateway };
  const [{ app }] = await gateway().load(folder).run();
  process.stdout.write(`ready at http://127.0.0.1:${(app.address() as AddressInfo).port}\n`);
}

void start();
