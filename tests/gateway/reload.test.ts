import { mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { callApi, chatBody, type ApiError } from "../support/apiCall";
import { createGate, startFakeUpstream, type FakeUpstream } from "../support/fakeUpstream";
import { beginStreams, heldAt } from "../support/heldStreams";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { testConfig } from "../support/testConfig";
import { shipped, withPlugin, writePlugin } from "../support/testPlugin";

const STREAMS = 50;

const STAMP = `
const { z } = require("zod");
module.exports = definePlugin({
  name: "stamp", summary: "stamps each answer",
  policies: [definePolicy({ name: "stamp", parameters: z.object({ text: z.string().default("plain") }), create: ({ text }) => (exchange, next) => {
    exchange.res.setHeader("x-stamp", text);
    next();
  } })],
});`;

/** Replaces a file as editors do: aside, then renamed over it. */
async function swapIn(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}

describe("while 50 streams run, the files change", function () {
  this.timeout(180_000);
  let upstream: FakeUpstream;
  let lumen: LumenProcess;
  let key: string;
  let folder: string;
  let good: string;
  let gatewayText: string;
  let gate: ReturnType<typeof createGate>;
  let streams: Promise<Response>[];

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "lumen-plugin-"));
    upstream = await startFakeUpstream();
    good = testConfig({ urls: [upstream.url] });
    gatewayText = shipped("gateway.config.yml");
    const location = await writePlugin(folder, "stamp", STAMP.replace('"zod"', JSON.stringify(require.resolve("zod"))));
    lumen = await startLumenProcess({ config: good, gatewayConfig: gatewayText, systemConfig: withPlugin("stamp", location) });
    key = await lumen.newKey("bot");
    gate = createGate();
    upstream.always(heldAt(gate));
    streams = await beginStreams(lumen, key, STREAMS);
  });
  after(async () => {
    gate.open();
    await lumen.remove();
    await upstream.close();
    await rm(folder, { recursive: true });
  });

  const models = () => callApi<{ data: { id: string }[] } & ApiError>(lumen.url, "/v1/models", { key });
  const configState = async () => (await callApi<{ config: string }>(lumen.url, "/readyz")).json.config;
  const until = async (what: () => Promise<boolean>) => {
    while (!(await what())) await new Promise((resolve) => setImmediate(resolve));
  };

  for (const [what, text, where] of [
    ["YAML that is none", "models: [\n", /config\.yaml:\d+:\d+: /],
    ["an empty file", "", /config\.yaml:1:1: /],
    ["an unknown key", "modles: []\n", /config\.yaml:1:1: .*modles.*models/s],
    ["a wrong type", "models: 7\n", /config\.yaml:1:9: /],
    ["a negative price", "models:\n  - name: m\n    input_cost_per_million: -1\n    endpoints: [{url: http://x/v1}]\n", /config\.yaml:3:\d+: /],
  ] as const) {
    it(`R2: ${what} changes nothing, and one error tells the line and column`, async () => {
      const before = lumen.output().split("\n").filter((line) => line.includes('"level":50')).length;
      await swapIn(lumen.configFile, text);
      await until(async () => (await configState()) === "stale");
      expect((await models()).json.data.map((model) => model.id)).to.deep.equal(["m"]);
      await until(async () => lumen.output().split("\n").filter((line) => line.includes('"level":50')).length > before);
      const errors = lumen.output().split("\n").filter((line) => line.includes('"level":50')).slice(before);
      expect(errors).to.have.length(1);
      expect(errors[0]).to.match(where);
      const check = await lumen.cli("config", "check", lumen.configFile);
      expect(check.code).to.equal(1);
      expect(check.stdout + check.stderr).to.match(where);
      await swapIn(lumen.configFile, good);
      await until(async () => (await configState()) === "current");
    });
  }

  it("R1: what is mended holds for the next call, and not for those that run", async () => {
    await swapIn(lumen.configFile, good.replace("default: whitelist", "default: blacklist"));
    await until(async () => (await models()).json.data.length === 0);
    expect((await callApi<ApiError>(lumen.url, "/v1/chat/completions", { key, body: chatBody("m") })).json.error.code).to.equal("model_access_denied");
    await swapIn(lumen.configFile, good);
    await until(async () => (await models()).json.data.length === 1);
  });

  it("a policy of an own plugin is put into the pipeline, retuned, broken and mended, all live", async () => {
    const stamp = async () => (await models()).headers.get("x-stamp");
    const withStamp = (step: string) =>
      gatewayText.replace("policies:\n  - lumen-key-auth\n", "policies:\n  - stamp\n  - lumen-key-auth\n").replace("      - model-catalog:\n", `      - stamp:${step}\n      - model-catalog:\n`);
    expect(await stamp()).to.equal(null);
    await swapIn(lumen.gatewayConfigFile, withStamp(""));
    await until(async () => (await stamp()) === "plain");
    await swapIn(lumen.gatewayConfigFile, withStamp("\n          - action: {text: bold}"));
    await until(async () => (await stamp()) === "bold");
    await swapIn(lumen.gatewayConfigFile, withStamp("\n          - action: {txet: bold}"));
    await lumen.printed("unknown parameter 'txet'");
    expect(await stamp()).to.equal("bold");
    await swapIn(lumen.gatewayConfigFile, gatewayText.replace("      - coin-metering:\n      - upstream-proxy:\n", "      - upstream-proxy:\n      - coin-metering:\n"));
    await lumen.printed("'coin-metering' must stand before 'upstream-proxy'");
    expect(await stamp()).to.equal("bold");
    await swapIn(lumen.gatewayConfigFile, gatewayText);
    await until(async () => (await stamp()) === null);
  });

  it("200 swaps of each file leave no listeners, handles or memory behind", async () => {
    const swaps = 200;
    let warm = 0;
    for (let swap = 0; swap < swaps; swap++) {
      const name = `m${swap}`;
      await swapIn(lumen.configFile, good.replace("name: m\n", `name: ${name}\n`));
      await swapIn(lumen.gatewayConfigFile, `${gatewayText}# ${swap}\n`);
      await until(async () => (await models()).json.data[0]?.id === name);
      if (swap === 40) warm = (await lumen.held()).heapUsed;
    }
    expect((await lumen.held()).heapUsed).to.be.lessThan(warm * 1.1);
    expect(lumen.output()).not.to.contain("MaxListenersExceededWarning");
    await swapIn(lumen.configFile, good);
    await until(async () => (await models()).json.data[0]?.id === "m");
  });

  it("R1: a symlink that is turned, as Kubernetes turns a ConfigMap", async () => {
    const [one, two] = [path.join(folder, "one.yaml"), path.join(folder, "two.yaml")];
    await writeFile(one, good.replace("name: m\n", "name: one\n"));
    await writeFile(two, good.replace("name: m\n", "name: two\n"));
    for (const target of [one, two]) {
      await symlink(target, `${lumen.configFile}.link`);
      await rename(`${lumen.configFile}.link`, lumen.configFile);
      await until(async () => (await models()).json.data[0]?.id === path.basename(target, ".yaml"));
    }
    await rm(lumen.configFile);
    await swapIn(lumen.configFile, good);
    await until(async () => (await models()).json.data[0]?.id === "m");
  });

  it("R1: and the 50 streams came whole through all of it", async () => {
    gate.open();
    for (const stream of streams) expect(await (await stream).text()).to.contain("one ").and.contain("two").and.match(/data: \[DONE\]\n\n$/);
    expect(await lumen.json("usage", "--client", "bot")).to.include({ requests: STREAMS });
    expect((await lumen.cli("ledger", "verify")).stdout).to.contain("exact");
  });
});
