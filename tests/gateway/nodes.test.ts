import { expect } from "chai";
import { performance } from "node:perf_hooks";
import { chatBody } from "../support/apiCall";
import { startCuttableProxy } from "../support/cuttableProxy";
import { createGate, startFakeUpstream, type FakeUpstream } from "../support/fakeUpstream";
import { heldAt } from "../support/heldStreams";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { createStoreDatabase, describeOnPostgres, type TestDatabase } from "../support/postgresDatabases";
import { testConfig } from "../support/testConfig";
import { until } from "../support/until";

describeOnPostgres("two nodes on one PostgreSQL", function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let upstream: FakeUpstream;
  let gate: ReturnType<typeof createGate>;
  const nodes: LumenProcess[] = [];

  beforeEach(async () => {
    gate = createGate();
    database = await createStoreDatabase();
    upstream = await startFakeUpstream(heldAt(gate));
  });
  afterEach(async () => {
    gate.open();
    for (const node of nodes.splice(0)) await node.remove();
    await upstream.close();
    await database.drop();
  });

  const start = async (url = database.url): Promise<LumenProcess> => {
    const env = { LUMEN_STORE_URL: url, LUMEN_PEPPER: "0123456789abcdef0123456789abcdef" };
    const clients = { default: { max: "1000", refresh: 0, model_access: { default: "whitelist", graylist: ["careful"] } } };
    const careful = { name: "careful", ack_message: "Mind the data.", input_cost_per_million: 1, output_cost_per_million: 1, endpoints: [{ url: upstream.url }] };
    const node = await startLumenProcess({ config: testConfig({ urls: [upstream.url], models: [careful], clients }), env });
    nodes.push(node);
    return node;
  };
  const call = (node: LumenProcess, key: string, model = "m") =>
    fetch(`${node.url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${key}` }, body: JSON.stringify(chatBody(model, "x", { stream: true })) });
  /** Calls answer so within a second from now. */
  const soon = async (status: number, answer: () => Promise<Response>): Promise<void> => {
    const from = performance.now();
    await until(async () => {
      const got = await answer();
      await got.text();
      return got.status === status;
    });
    expect(performance.now() - from).to.be.lessThan(1_000);
  };
  const newKey = async (node: LumenProcess) => {
    const { id, key } = await node.json<{ id: string; key: string }>("key", "create", "--client", "bot", "--name", "test");
    return { id, key };
  };
  /** A stream whose first event is read. */
  const openStream = async (node: LumenProcess, key: string) => {
    const reader = (await call(node, key)).body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).to.include("one");
    // The model says no more until the gate opens: what ends the stream is the gateway.
    return async (): Promise<void> => {
      while (!(await reader.read().catch(() => ({ done: true }))).done);
    };
  };

  it("K3, K4: what is revoked or deactivated on one ends running streams on the other within a second, and is refused there", async () => {
    const [a, b] = [await start(), await start()];
    await a.json("client", "create", "bot");
    const { id, key } = await newKey(a);
    const other = await newKey(b);
    const ended = await openStream(b, key);
    const endedOther = await openStream(b, other.key);
    await a.json("key", "revoke", id);
    const revoked = performance.now();
    await ended();
    expect(performance.now() - revoked).to.be.lessThan(1_000);
    expect((await call(b, key)).status).to.equal(401);
    await a.json("client", "deactivate", "bot");
    const deactivated = performance.now();
    await endedOther();
    expect(performance.now() - deactivated).to.be.lessThan(1_000);
    expect((await call(b, other.key)).status).to.equal(403);
    expect((await a.cli("ledger", "verify")).stdout).to.include("exact");
  });

  it("S5, P5: consent that is given or withdrawn, and coins that are taken or granted, on one count on the other within a second", async () => {
    gate.open();
    const [a, b] = [await start(), await start()];
    await a.json("client", "create", "bot");
    const { key } = await newKey(a);
    const consent = (what: string) => a.json("consent", what, "--client", "bot", "--model", "careful");
    const coins = (what: string) => a.json("coins", what, "--client", "bot", "--amount", "1000", "--reason", "test");
    await soon(403, () => call(b, key, "careful"));
    await consent("record");
    await soon(200, () => call(b, key, "careful"));
    await consent("withdraw");
    await soon(403, () => call(b, key, "careful"));
    await coins("take");
    await soon(429, () => call(b, key));
    await coins("grant");
    await soon(200, () => call(b, key));
  });

  it("a node that is cut off answers 503 and is not ready after 5 s, and serves again by itself", async () => {
    const { hostname, port } = new URL(database.url);
    const proxy = await startCuttableProxy({ host: hostname, port: Number(port) });
    try {
      const node = await start(proxy.through(database.url));
      await node.json("client", "create", "bot");
      const { key } = await newKey(node);
      gate.open();
      expect((await call(node, key)).status).to.equal(200);
      proxy.blackhole();
      const ready = async () => (await fetch(`${node.url}/readyz`)).status;
      while ((await ready()) === 200);
      const refused = await call(node, key);
      expect(refused.status).to.equal(503);
      expect(await refused.text()).to.include("store_unavailable");
      proxy.mend();
      while ((await ready()) !== 200);
      const again = await call(node, key);
      expect(again.status).to.equal(200);
      await again.text();
    } finally {
      await proxy.close();
    }
  });
});
