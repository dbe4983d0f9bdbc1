import { expect } from "chai";
import { readFileSync } from "node:fs";
import path from "node:path";
import { CAPABILITIES } from "../../core/config/schema/models";
import { projectRoot } from "../../core/environment";
import { callApi } from "../support/apiCall";
import { startFakeUpstream, type FakeUpstream } from "../support/fakeUpstream";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { testConfig } from "../support/testConfig";
import { CLIENTS } from "./allClients";
import { rowsOf } from "./clientsPage";
import { hurryTimers } from "./hurriedTimers";

/** Refusals of the gateway itself: the client's entry in config.yaml, and what it is told. */
const REFUSALS = [
  { name: "coins do not cover the call", owner: { max: "0.000001", refresh: 0, model_access: { default: "whitelist" } }, status: 429, message: /coins/ },
  { name: "the model is not allowed", owner: { max: "1", refresh: 0, model_access: { default: "whitelist", blacklist: ["m"] } }, status: 403, message: /not available/ },
];

describe("client libraries and refusals of the gateway itself", () => {
  let upstream: FakeUpstream;
  let lumen: LumenProcess;
  const page = rowsOf(readFileSync(path.join(projectRoot(), "docs/clients.md"), "utf8"), "When the gateway refuses");

  before(async () => {
    upstream = await startFakeUpstream();
    const clients = Object.fromEntries(REFUSALS.map(({ owner }, index) => [`refused-${index}`, owner]));
    lumen = await startLumenProcess({ config: testConfig({ urls: [upstream.url], model: { capabilities: CAPABILITIES }, clients }) });
  });
  after(async () => {
    await lumen.remove();
    await upstream.close();
  });

  it("are the rows of the table in docs/clients.md", () => {
    expect(page[0]?.slice(2)).to.deep.equal(CLIENTS.map(({ name }) => name));
    expect(page.slice(1).map(([name, status]) => [name, status])).to.deep.equal(REFUSALS.map(({ name, status }) => [name, String(status)]));
  });

  for (const [index, { name, status, message }] of REFUSALS.entries()) {
    it(`W9: ${name}: each throws its own error with our message, after as many tries as the table says`, async () => {
      const owner = `refused-${index}`;
      await lumen.json("client", "create", owner);
      const tries: string[] = [];
      for (const client of CLIENTS) {
        const { key, id } = await lumen.json<{ key: string; id: string }>("key", "create", "--client", owner, "--name", `k${tries.length}`);
        const connection = client.connect({ baseUrl: `${lumen.url}/v1`, apiKey: key, model: "m" });
        const restoreTimers = hurryTimers();
        const error = await connection.say("Hello!").then(() => undefined, (thrown: unknown) => connection.typedError(thrown)).finally(restoreTimers);
        expect(error, client.name).to.include({ status });
        expect(error?.message, client.name).to.match(message);
        tries.push(String(await callsLogged(key, id)));
      }
      expect(tries).to.deep.equal(page[index + 1]?.slice(2));
      expect(upstream.requests).to.have.length(0);
    });
  }

  /** The calls of a key that were logged. Lines come in the order in which calls end: one more call, and those before it are there. */
  async function callsLogged(key: string, id: string): Promise<number> {
    const last = await callApi(lumen.url, "/v1/me", { key });
    await lumen.printed(`"request_id":"${last.headers.get("x-request-id")}"`);
    return lumen.output().split("\n").filter((line) => line.includes(`"key":"${id}"`) && line.includes('"method":"POST"')).length;
  }
});
