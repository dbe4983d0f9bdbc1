import { expect } from "chai";
import { writeFile } from "node:fs/promises";
import { callApi } from "../support/apiCall";
import { answerWell, startFakeUpstream, type FakeUpstream } from "../support/fakeUpstream";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { signedIn, type PageVisitor } from "../support/pageVisitor";
import { testConfig } from "../support/testConfig";

describe("W78: what is said of a model's servers, on the API and on the pages", function () {
  this.timeout(120_000);
  let one: FakeUpstream;
  let two: FakeUpstream;
  let lumen: LumenProcess;
  let admin: PageVisitor;
  let key: string;

  const config = (model: Readonly<Record<string, unknown>> = {}) =>
    testConfig({
      urls: [one.url, two.url],
      endpoint: { model: "fake-model", health: { interval_seconds: 0.05, timeout_seconds: 5 } },
      model,
      more: { admins: ["root@example.edu"], users: { default: { max: "10", model_access: { default: "whitelist" } } } },
    });
  const ill = (upstream: FakeUpstream) => upstream.onProbe((_request, respond) => respond.json(500, {}));
  const well = (upstream: FakeUpstream) => upstream.onProbe(answerWell());
  const unlisted = (upstream: FakeUpstream) => upstream.onProbe(answerWell({ models: ["another-model"] }));

  before(async () => {
    [one, two] = [await startFakeUpstream(), await startFakeUpstream()];
    lumen = await startLumenProcess({ config: config() });
    key = await lumen.newKey("bot");
    admin = await signedIn(lumen, "root@example.edu");
  });
  after(async () => {
    await lumen.remove();
    await Promise.all([one.close(), two.close()]);
  });

  const listed = async () => (await callApi<{ data: { status: string }[] }>(lumen.url, "/v1/models", { key })).json.data.map(({ status }) => status);
  const single = async () => (await callApi<{ status?: string; error?: { code: string } }>(lumen.url, "/v1/models/m", { key })).json;
  const badges = async () => {
    const { html } = await admin.get("/admin/endpoints");
    return [...html.matchAll(/>\s*(Up|Half-open|Doubted|Down|Not asked|Model not listed)\s*</g)].map(([, text]) => text).sort();
  };
  const modelPage = async () => /\b(ok|degraded|down|disabled)\b/i.exec((await admin.get("/models/m")).html.replace(/^[\s\S]*<h1/, ""))?.[1]?.toLowerCase();
  const until = async (status: string) => {
    while ((await listed())[0] !== status) await new Promise((resolve) => setImmediate(resolve));
  };

  const steps: [sentence: string, change: () => void | Promise<void>, status: string, badges: string[]][] = [
    ["ok: all are well", () => undefined, "ok", ["Up", "Up"]],
    ["degraded: one fails its probes", () => ill(one), "degraded", ["Down", "Up"]],
    ["down: both fail them", () => ill(two), "down", ["Down", "Down"]],
    ["degraded: one is back", () => well(one), "degraded", ["Down", "Up"]],
    ["ok: both are back", () => well(two), "ok", ["Up", "Up"]],
    ["degraded: nobody listens at one", () => one.refuse(), "degraded", ["Down", "Up"]],
    ["degraded: that one listens again, and does not list the model", () => {
      unlisted(one);
      return one.accept();
    }, "degraded", ["Model not listed", "Up"]],
  ];
  for (const [sentence, change, status, expected] of steps) {
    it(sentence, async () => {
      await change();
      await until(status);
      // One that is back listens before its first probe has come.
      while (JSON.stringify(await badges()) !== JSON.stringify(expected)) await new Promise((resolve) => setImmediate(resolve));
      expect([await listed(), (await single()).status, await modelPage()]).to.deep.equal([[status], status, status]);
    });
  }

  it("serves calls where a server does not list the model: the list may be wrong", async () => {
    two.onProbe((_request, respond) => respond.json(500, {}));
    while ((await badges())[0] !== "Down") await new Promise((resolve) => setImmediate(resolve));
    const { status } = await callApi(lumen.url, "/v1/chat/completions", { key, body: { model: "m", messages: [{ role: "user", content: "Hi" }] } });
    expect(status).to.equal(200);
  });

  it("disabled: nobody is told of it but the pages, and nobody is asked", async () => {
    await writeFile(lumen.configFile, config({ disabled: true }));
    while ((await listed()).length > 0) await new Promise((resolve) => setImmediate(resolve));
    expect([(await single()).error?.code, await badges(), await modelPage()]).to.deep.equal(["model_not_found", ["Not asked", "Not asked"], "disabled"]);
  });

  it("ok again where it is enabled again, with servers that are well", async () => {
    well(one);
    well(two);
    await writeFile(lumen.configFile, config());
    await until("ok");
  });
});
