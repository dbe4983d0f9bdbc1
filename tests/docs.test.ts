import { expect } from "chai";
import type { Command } from "commander";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseDocument } from "yaml";
import { buildProgram } from "../bin/program";
import { projectRoot } from "../core/environment";
import type { PolicyDefinition } from "../core/gateway/definePlugin";
import { runPolicy } from "../core/gateway/testing/runPolicy";
import { modelOf } from "../core/services/testing/snapshots";
import { compileExample, type CompiledExample } from "./support/compileExample";
import { fencesOf, linksOf, slugsOf } from "./support/markdown";

const root = projectRoot();
const read = (file: string) => readFileSync(path.join(root, file), "utf8");

/** Files below a folder, as paths from the root. */
function filesIn(folder: string, matches: (file: string) => boolean): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter(matches);
}

const PAGES = [
  "README.md", "CHANGELOG.md", "CONTRIBUTING.md",
  ...filesIn("docs", (file) => file.endsWith(".md")),
  ...filesIn("plugins", (file) => file.endsWith("README.md")),
];
const CODE = ["server.ts", ...["core", "plugins", "bin"].flatMap((folder) => filesIn(folder, (file) => file.endsWith(".ts")))];
const SOURCES = CODE.filter((file) => !/\.test\.ts$|\/testing\//.test(file));

describe("the documentation", () => {
  for (const page of PAGES) {
    it(`${page}: its links lead somewhere`, () => {
      const dead = linksOf(read(page)).filter((link) => !/^[a-z]+:/i.test(link) && !leadsSomewhere(page, link));
      expect(dead).to.deep.equal([]);
    });
  }

  function leadsSomewhere(page: string, link: string): boolean {
    const [target = "", anchor] = link.split("#", 2);
    const file = target === "" ? page : path.join(path.dirname(page), target);
    if (!existsSync(path.join(root, file))) return false;
    return anchor === undefined || (file.endsWith(".md") && slugsOf(read(file)).has(anchor));
  }

  it("says in adr/README.md what every decision is, and in README.md what every page is", () => {
    const adrs = linksOf(read("docs/adr/README.md"));
    expect(adrs).to.have.members(readdirSync(path.join(root, "docs/adr")).filter((file) => file !== "README.md"));
    const pages = readdirSync(path.join(root, "docs")).filter((file) => file.endsWith(".md"));
    expect(linksOf(read("README.md"))).to.include.members(pages.map((file) => `docs/${file}`));
  });

  it("holds YAML that parses and JSON that parses", () => {
    const broken: string[] = [];
    for (const page of PAGES) {
      for (const { language, text } of fencesOf(read(page))) {
        const errors = language === "yaml" ? parseDocument(text).errors : language === "json" ? jsonErrors(text) : [];
        broken.push(...errors.map(({ message }) => `${page}: ${message}`));
      }
    }
    expect(broken).to.deep.equal([]);
  });

  function jsonErrors(text: string): Error[] {
    try {
      JSON.parse(text);
      return [];
    } catch (error) {
      return [error as Error];
    }
  }

  describe("the environment", () => {
    const inCode = SOURCES.flatMap((file) => [...read(file).matchAll(/\benv(?:\["([A-Z][A-Z0-9_]*)"\]|\.([A-Z][A-Z0-9_]*)\b)(?!\s*=[^=])/g)].map((match) => match[1] ?? match[2] ?? ""));
    const inYaml = (file: string) => [...read(file).replace(/^\s*#.*$/gm, "").matchAll(/\$\{([A-Z][A-Z0-9_]*)/g)].map((match) => match[1] ?? "");
    const used = new Set([...inCode, ...inYaml("gateway.config.yml"), ...inYaml("system.config.yml")]);
    const offered = [...read(".env.example").matchAll(/^#?([A-Z][A-Z0-9_]*)=/gm)].map((match) => match[1] ?? "");

    it("is in .env.example, every variable of it", () => {
      expect(used).to.include("LUMEN_DATA");
      expect([...used].filter((name) => !offered.includes(name))).to.deep.equal([]);
    });

    it("is in docs/operating.md, every variable of it and of config.yaml", () => {
      const page = read("docs/operating.md");
      const all = new Set([...used, ...offered, ...inYaml("config.yaml")]);
      expect([...all].filter((name) => !page.includes(`\`${name}\``))).to.deep.equal([]);
    });
  });

  describe("the commands that it shows", () => {
    const lines = PAGES.flatMap((page) => fencesOf(read(page)).filter(({ language }) => language === "sh").map(({ text }) => ({ page, text })));
    const commands = lines.flatMap(({ page, text }) =>
      text.replace(/\\\n/g, " ").split(/\n|&&|\|/).map((line) => ({ page, line: line.replace(/\s#.*$/, "").trim() })));

    it("are scripts of package.json where npm runs them", () => {
      const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
      const asked = commands.flatMap(({ page, line }) => {
        const [, word = "", name] = /^npm (run|test|start)(?: (\S+))?/.exec(line) ?? [];
        return word === "" ? [] : [{ page, script: word === "run" ? (name ?? "") : word }];
      });
      expect(asked.map(({ script }) => script)).to.include.members(["start", "test"]);
      expect(asked.filter(({ script }) => scripts[script] === undefined)).to.deep.equal([]);
    });

    it("are commands and options of lumen where lumen runs them", () => {
      const asked = commands.flatMap(({ page, line }) => {
        const words = /\bnpx lumen (.*)$/.exec(line)?.[1];
        return words === undefined ? [] : [{ page, words }];
      });
      expect(asked.length).to.be.greaterThan(10);
      expect(asked.flatMap(({ page, words }) => problemsOf(words).map((problem) => `${page}: lumen ${words}: ${problem}`))).to.deep.equal([]);
    });

    function problemsOf(words: string): string[] {
      let command: Command = buildProgram();
      const rest = words.match(/"[^"]*"|\S+/g) ?? [];
      while (command.commands.length > 0) {
        const name = rest.shift() ?? "";
        const next = command.commands.find((one) => one.name() === name);
        if (!next) return [`there is no command '${name}'`];
        command = next;
      }
      const flags = rest.filter((word) => word.startsWith("--"));
      return flags.filter((flag) => !command.options.some(({ long }) => long === flag)).map((flag) => `there is no option ${flag}`);
    }
  });

  it("names tests in docs/reference-coverage.md that there are, by file and title", () => {
    const named = [...read("docs/reference-coverage.md").matchAll(/`([\w/.-]+\.test\.ts)`(?:: ([^;|()]+))?/g)].map(([, file = "", title = ""]) => ({ file, title: title.trim() }));
    expect(named.length).to.be.greaterThan(30);
    const wrong = named.filter(({ file, title }) => !existsSync(path.join(root, file)) || (/^(?:P\d+ to|A\d+, A\d+$)/.test(title) ? false : !read(file).includes(title)));
    expect(wrong).to.deep.equal([]);
  });

  describe("docs/wire.md", () => {
    const numbers = [...read("docs/wire.md").matchAll(/^\*\*W(\d+)\./gm)].map((match) => Number(match[1]));

    it("numbers its clauses once each", () => {
      expect(numbers).to.deep.equal([...new Set(numbers)]).and.not.to.be.empty;
    });

    it("has every clause that is cited", () => {
      const citing = [...CODE, ...filesIn("tests", (file) => file.endsWith(".ts")), ...PAGES];
      const cited = citing.flatMap((file) => [...read(file).matchAll(/\bW(\d+)\b/g)].map((match) => Number(match[1])));
      expect([...new Set(cited)].filter((number) => !numbers.includes(number))).to.deep.equal([]);
    });
  });

  describe("the example of docs/writing-a-plugin.md", () => {
    let example: CompiledExample;
    before(function () {
      this.timeout(120_000);
      const blocks = fencesOf(read("docs/writing-a-plugin.md")).filter(({ language }) => language === "ts");
      const [schema = "", policy = "", index = "", test = ""] = blocks.map(({ text }) => text);
      example = compileExample({ "schema.ts": schema, "policy.ts": policy, "index.ts": index, "example.test.ts": test });
    });
    after(() => example.remove());

    it("compiles as it stands", () => {
      expect(example.faults).to.deep.equal([]);
    });

    it("is a plugin that the host can load", () => {
      const plugin = example.load("index.js") as { policies: readonly string[]; version: string; init: unknown; schema: object };
      expect(plugin.policies).to.deep.equal(["opening-hours"]);
      expect(plugin.init).to.be.a("function");
      expect(plugin.schema).to.be.an("object");
    });

    it("does what the page says of it", async () => {
      const { openingHours } = example.load("policy.js") as { openingHours: PolicyDefinition };
      const at = (time: string) => runPolicy(openingHours, { model: modelOf({ name: "dummy" }), services: { clock: () => Date.parse(`2026-03-02T${time}Z`) } });
      const open = await at("08:00");
      expect(open).to.include({ nexted: true });
      expect(open.headers["x-opening-hours"]).to.equal("8:00 to 18:00 (UTC)");
      expect(await at("18:00")).to.include({ nexted: false, status: 403, code: "model_access_denied" });
    });
  });
});
