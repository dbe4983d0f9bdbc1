import { expect } from "chai";
import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import path from "node:path";
import { projectRoot } from "../core/environment";
import { importsOf, sourceFiles, type ImportLine } from "./support/importLines";

/** Where a source file belongs: the part of the house that has rules of its own. */
type Area =
  | "domain" | "errors" | "base" | "store port" | "store" | "adapters" | "services" | "config" | "gateway" | "control" | "workers" | "demo" | "plugin" | "free";

interface Rule {
  /** Parts of the house whose values may be used. The own part is always open, but for plugins and stores. */
  readonly uses: readonly string[];
  /** Further ones of which types alone may be used. */
  readonly types?: readonly string[];
  readonly packages?: readonly string[];
  /** Node's own modules; default: all. */
  readonly builtins?: boolean;
}

/** What is free to all of core but domain and errors. */
const BASE = ["core/clock", "core/ids", "core/logger", "core/environment"];

/**
 * Who may import whom (docs/architecture.md). A path stands for itself and everything below it. `store`, `plugin` and
 * `adapters` have their own folder besides.
 */
const RULES: Readonly<Record<Exclude<Area, "free">, Rule>> = {
  domain: { uses: [], builtins: false },
  errors: { uses: [], builtins: false },
  base: { uses: [], packages: ["pino"] },
  "store port": { uses: ["core/domain", "core/stores/ledgerTypes", "core/stores/peerTypes"] },
  store: { uses: ["core/domain", "core/errors", "core/stores/types", "core/stores/shared", ...BASE], packages: ["lowdb", "node-pg-migrate", "pg"] },
  adapters: { uses: ["core/domain", "core/errors", "core/adapters", ...BASE], packages: ["argon2", "gpt-tokenizer", "handlebars", "highlight.js", "http-proxy", "katex", "markdown-it", "openid-client", "prom-client", "sanitize-html", "unpdf"] },
  services: { uses: ["core/domain", "core/errors", "core/stores/types", ...BASE], types: ["core/adapters"], packages: ["rate-limiter-flexible"] },
  config: { uses: ["core/domain", "core/errors", ...BASE], packages: ["yaml", "chokidar", "zod"] },
  gateway: {
    uses: ["core/domain", "core/errors", "core/config/fault", "core/config/expandEnv", "core/config/suggest", "core/adapters/wire", ...BASE],
    types: ["core/config/currentConfig", "core/services", "core/adapters"],
    packages: ["express", "express-gateway", "yaml", "zod"],
  },
  control: { uses: ["core/domain", "core/errors", "core/services", "core/stores/types", "core/config", ...BASE], types: ["core/adapters", "core/createServices"] },
  workers: { uses: ["core/domain", "core/errors", ...BASE] },
  demo: { uses: [] },
  plugin: { uses: ["core/domain", "core/errors", "core/gateway"], types: ["core/services", "core/logger", "core/clock"], packages: ["zod"] },
};

/** The one plugin that talks to model servers does so through their adapters. */
const UPSTREAM_PROXY: Rule = { ...RULES.plugin, uses: [...RULES.plugin.uses, "core/adapters/upstream", "core/adapters/wire"] };

/** The pages call use cases by themselves, as the command line does, and hand what they have to the views (docs/adr/0012). */
const WEB_UI: Rule = {
  uses: [...RULES.plugin.uses, "core/services", "core/environment", "core/adapters/views", "core/adapters/assets", "core/adapters/markdown"],
  types: [...(RULES.plugin.types ?? []), "core/stores/types", "core/adapters/upstream"],
  packages: ["busboy", "helmet", "sanitize-html", "zod"],
};

/** A driver and the only folder that may know it. */
const DRIVERS: Readonly<Record<string, string>> = {
  express: "core/gateway/", "express-gateway": "core/gateway/", lowdb: "core/stores/lowdb/", pg: "core/stores/postgres/", "node-pg-migrate": "core/stores/postgres/",
  "http-proxy": "core/adapters/upstream/", argon2: "core/adapters/", "gpt-tokenizer": "core/adapters/tokenizer/", chokidar: "core/config/",
  "prom-client": "core/adapters/metrics/",
};

const AREAS: readonly [RegExp, Area][] = [
  [/^core\/domain\//, "domain"], [/^core\/errors\//, "errors"], [/^core\/(clock|ids|logger|environment)\.ts$/, "base"], [/^core\/stores\/(types|ledgerTypes|peerTypes)\.ts$/, "store port"],
  [/^core\/stores\//, "store"], [/^core\/adapters\//, "adapters"], [/^core\/services\//, "services"], [/^core\/config\//, "config"],
  [/^core\/gateway\//, "gateway"], [/^core\/control\//, "control"], [/^core\/demo\//, "demo"], [/^core\/workers\//, "workers"], [/^plugins\//, "plugin"],
  // The composition root, the entry, the command line and what only measures or tests may import anything.
  [/^(core\/createServices\.ts|core\/openStore\.ts|server\.ts|bin\/|bench\/|scripts\/|tests\/)/, "free"],
];

/** Tests, and what only tests use, may import anything. */
const isTest = (file: string) => /\.test\.ts$|\/testing\/|^core\/adapters\/upstream\/testServers\.ts$/.test(file);

const areaOf = (file: string) => AREAS.find(([pattern]) => pattern.test(file))?.[1];

const isBelow = (target: string, folder: string) => target === folder || target.startsWith(`${folder}/`);

/** `plugins/<name>`, `core/stores/<engine>`, else `core/<part>`: what a file may always import from. */
function homeOf(file: string, area: Area): string {
  const parts = file.split("/");
  return area === "store" || area === "adapters" ? parts.slice(0, 3).join("/") : parts.slice(0, 2).join("/").replace(/\.ts$/, "");
}

const packageOf = (name: string) => name.split("/").slice(0, name.startsWith("@") ? 2 : 1).join("/");

function ruleOf(file: string, area: Exclude<Area, "free">): Rule {
  if (file.startsWith("plugins/web-ui/")) return WEB_UI;
  return file.startsWith("plugins/upstream-proxy/") ? UPSTREAM_PROXY : RULES[area];
}

/** @returns what is wrong with one import line, or undefined */
function wrongWith(file: string, line: ImportLine): string | undefined {
  const area = areaOf(file);
  if (area === undefined) return "this file is in no part of the house that the test knows";
  if (area === "free") return undefined;
  const rule = ruleOf(file, area);
  if (isBuiltin(line.from)) return rule.builtins === false ? `${area} uses nothing outside itself` : undefined;
  if (!line.from.startsWith(".")) {
    const name = packageOf(line.from);
    const folder = DRIVERS[name];
    if (folder !== undefined && !file.startsWith(folder)) return `only ${folder} knows ${name}`;
    return rule.packages?.includes(name) ? undefined : `${area} does not use the package ${name}`;
  }
  const target = path.posix.join(path.posix.dirname(file), line.from);
  if (isBelow(target, homeOf(file, area))) return undefined;
  if (rule.uses.some((folder) => isBelow(target, folder))) return undefined;
  if (rule.types?.some((folder) => isBelow(target, folder))) return line.typeOnly ? undefined : `${area} may use types of ${target}, no values`;
  return `${area} may not import ${target}`;
}

describe("the architecture", () => {
  const root = projectRoot();
  const files = sourceFiles(root);

  it("has its rules of who may import whom kept by every import line", () => {
    const wrong: string[] = [];
    for (const file of files.filter((name) => !isTest(name))) {
      for (const line of importsOf(root, file)) {
        const fault = wrongWith(file, line);
        if (fault !== undefined) wrong.push(`${file}:${line.line}: imports ${line.from}: ${fault}`);
      }
    }
    expect(files.length).to.be.greaterThan(150);
    expect(wrong).to.deep.equal([]);
  });

  const forbidden: [string, Partial<ImportLine> & { readonly from: string }, RegExp][] = [
    ["core/domain/coins.ts", { from: "node:crypto" }, /nothing outside itself/],
    ["core/domain/coins.ts", { from: "../errors/codes" }, /may not import core\/errors\/codes/],
    ["core/services/meter.ts", { from: "../stores/lowdb/openLowdbStore" }, /may not import/],
    ["core/services/meter.ts", { from: "../config/loadConfig" }, /may not import/],
    ["core/services/meter.ts", { from: "../adapters/keys/openKeyMaterial" }, /types of .* no values/],
    ["core/services/meter.ts", { from: "express" }, /only core\/gateway\/ knows express/],
    ["core/stores/lowdb/x.ts", { from: "../memory/createMemoryStore" }, /may not import/],
    ["core/stores/memory/x.ts", { from: "lowdb/node" }, /only core\/stores\/lowdb\/ knows lowdb/],
    ["core/gateway/x.ts", { from: "../services/meterCall" }, /no values/],
    ["core/gateway/x.ts", { from: "../stores/types" }, /may not import/],
    ["plugins/consent/policy.ts", { from: "../key-auth/policy" }, /may not import plugins\/key-auth/],
    ["plugins/consent/policy.ts", { from: "../../core/stores/memory" }, /may not import/],
    ["plugins/consent/policy.ts", { from: "express-gateway" }, /only core\/gateway/],
    ["plugins/consent/policy.ts", { from: "../../core/adapters/upstream/failover" }, /may not import/],
    ["core/novelty/x.ts", { from: "./y" }, /no part of the house/],
  ];
  for (const [file, line, message] of forbidden) {
    it(`would refuse ${line.from} in ${file}`, () => {
      expect(wrongWith(file, { line: 1, typeOnly: false, ...line })).to.match(message);
    });
  }

  it("loads modules by a name made at run time in few places alone, where the rules above cannot look", () => {
    const loading = files.filter((file) => !isTest(file) && areaOf(file) !== "free" && importsOf(root, file).some(({ from }) => from === "node:module"));
    expect(loading.filter((file) => !/^core\/(gateway|adapters\/(tokenizer|assets|markdown))\//.test(file))).to.deep.equal([]);
  });

  it("has no file of more than 300 lines", () => {
    const long = files.filter((file) => readFileSync(path.join(root, file), "utf8").split("\n").length > 301);
    expect(long).to.deep.equal([]);
  });

  it("has no file whose name says nothing", () => {
    // A client's managers are people: addManager.ts says what it does.
    const empty = /(^|[^a-z])(utils?|helpers?|common|managers?|data|info|misc)$|[a-z](Utils?|Helpers?|(?<!^(add|remove))Managers?|Common|Data|Info)$/;
    expect(files.filter((file) => empty.test(path.basename(file).replace(/(\.test|\.d)?\.ts$/, "")))).to.deep.equal([]);
  });

  it("has no plugin without a manifest, a policy, a README and a test", () => {
    const plugins = new Set(files.filter((file) => file.startsWith("plugins/")).map((file) => file.split("/")[1]));
    for (const name of plugins) {
      const behaviour = files.includes(`plugins/${name}/routes.ts`) ? "routes.ts" : "policy.ts";
      for (const part of ["index.ts", behaviour, `${name}.test.ts`]) expect(files, name).to.include(`plugins/${name}/${part}`);
      expect(readFileSync(path.join(root, `plugins/${name}/README.md`), "utf8")).to.match(new RegExp(`^# ${name}\n`)).and.to.include("```yaml");
    }
  });
});
