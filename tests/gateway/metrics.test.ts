import { expect } from "chai";
import { callApi, chatBody } from "../support/apiCall";
import { createGate, startFakeUpstream, type FakeUpstream } from "../support/fakeUpstream";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { testConfig } from "../support/testConfig";

const TOKEN = "metrics-token";
const MONITOR = "monitor-token";

describe("what operators read", () => {
  let upstream: FakeUpstream;
  let lumen: LumenProcess;
  let key: string;

  before(async () => {
    upstream = await startFakeUpstream();
    lumen = await startLumenProcess({
      config: testConfig({
        urls: [upstream.url], endpoint: { model: "fake-model" }, models: [
          { name: "off", disabled: true, endpoints: [{ url: upstream.url }] }, { name: "narrow", max_concurrency: 1, endpoints: [{ url: upstream.url, model: "fake-model" }] },
          { name: "twofold", endpoints: ["one", "other"].map((api_key) => ({ url: upstream.url, model: "fake-model", api_key })) },
        ],
        more: { api: { prometheus: { enabled: true, token: TOKEN }, monitoring: { token: MONITOR } } },
      }),
    });
    key = await lumen.newKey("bot");
  });
  after(async () => {
    await lumen.remove();
    await upstream.close();
  });

  const scrape = () => callApi(lumen.url, "/metrics", { key: TOKEN });

  it("W81: /metrics counts a call with its tokens and coins, and names nobody", async () => {
    const answer = await callApi(lumen.url, "/v1/chat/completions", { key, body: chatBody("m") });
    await callApi(lumen.url, "/v1/chat/completions", { key, body: chatBody("made-up-model") });
    await lumen.printed(`"request_id":"${answer.headers.get("x-request-id")}"`);
    const { status, text } = await scrape();
    expect(status).to.equal(200);
    const lines = text.split("\n");
    expect(lines).to.include.members([
      'lumen_requests_total{model="m",operation="chat",status="2xx"} 1', 'lumen_requests_total{model="",operation="chat",status="4xx"} 1',
      'lumen_tokens_total{model="m",kind="output"} 5', `lumen_coins_total{model="m"} ${answer.headers.get("x-lumen-cost")}`, "lumen_ledger_open_holds 0",
    ]);
    expect(lines.some((line) => /^lumen_endpoint_up\{model="m",endpoint="[0-9a-f]{12}"\} 1$/.test(line))).to.equal(true);
    expect(text).not.to.contain("made-up-model").and.not.to.contain("bot").and.not.to.contain(String(upstream.port)).and.not.to.contain(key);
  });

  it("W81, W39: /metrics, /healthz and /readyz answer while 100 streams run, and tell how many", async () => {
    const gate = createGate();
    upstream.always(async (_request, respond) => {
      await respond.stream();
      await respond.delta("one ");
      await gate.opened;
      await respond.finish();
      await respond.done();
    });
    const streams = await Promise.all(Array.from({ length: 100 }, () =>
      fetch(`${lumen.url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${key}` }, body: JSON.stringify(chatBody("m", "x", { stream: true })) })));
    const [metrics, health, ready] = await Promise.all([scrape(), callApi(lumen.url, "/healthz"), callApi(lumen.url, "/readyz")]);
    expect([metrics.status, health.status, ready.status]).to.deep.equal([200, 200, 200]);
    expect(metrics.text).to.contain("\nlumen_ledger_open_holds 100\n").and.to.contain("\nlumen_requests_in_flight 101\n");
    gate.open();
    await Promise.all(streams.map((answer) => answer.text()));
  });

  it("W81, W36, W73: it tells who waits in line, and which retries were allowed", async () => {
    const gate = createGate();
    const arrived = createGate();
    upstream.always(async (_request, respond) => {
      arrived.open();
      await gate.opened;
      await respond.json(200, { model: "m", choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } });
    });
    const first = callApi(lumen.url, "/v1/chat/completions", { key, body: chatBody("narrow") });
    await arrived.opened;
    const second = callApi(lumen.url, "/v1/chat/completions", { key, body: chatBody("narrow") });
    const waiting = async () => (await scrape()).text.includes("\nlumen_queue_waiting 1\n");
    while (!(await waiting()));
    gate.open();
    expect([(await first).status, (await second).status]).to.deep.equal([200, 200]);
    upstream.next((_request, respond) => respond.json(500, {}));
    expect((await callApi(lumen.url, "/v1/chat/completions", { key, body: chatBody("twofold") })).status).to.equal(200);
    const { text } = await scrape();
    expect(text.split("\n")).to.include.members(["lumen_queue_waiting 0", 'lumen_retries_total{model="twofold",outcome="allowed"} 1', 'lumen_retries_total{model="twofold",outcome="denied"} 0']);
  });

  it("W81: an API key opens no metrics", async () => {
    expect((await callApi(lumen.url, "/metrics")).status).to.equal(401);
    for (const other of [key, MONITOR]) expect((await callApi(lumen.url, "/metrics", { key: other })).status).to.equal(401);
  });

  it("W82: the monitoring token reads all models with their status, and nothing else", async () => {
    interface Listed { readonly id: string; readonly status: string }
    const list = await callApi<{ data: Listed[] }>(lumen.url, "/v1/models", { key: MONITOR });
    expect(list.json.data.map(({ id, status }) => [id, status])).to.deep.equal([["m", "ok"], ["off", "disabled"], ["narrow", "ok"], ["twofold", "ok"]]);
    expect((await callApi<Listed>(lumen.url, "/v1/models/off", { headers: { "x-api-key": MONITOR } })).json).to.include({ id: "off", status: "disabled" });
    expect((await callApi(lumen.url, "/v1/models/none", { key: MONITOR })).status).to.equal(404);
    for (const [path, body] of [["/v1/me"], ["/v1/requests/x"], ["/v1/chat/completions", chatBody("m")], ["/v1/embeddings", chatBody("m")], ["/chat/completions", chatBody("m")]] as const) {
      expect((await callApi(lumen.url, path, { key: MONITOR, ...(body ? { body } : {}) })).status, path).to.equal(401);
    }
    expect((await callApi(lumen.url, "/v1/models", { key: `${MONITOR}x` })).status).to.equal(401);
  });
});
