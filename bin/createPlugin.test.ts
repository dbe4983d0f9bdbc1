import { expect } from "chai";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import ts from "typescript";
import { projectRoot } from "../core/environment";
import { CliError } from "./cliError";
import { createPlugin } from "./createPlugin";

const root = projectRoot();

describe("createPlugin", () => {
  let into: string;
  const taken = new Set(["cors"]);
  const create = (name: string) => createPlugin({ name, root, taken, into });
  beforeEach(async () => (into = await mkdtemp(path.join(tmpdir(), "lumen-plugin-"))));
  afterEach(() => rm(into, { recursive: true }));

  it("makes the five files, with nothing of the template left in them", async () => {
    await create("opening-hours");
    const folder = path.join(into, "opening-hours");
    expect(readdirSync(folder).sort()).to.deep.equal(["README.md", "index.ts", "opening-hours.test.ts", "policy.ts", "schema.ts"]);
    for (const file of readdirSync(folder)) expect(readFileSync(path.join(folder, file), "utf8")).to.not.include("__");
    expect(readFileSync(path.join(folder, "policy.ts"), "utf8")).to.include("export const openingHours = definePolicy(");
  });

  for (const name of ["", "Hours", "opening_hours", "9hours", "-x", "x-", "a/../b", "x".repeat(41), "cors"]) {
    it(`refuses the name ${JSON.stringify(name)}`, async () => {
      const thrown = await create(name).catch((error: unknown) => error);
      expect(thrown).to.be.instanceOf(CliError);
      expect(readdirSync(into)).to.deep.equal([]);
    });
  }

  it("leaves a plugin alone that is there", async () => {
    await create("hours");
    expect(await create("hours").catch((error: unknown) => error)).to.be.instanceOf(CliError);
  });

  it("makes a plugin that the compiler accepts as strictly as the project's own", async function () {
    this.timeout(120_000);
    // As if it stood in plugins/, without writing there: other tests read that folder.
    const standsIn = path.join(root, "plugins", "import");
    const made = new Map((await create("import")).filter((file) => file.endsWith(".ts")).map((file) => [path.join(standsIn, path.basename(file)), readFileSync(file, "utf8")]));
    const config = ts.readConfigFile(path.join(root, "tsconfig.json"), (file) => ts.sys.readFile(file)).config as object;
    const parsed = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root);
    const options = { ...parsed.options, noEmit: true, incremental: false, tsBuildInfoFile: undefined };
    const disk = ts.createCompilerHost(options);
    const program = ts.createProgram([...made.keys()], options, {
      ...disk,
      fileExists: (file) => made.has(file) || disk.fileExists(file),
      directoryExists: (folder) => folder === standsIn || ts.sys.directoryExists(folder),
      readFile: (file) => made.get(file) ?? disk.readFile(file),
      getSourceFile: (file, version) => {
        const text = made.get(file);
        return text === undefined ? disk.getSourceFile(file, version) : ts.createSourceFile(file, text, version);
      },
    });
    const own = [...made.keys()].flatMap((file) => {
      const source = program.getSourceFile(file);
      return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    });
    expect(own.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))).to.deep.equal([]);
  });
});
