import { expect } from "chai";
import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../core/environment";

const run = promisify(execFile);

describe("bin/lumen.js", () => {
  let folder: string;
  let launcher: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "lumen-launcher-"));
    launcher = path.join(folder, "bin", "lumen.js");
    await mkdir(path.dirname(launcher));
    await copyFile(path.join(projectRoot(), "bin", "lumen.js"), launcher);
  });
  afterEach(() => rm(folder, { recursive: true }));

  const built = async (text: string) => {
    await mkdir(path.join(folder, "dist", "bin"), { recursive: true });
    await writeFile(path.join(folder, "dist", "bin", "lumen.js"), text);
  };
  const failure = async () => (await run(process.execPath, [launcher]).catch((error: unknown) => error)) as { code: number; stderr: string };

  it("says what to do where the project is not built", async () => {
    expect(await failure()).to.include({ code: 1, stderr: "Lumen is not built yet: run `npm run build` first.\n" });
  });

  it("hands its arguments to what was built", async () => {
    await built("exports.main = async (argv) => console.log(argv.slice(2).join('+'));");
    expect((await run(process.execPath, [launcher, "a", "b"])).stdout).to.equal("a+b\n");
  });

  it("does not hide that something else is missing", async () => {
    await built("require('./gone');");
    expect((await failure()).stderr).to.include("Cannot find module './gone'");
  });
});
