import { expect } from "chai";
import path from "node:path";
import { faultLine } from "../config/fault";
import { projectRoot } from "../environment";
import { readSystemFile } from "./hostFiles";
import { loadPlugins } from "./pluginLoading";
import { TestFolder } from "./testing/hostFile";

describe("loading plugins", () => {
  const folder = new TestFolder();
  const DEFINE = `const { definePlugin, definePolicy } = require(${JSON.stringify(path.join(__dirname, "definePlugin"))});\n`;
  const plugin = (policy: string) => `${DEFINE}module.exports = definePlugin({ name: "p", summary: "s", policies: [definePolicy({ name: "${policy}", create: () => (e, next) => next() })] });`;

  /** Plugins by name, with the source of their index.js; undefined: there is no such file. */
  const load = async (plugins: Readonly<Record<string, string | undefined>>) => {
    const lines = ["db: {redis: {}}", "plugins:"];
    for (const [name, source] of Object.entries(plugins)) {
      if (source !== undefined) await folder.write(`${name}.js`, source);
      lines.push(`  ${name}: {package: ${path.join(folder.path, name)}${source === undefined ? "" : ".js"}}`);
    }
    const { loaded, faults } = loadPlugins(await readSystemFile(await folder.write("system.config.yml", lines.join("\n")), {}));
    return { loaded, faults: faults.map((fault) => faultLine(fault).replaceAll(`${folder.path}/`, "")) };
  };

  it("finds every policy of the shipped ones", async () => {
    const { loaded, faults } = loadPlugins(await readSystemFile(path.join(projectRoot(), "system.config.yml"), {}));
    expect(faults).to.deep.equal([]);
    expect([...loaded.policies.keys()]).to.deep.equal([
      "lumen-key-auth", "lumen-rate-limit", "model-access", "consent", "coin-metering", "upstream-proxy", "model-catalog", "account", "receipt",
    ]);
    expect(loaded.foreign.size).to.equal(0);
    expect([...loaded.hostPolicies]).to.include.members(["key-auth", "rate-limit", "proxy", "cors"]);
  });

  it("takes a plugin of plain JavaScript, and one that was written for the bare host", async () => {
    const bare = 'module.exports = { version: "1.2.0", init() {}, schema: {}, policies: ["bare-policy"] };';
    const { loaded, faults } = await load({ plain: plugin("plain-policy"), bare });
    expect(faults).to.deep.equal([]);
    expect(loaded.policies.has("plain-policy")).to.equal(true);
    expect([...loaded.foreign]).to.deep.equal(["bare-policy"]);
    expect(loaded.packages.get("bare")).to.equal(path.join(folder.path, "bare.js"));
  });

  const broken: [string, string | undefined, RegExp][] = [
    ["that is not there", undefined, /^system\.config\.yml:3:3: plugin 'p1': p1 is not there: build it \(npm run build\), or mend its 'package' line$/],
    ["with a missing import, which is named", 'require("./nowhere/to-be-found");', /^system\.config\.yml:3:3: plugin 'p2': Cannot find module '\.\/nowhere\/to-be-found', imported by p2\.js$/],
    ["with a missing package, which is named", 'require("no-such-package-here");', /plugin 'p3': Cannot find module 'no-such-package-here', imported by p3\.js$/],
    ["that throws as it loads", 'throw new Error("no luck\\nat all");', /plugin 'p4': it does not load: no luck$/],
    ["with a fault of syntax", "module.exports = {", /plugin 'p5': it does not load: Unexpected end of input|plugin 'p5': it does not load: /],
    ["with a default export", "exports.default = { version: 1 };", /plugin 'p6': p6\.js does not export version, init, schema, policies: write 'export = definePlugin/],
    ["that exports nothing", "module.exports = null;", /plugin 'p7': p7\.js does not export version, init, schema, policies: /],
    ["whose policies are no list", 'module.exports = { version: "1", init() {}, schema: {}, policies: { a: 1 } };', /plugin 'p8': p8\.js does not export policies: /],
    ["with the name of one of the host's own policies", plugin("proxy"), /plugin 'p9': its policy 'proxy' has the name of one of the host's own: call it 'my-proxy'$/],
    ["with the name of the host's key-auth, which would answer in its place if it failed", plugin("key-auth"), /the name of one of the host's own/],
  ];
  for (const [index, [name, source, line]] of broken.entries()) {
    it(`refuses one ${name}`, async () => {
      const { faults } = await load({ [`p${index + 1}`]: source });
      expect(faults).to.have.length(1);
      expect(faults[0]).to.match(line);
    });
  }

  it("refuses two plugins with one policy, and names all faults at once", async () => {
    const { faults } = await load({ one: plugin("same"), two: plugin("same"), three: undefined });
    expect(faults).to.deep.equal([
      "system.config.yml:4:3: plugin 'two': its policy 'same' is another plugin's too: rename one of them",
      "system.config.yml:5:3: plugin 'three': three is not there: build it (npm run build), or mend its 'package' line",
    ]);
  });
});
