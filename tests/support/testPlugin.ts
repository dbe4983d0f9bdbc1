import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { readFileSync } from "node:fs";
import { projectRoot } from "../../core/environment";

/** The text of a shipped file, for a test to change a part of it. */
export function shipped(name: string): string {
  return readFileSync(path.join(projectRoot(), name), "utf8");
}

/** Where the compiled code of this run is. */
const COMPILED = path.resolve(__dirname, "../..");

/** Writes a plugin in plain JavaScript, as an operator would add one. @returns the `package` line for system.config.yml */
export async function writePlugin(folder: string, name: string, source: string): Promise<string> {
  const home = path.join(folder, "plugins", name);
  await mkdir(home, { recursive: true });
  const head = `const { definePlugin, definePolicy } = require(${JSON.stringify(path.join(COMPILED, "core/gateway/definePlugin"))});\n`;
  await writeFile(path.join(home, "index.js"), head + source);
  return home;
}

/** system.config.yml with one more plugin. */
export function withPlugin(name: string, location: string): string {
  return shipped("system.config.yml").replace("plugins:\n", `plugins:\n  ${name}:\n    package: ${location}\n`);
}

/** gateway.config.yml with a policy declared, and put before another one in the inference pipeline. */
export function withPolicy(policy: string, before: string, step = ""): string {
  return shipped("gateway.config.yml")
    .replace("policies:\n  - lumen-key-auth\n", `policies:\n  - ${policy}\n  - lumen-key-auth\n`)
    .replace(`      - ${before}:\n`, `      - ${policy}:${step}\n      - ${before}:\n`);
}
