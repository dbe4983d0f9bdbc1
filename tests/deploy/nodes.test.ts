import { expect } from "chai";
import { readFileSync } from "node:fs";
import path from "node:path";
import { Agent, request } from "node:https";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { parse, stringify } from "yaml";
import { TEST_CERTIFICATE } from "../../core/adapters/upstream/testServers";
import { projectRoot } from "../../core/environment";
import { chatBody } from "../support/apiCall";
import { createGate, startFakeUpstream, type FakeUpstream } from "../support/fakeUpstream";
import { prepareLumen, type LumenProcess } from "../support/lumenProcess";
import { createDatabase, hasPostgres, type TestDatabase } from "../support/postgresDatabases";
import { describeBehindNginx, startNginx, type NginxServer } from "./nginxServer";

const suite = hasPostgres() ? describeBehindNginx : (title: string, tests: (this: Mocha.Suite) => void) => describe.skip(`${title} (skipped: no PostgreSQL found; install postgresql or set PG_TEST_URL)`, tests);

suite("two nodes with deploy/config on one PostgreSQL behind deploy/nginx.conf", function () {
  this.timeout(180_000);
  let upstream: FakeUpstream;
  let database: TestDatabase;
  let nodes: [LumenProcess, LumenProcess];
  let proxy: NginxServer | undefined;
  const agent = new Agent({ ca: TEST_CERTIFICATE, keepAlive: true });

  before(async () => {
    upstream = await startFakeUpstream();
    database = await createDatabase();
    const shipped = parse(readFileSync(path.join(projectRoot(), "deploy/config/config.yaml"), "utf8")) as object;
    const config = stringify({
      ...shipped,
      clients: { default: { max: "1000", model_access: { default: "whitelist" } } },
      models: [{ name: "m", input_cost_per_million: "0.5", output_cost_per_million: "1.0", endpoints: [{ url: upstream.url, model: "fake-model" }] }],
    });
    const env = { LUMEN_STORE_URL: database.url, LUMEN_PEPPER: "one pepper for both nodes", LUMEN_BASE_URL: "https://lumen.example.edu", METRICS_TOKEN: "token" };
    nodes = [await prepareLumen({ config, env }), await prepareLumen({ config, env })];
    // The database is empty: both find it so, and one sets it up.
    await Promise.all(nodes.map((lumen) => lumen.start()));
    proxy = await startNginx([Number(new URL(nodes[0].url).port), Number(new URL(nodes[1].url).port)]);
  });
  after(async () => {
    agent.destroy();
    await proxy?.close();
    await Promise.all(nodes.map((lumen) => lumen.remove()));
    await database.drop();
    await upstream.close();
  });

  const chat = async (key: string, more: Readonly<Record<string, unknown>> = {}) => {
    const asked = request(`${proxy?.url}/v1/chat/completions`, { agent, method: "POST", headers: { authorization: `Bearer ${key}`, "content-type": "application/json" } });
    asked.end(JSON.stringify(chatBody("m", "Hello", more)));
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    let text = "";
    for await (const chunk of answer) text += String(chunk);
    return { status: answer.statusCode, text };
  };
  const statuses = async (key: string, calls: number) => new Set((await Promise.all(Array.from({ length: calls }, () => chat(key)))).map(({ status }) => status));
  const isListening = ({ url }: LumenProcess) => fetch(`${url}/healthz`).then(() => true, () => false);
  const served = (lumen: LumenProcess) => lumen.output().split("\n").filter((line) => line.includes('"msg":"exchange"')).length;

  it("serve a key that one of them made, both of them, from one pool", async () => {
    const key = await nodes[0].newKey("both");
    expect((await chat(key)).status).to.equal(200);
    expect(await statuses(key, 40)).to.deep.equal(new Set([200]));
    for (const lumen of nodes) expect(served(lumen)).to.be.greaterThan(0);
    const { requests } = await nodes[1].json<{ requests: number }>("usage", "--client", "both");
    expect(requests).to.equal(41);
  });

  it("go on where one stops: its stream comes whole, calls go to the other, and the books are exact", async () => {
    const key = await nodes[0].newKey("stopping");
    expect((await chat(key)).status).to.equal(200);
    const gate = createGate();
    const begun = new Promise<void>((resolve) => upstream.next(async (_request, respond) => {
      await respond.stream();
      await respond.delta("one ");
      resolve();
      await gate.opened;
      await respond.finish();
      await respond.usage(1, 1);
      await respond.done();
    }));
    const before = served(nodes[1]);
    const stream = chat(key, { stream: true });
    await begun;
    const stopped = nodes[0].stop();
    while (await isListening(nodes[0])) continue;
    expect(await statuses(key, 10)).to.deep.equal(new Set([200]));
    gate.open();
    const { status, text } = await stream;
    expect(status).to.equal(200);
    expect(text).to.match(/data: \[DONE\]\n\n$/).and.not.to.contain('"error"');
    expect(await stopped).to.equal(0);
    expect(served(nodes[1])).to.be.greaterThan(before);
    const proof = await nodes[1].cli("ledger", "verify");
    expect(proof.stdout).to.contain("exact").and.to.contain("0 open holds");
    const { requests } = await nodes[1].json<{ requests: number }>("usage", "--client", "stopping");
    expect(requests).to.equal(12);
  });

  it("go on where one is killed, which comes back under its own name", async () => {
    await nodes[0].start();
    const key = await nodes[1].newKey("killed");
    await nodes[1].kill();
    await proxy?.close();
    proxy = await startNginx([Number(new URL(nodes[0].url).port), Number(new URL(nodes[1].url).port)]);
    expect(await statuses(key, 10)).to.deep.equal(new Set([200]));
    await nodes[1].start();
    expect((await nodes[1].cli("ledger", "verify")).stdout).to.contain("exact");
  });
});
