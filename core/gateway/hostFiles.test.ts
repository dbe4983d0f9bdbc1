import { expect } from "chai";
import path from "node:path";
import { faultLine } from "../config/fault";
import { projectRoot } from "../environment";
import { readGatewayFile, readSystemFile } from "./hostFiles";
import { TestFolder } from "./testing/hostFile";

const GOOD = `http: {port: 8080}
apiEndpoints:
  models: {host: "*", paths: /v1/models}
policies: [cors]
pipelines:
  models:
    apiEndpoints: [models]
    policies:
      - cors:
`;

describe("the host's two files", () => {
  const folder = new TestFolder();
  const faults = async (text: string, env: NodeJS.ProcessEnv = {}) => {
    const { value, faults: found } = await readGatewayFile(await folder.write("gateway.config.yml", text), env);
    expect(value === undefined).to.equal(found.length > 0);
    return found.map((fault) => faultLine(fault).replace(`${folder.path}/`, ""));
  };

  it("are good as they are shipped", async () => {
    const gateway = await readGatewayFile(path.join(projectRoot(), "gateway.config.yml"), {});
    expect(gateway.faults).to.deep.equal([]);
    expect(gateway.value?.http).to.deep.equal({ port: 8080, hostname: "127.0.0.1" });
    expect((await readSystemFile(path.join(projectRoot(), "system.config.yml"), {})).faults).to.deep.equal([]);
    expect(await faults(GOOD)).to.deep.equal([]);
  });

  const broken: [string, string, string, RegExp][] = [
    ["an unknown key at the top", "http: {port: 8080}", "htp: {}\nhttp: {port: 8080}", /^gateway\.config\.yml:1:1: unknown key 'htp'$/],
    ["an unknown key inside", "paths: /v1/models", "pats: /v1/models", /:3:\d+: unknown key 'pats' in apiEndpoints\.models$/],
    ["an unknown key of a step", "- cors:", "- cors:\n          acton: {}", /:10:\d+: .*acton|:9:9: /],
    ["a port that is none", "port: 8080", "port: 80800", /^gateway\.config\.yml:1:\d+: http\.port: /],
    ["a port that is a text", "port: 8080", "port: many", /^gateway\.config\.yml:1:\d+: http\.port: /],
    ["a pipeline without policies", "policies:\n      - cors:", "policies: []", /:8:\d+: pipelines\.models\.policies: /],
    ["no pipelines", "pipelines:", "pipeline:", /pipeline/],
    ["a policy that is only a name", "- cors:", "- cors", /:9:\d+: pipelines\.models\.policies\.0: /],
    ["half a file", GOOD.slice(GOOD.indexOf("policies: [cors]")), "", /^gateway\.config\.yml:1:1: policies: |policies/],
    ["an empty file", GOOD, "", /^gateway\.config\.yml:1:1: /],
  ];
  for (const [name, from, to, line] of broken) {
    it(`are refused with the place of the fault: ${name}`, async () => {
      const found = await faults(GOOD.replace(from, to));
      expect(found.some((fault) => line.test(fault)), found.join("\n")).to.equal(true);
    });
  }

  it("are refused with all faults at once", async () => {
    expect(await faults(GOOD.replace("port: 8080", "port: -1").replace("paths:", "pats:"))).to.have.length(2);
  });

  it("are refused where a variable is not set", async () => {
    expect(await faults(GOOD.replace("{port: 8080}", "\n  port: ${PORT}"))).to.deep.equal([
      "gateway.config.yml:2:9: The environment variable PORT is not set. Set it, or write ${PORT:-default}.",
    ]);
    expect(await faults(GOOD.replace("{port: 8080}", "\n  port: ${PORT}"), { PORT: "1" })).to.deep.equal([]);
  });

  it("are refused with one fault where the syntax is broken, not with its echoes", async () => {
    expect(await faults(GOOD.replace("8080", "${PORT}"))).to.deep.equal(["gateway.config.yml:1:15: Unexpected flow-map-start at node end"]);
    expect(await faults(GOOD.replace("policies: [cors]", "policies: [cors]\npolicies: []\nhttp: {}"))).to.have.length(2);
  });

  it("are named where they cannot be read", async () => {
    const { faults: found } = await readSystemFile(path.join(folder.path, "gone.yml"), {});
    expect(found.map(faultLine)).to.deep.equal([`${folder.path}/gone.yml:1:1: cannot be read (ENOENT): check the path and its permissions`]);
  });
});
