import { expect } from "chai";
import path from "node:path";
import { faultLine } from "../config/fault";
import { projectRoot } from "../environment";
import { readGatewayFile, readSystemFile } from "./hostFiles";
import { loadPlugins, type LoadedPlugins } from "./pluginLoading";
import { checkPipelines } from "./preflight";
import { TestFolder } from "./testing/hostFile";

const STEPS = ["lumen-key-auth", "lumen-rate-limit", "model-access", "consent", "coin-metering", "upstream-proxy"];

const fileOf = (steps: readonly string[], declared = `[${[...STEPS, "cors", "request-transformer"].join(", ")}]`) => `http: {port: 8080}
apiEndpoints: {inference: {host: "*", paths: /v1/chat/completions}}
policies: ${declared}
pipelines:
  inference:
    apiEndpoints: [inference]
    policies:
${steps.map((step) => `      - ${step}${step.includes(":") ? "" : ":"}`).join("\n")}
`;
const FIRST_STEP = 8;

describe("preflight", () => {
  const folder = new TestFolder();
  let plugins: LoadedPlugins;
  before(async () => {
    const { loaded, faults } = loadPlugins(await readSystemFile(path.join(projectRoot(), "system.config.yml"), {}));
    expect(faults).to.deep.equal([]);
    plugins = loaded;
  });

  const check = async (text: string) => {
    const file = await readGatewayFile(await folder.write("gateway.config.yml", text), {});
    expect(file.faults.map(faultLine)).to.deep.equal([]);
    return checkPipelines(file, plugins).map((fault) => faultLine(fault).replace(`${folder.path}/gateway.config.yml:`, ""));
  };
  const without = (name: string) => STEPS.filter((step) => step !== name);
  const swapped = (first: string, second: string) => STEPS.map((step) => (step === first ? second : step === second ? first : step));

  it("finds nothing against the shipped pipelines, or against one with steps of the host between", async () => {
    const shipped = await readGatewayFile(path.join(projectRoot(), "gateway.config.yml"), {});
    expect(checkPipelines(shipped, plugins)).to.deep.equal([]);
    expect(await check(fileOf(["cors", "request-transformer", ...STEPS]))).to.deep.equal([]);
  });

  it("refuses metering after the proxy: that would be free inference", async () => {
    const faults = await check(fileOf(swapped("coin-metering", "upstream-proxy")));
    expect(faults).to.deep.equal([
      `${FIRST_STEP + 4}:9: pipeline 'inference': 'coin-metering' must stand before 'upstream-proxy'`,
      `${FIRST_STEP + 5}:9: pipeline 'inference': 'coin-metering' must stand before 'upstream-proxy'`,
    ]);
  });

  for (const name of ["lumen-key-auth", "model-access", "consent", "coin-metering"]) {
    it(`refuses a pipeline without ${name}, naming each policy that needs it`, async () => {
      const faults = await check(fileOf(without(name)));
      expect(faults).to.include(`${FIRST_STEP + 4}:9: pipeline 'inference': '${name}' must stand before 'upstream-proxy'`);
    });
  }

  it("lets a pipeline do without the rate limit: nothing needs it", async () => {
    expect(await check(fileOf(without("lumen-rate-limit")))).to.deep.equal([]);
  });

  it("refuses a guard under a condition, unless the condition is no condition", async () => {
    const under = (condition: string) => fileOf(STEPS.map((step) => (step === "consent" ? `consent: [{condition: {name: ${condition}}}]` : step)));
    const faults = await check(under("pathMatch, pattern: /v1"));
    expect(faults).to.deep.equal([
      `${FIRST_STEP + 4}:9: pipeline 'inference': 'consent' has a condition, and 'coin-metering' must never run without it`,
      `${FIRST_STEP + 5}:9: pipeline 'inference': 'consent' has a condition, and 'upstream-proxy' must never run without it`,
    ]);
    expect(await check(under("never"))).to.have.length(2);
    expect(await check(under("always"))).to.deep.equal([]);
  });

  it("takes a guard that stands twice, once without its condition", async () => {
    const steps = STEPS.map((step) => (step === "consent" ? "consent: [{condition: {name: never}}, {}]" : step));
    expect(await check(fileOf(steps))).to.deep.equal([]);
  });

  it("reads an empty list as the host does: the policy runs, and is held to its place", async () => {
    expect(await check(fileOf(STEPS.map((step) => `${step}: []`)))).to.deep.equal([]);
    expect(await check(fileOf(["upstream-proxy: []"]))).to.have.length(4);
  });

  it("refuses two policies in one entry: the host would run the first alone", async () => {
    const steps = STEPS.map((step) => (step === "lumen-rate-limit" ? "cors:\n        lumen-rate-limit:" : step));
    expect(await check(fileOf(steps))).to.deep.equal([
      `${FIRST_STEP + 2}:9: pipeline 'inference': 'lumen-rate-limit' is in the same entry as 'cors': begin a new one with '- lumen-rate-limit:'`,
    ]);
  });

  it("refuses an entry that names no policy", async () => {
    expect(await check(fileOf(STEPS).replace("- lumen-rate-limit:", "- {}"))).to.deep.equal([`${FIRST_STEP + 1}:9: pipeline 'inference': this entry names no policy`]);
  });

  it("refuses a policy that is not declared, and a declared one that nobody brings", async () => {
    expect(await check(fileOf(STEPS, "[lumen-key-auth, model-access, consent, coin-metering, upstream-proxy]"))).to.deep.equal([
      `${FIRST_STEP + 1}:9: pipeline 'inference' uses 'lumen-rate-limit', which is not listed under policies`,
    ]);
    expect(await check(fileOf(STEPS, `[${STEPS.join(", ")}, badge]`))).to.deep.equal([
      "3:100: there is no policy 'badge': no plugin in system.config.yml brings it",
    ]);
  });

  it("refuses parameters that a policy does not know, or that are wrong, each with its line", async () => {
    const steps = STEPS.map((step) => (step === "upstream-proxy" ? "upstream-proxy:\n          - action:\n              ping_second: 3\n              ping_seconds: often" : step));
    const faults = await check(fileOf(steps));
    expect(faults).to.have.length(2);
    expect(faults).to.include(`${FIRST_STEP + 7}:15: policy 'upstream-proxy': unknown parameter 'ping_second'`);
    expect(faults.find((fault) => fault.startsWith(`${FIRST_STEP + 8}:15: policy 'upstream-proxy': ping_seconds: `)), faults.join("\n")).to.be.a("string");
  });

  it("refuses request-transformer after model-access, which has read the body by then", async () => {
    const [key, rate, access, ...rest] = STEPS as [string, string, string, ...string[]];
    expect(await check(fileOf([key, rate, access, "request-transformer", ...rest]))).to.deep.equal([
      `${FIRST_STEP + 3}:9: pipeline 'inference': 'request-transformer' must stand before 'model-access', which reads the body`,
    ]);
  });

  it("refuses a pipeline of an endpoint that is not there, and a file that does not listen", async () => {
    const faults = await check(fileOf(STEPS).replace("apiEndpoints: [inference]", "apiEndpoints: [inference, chat]").replace("http: {port: 8080}\n", ""));
    expect(faults).to.deep.equal(["1:1: nothing listens: add an http section with a port", "5:5: pipeline 'inference': there is no apiEndpoint 'chat'"]);
  });
});
