import { rename, writeFile } from "node:fs/promises";
import { expect } from "chai";
import { callApi, chatBody } from "../support/apiCall";
import { createGate, startFakeUpstream, type FakeUpstream, type ReceivedRequest } from "../support/fakeUpstream";
import { beginStreams, heldAt } from "../support/heldStreams";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { testConfig } from "../support/testConfig";

const STREAMS = 50;
const STAYING = { weight: 1, api_key: "key-1" };

describe("W38: while 50 streams run, their endpoints change", function () {
  this.timeout(120_000);
  let old: FakeUpstream;
  let next: FakeUpstream;
  let lumen: LumenProcess;
  let key: string;
  let gate: ReturnType<typeof createGate>;
  let streams: Promise<Response>[];

  const config = (endpoints: readonly Readonly<Record<string, unknown>>[], model: Readonly<Record<string, unknown>> = {}) =>
    testConfig({ urls: [old.url], model: { endpoints, ...model } });

  before(async () => {
    [old, next] = [await startFakeUpstream(), await startFakeUpstream()];
    lumen = await startLumenProcess({ config: config([{ url: old.url, ...STAYING }]) });
    key = await lumen.newKey("bot");
    gate = createGate();
    old.always(heldAt(gate));
    streams = await beginStreams(lumen, key, STREAMS);
  });
  after(async () => {
    gate.open();
    await lumen.remove();
    await Promise.all([old.close(), next.close()]);
  });

  /** Puts a file in force, and waits until it is: each has another description. */
  let revision = 0;
  const inForce = async (endpoints: readonly Readonly<Record<string, unknown>>[], model: Readonly<Record<string, unknown>> = {}) => {
    const description = `revision ${++revision}`;
    await writeFile(`${lumen.configFile}.new`, config(endpoints, { description, ...model }));
    await rename(`${lumen.configFile}.new`, lumen.configFile);
    const models = async () => (await callApi<{ data: { description: string }[] }>(lumen.url, "/v1/models", { key })).json.data;
    const isThere = async () => (model["disabled"] === true ? (await models()).length === 0 : (await models())[0]?.description === description);
    while (!(await isThere())) await new Promise((resolve) => setImmediate(resolve));
  };
  const call = () => callApi<{ error?: { code: string } }>(lumen.url, "/v1/chat/completions", { key, body: chatBody("m") });
  const keyOf = ({ headers }: ReceivedRequest) => headers["authorization"];

  it("a limit that the running calls have passed holds for the next one at once: the count stayed with the endpoint", async () => {
    await inForce([{ url: old.url, ...STAYING, max_concurrency: STREAMS }, { url: next.url }]);
    for (let i = 0; i < 5; i++) expect((await call()).status).to.equal(200);
    expect([old.requests.length, next.requests.length]).to.deep.equal([STREAMS, 5]);
  });

  it("weights, limits and paths change together", async () => {
    await inForce([{ url: old.url, ...STAYING, weight: 1, max_concurrency: 1 }, { url: next.url, weight: 9, paths: { chat: "/other/chat/completions" } }]);
    expect((await call()).status).to.equal(200);
    expect(next.requests.at(-1)?.path).to.equal("/v1/other/chat/completions");
  });

  it("another key is another endpoint, and is used at once", async () => {
    await inForce([{ url: next.url, api_key: "key-2" }]);
    expect((await call()).status).to.equal(200);
    expect(keyOf(next.requests.at(-1)!)).to.equal("Bearer key-2");
  });

  it("health settings change under way, and the endpoint that went away comes back with its calls counted", async () => {
    await inForce([{ url: old.url, ...STAYING, max_concurrency: STREAMS, health: { interval_seconds: 0.05 } }, { url: next.url }]);
    const before = next.requests.length;
    for (let i = 0; i < 5; i++) expect((await call()).status).to.equal(200);
    expect([old.requests.length, next.requests.length - before]).to.deep.equal([STREAMS, 5]);
  });

  it("a disabled model is gone for the next call", async () => {
    await inForce([{ url: old.url, ...STAYING }], { disabled: true });
    expect((await call()).json.error?.code).to.equal("model_not_found");
    await inForce([{ url: next.url }]);
    expect((await call()).status).to.equal(200);
  });

  it("and all 50 streams came whole, each charged once", async () => {
    gate.open();
    for (const stream of streams) expect(await (await stream).text()).to.contain("one ").and.contain("two").and.match(/data: \[DONE\]\n\n$/);
    expect(old.requests).to.have.length(STREAMS);
    expect((await lumen.cli("ledger", "verify")).stdout).to.contain("exact");
  });
});
