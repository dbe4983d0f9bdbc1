import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with a configuration and a data folder of its own, and the command line in a process of its own. */
export interface CliTrial {
  readonly folder: string;
  readonly dataFolder: string;
  readonly configFile: string;
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Run>;
  /** As `run` with `--json`. @throws unless it exits with 0 */
  json<T = Record<string, unknown>>(args: readonly string[]): Promise<T>;
  remove(): Promise<void>;
}

export const TRIAL_CONFIG = `version: 2
defaults:
  models: {access: whitelist}
  tokens: {max: 100, refresh: 1}
clients:
  shut: {model_access: {blacklist: [dummy], default: whitelist}}
models:
  - name: dummy
    input_cost_per_million: 0.5
    output_cost_per_million: 1.0
    endpoints: [{url: "demo:"}]
  - name: asking
    needs_ack: true
    ack_message: Be kind.
    input_cost_per_million: 0.5
    output_cost_per_million: 1.0
    endpoints: [{url: "demo:"}]
`;

export async function cliTrial(config = TRIAL_CONFIG): Promise<CliTrial> {
  const folder = await mkdtemp(path.join(tmpdir(), "lumen-cli-"));
  const configFile = path.join(folder, "config.yaml");
  const dataFolder = path.join(folder, "data");
  await writeFile(configFile, config);
  const { LUMEN_PEPPER: _pepper, ...inherited } = process.env;
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    start(args, folder, { ...inherited, LUMEN_CONFIG: configFile, LUMEN_DATA: dataFolder, ...env });
  return {
    folder, dataFolder, configFile, run,
    json: async <T>(args: readonly string[]) => {
      const { code, stdout, stderr } = await run([...args, "--json"]);
      if (code !== 0) throw new Error(`lumen ${args.join(" ")} exited with ${code}: ${stderr}`);
      return JSON.parse(stdout) as T;
    },
    remove: () => rm(folder, { recursive: true }),
  };
}

function start(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(__dirname, "..", "lumen.js"), ...args], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (piece: string) => (stdout += piece));
    child.stderr.setEncoding("utf8").on("data", (piece: string) => (stderr += piece));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}
