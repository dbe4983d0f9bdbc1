import type { LLMock } from "@copilotkit/aimock";
import { expect } from "chai";
import { readFileSync } from "node:fs";
import path from "node:path";
import { CAPABILITIES } from "../../core/config/schema/models";
import { projectRoot } from "../../core/environment";
import { fencesOf } from "../support/markdown";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { testConfig } from "../support/testConfig";
import { CLIENTS } from "./allClients";
import { CELLS, isOffered, runCell, type Cell, type Side } from "./cells";
import { rowsOf, runExample } from "./clientsPage";
import type { MatrixClient } from "./matrixClient";
import { SAID, startModelServer } from "./modelServer";
import { PrintedGrid } from "./printedGrid";

const UPSTREAM_KEY = "key-of-the-model-server";

const markOf = (client: MatrixClient, cell: Cell) => (isOffered(client, cell) ? "✓" : "–");

describe("clients of the registry, directly and through the gateway", () => {
  let server: LLMock;
  let lumen: LumenProcess;
  let direct: Side;
  let gateway: Side;
  const grid = new PrintedGrid(CLIENTS);

  before(async () => {
    server = await startModelServer(UPSTREAM_KEY);
    const baseUrl = `${server.url}/v1`;
    lumen = await startLumenProcess({ config: testConfig({ urls: [baseUrl], endpoint: { api_key: UPSTREAM_KEY }, model: { capabilities: CAPABILITIES } }) });
    const errors = { 404: { status: 404, message: /no such model/ }, 429: { status: 429, message: /Slow down/ } };
    direct = {
      target: { baseUrl, apiKey: UPSTREAM_KEY, model: "m" },
      errors: { ...errors, 401: { status: 401, message: /Invalid API key/ }, 500: { status: 500, message: /It broke/ } },
    };
    gateway = {
      target: { baseUrl: `${lumen.url}/v1`, apiKey: await lumen.newKey("bot"), model: "m" },
      errors: { ...errors, 401: { status: 401, message: /missing or not valid/ }, 500: { status: 502, message: /model server/ } },
    };
  });
  after(async () => {
    process.stdout.write(grid.print());
    await lumen.remove();
    await server.stop();
  });

  for (const client of CLIENTS) {
    describe(client.name, () => {
      for (const cell of CELLS.filter((name) => isOffered(client, name))) {
        it(`${cell}: directly`, () => grid.run(client, cell, "directly", () => runCell(client, cell, direct)));
        it(`${cell}: through the gateway`, () => grid.run(client, cell, "through the gateway", () => runCell(client, cell, gateway)));
      }
    });
  }

  describe("docs/clients.md", () => {
    const page = readFileSync(path.join(projectRoot(), "docs/clients.md"), "utf8");

    it("has this grid", () => {
      const expected = CLIENTS.map((client) => [client.name, ...CELLS.map((cell) => markOf(client, cell))]);
      expect(rowsOf(page, "What works")).to.deep.equal([["client", ...CELLS], ...expected]);
    });

    for (const { text } of fencesOf(page).filter(({ language }) => language === "js")) {
      it(`has an example that runs: ${/from "([^"]+)"/.exec(text)?.[1]}`, async () => {
        const { baseUrl, apiKey } = gateway.target;
        expect(await runExample(text.replaceAll("http://127.0.0.1:8080", baseUrl.replace("/v1", "")).replaceAll('"dummy"', '"m"'), apiKey)).to.equal(`${SAID.text}\n`);
      });
    }

    it("names the versions that were tested", () => {
      const { devDependencies } = JSON.parse(readFileSync(path.join(projectRoot(), "package.json"), "utf8")) as { devDependencies: Record<string, string> };
      const named = [...page.matchAll(/`(@?[\w/-]+)` (\d+\.\d+\.\d+)/g)].map(([, name = "", version]) => ({ name, version }));
      expect(named).to.have.length.greaterThan(6);
      expect(named.filter(({ name, version }) => devDependencies[name] !== version)).to.deep.equal([]);
    });
  });
});
