import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { projectRoot } from "../../core/environment";
import { createStoreDatabase, type TestDatabase } from "./postgresDatabases";
import { testEngine, type TestEngine } from "./testEngine";
import type { Held } from "./processProbe";

export interface LumenOptions {
  /** The text of config.yaml; default: the shipped file. */
  readonly config?: string;
  /** The text of gateway.config.yml; default: the shipped file. */
  readonly gatewayConfig?: string;
  readonly systemConfig?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What it keeps everything in; default: the engine of this run. Named by tests that are about one of them. */
  readonly store?: TestEngine;
}

/** A real gateway in a process and a folder of its own, with the command line that goes with it. */
export interface LumenProcess {
  readonly folder: string;
  readonly configFile: string;
  readonly gatewayConfigFile: string;
  readonly env: NodeJS.ProcessEnv;
  /** `http://127.0.0.1:12345`, once it is ready. */
  readonly url: string;
  readonly child: ChildProcess;
  /** Everything it has printed, log lines too. */
  output(): string;
  /** Resolves with the first printed line that holds this; also one that was printed before. */
  printed(what: string | RegExp): Promise<string>;
  /** Runs `lumen …` with the same folders; resolves with what it printed. */
  cli(...args: string[]): Promise<CliResult>;
  /** As `cli` with `--json`, parsed. @throws when it fails */
  json<T = Record<string, unknown>>(...args: string[]): Promise<T>;
  /** A client with one key. */
  newKey(client: string): Promise<string>;
  /** Starts it again on the same folder after `stop` or `kill`. */
  start(): Promise<void>;
  /** What it holds now, after a collection. */
  held(): Promise<Held>;
  /** SIGTERM. @returns the exit code */
  stop(): Promise<number | null>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Stops and removes the folder, and the database. */
  remove(): Promise<void>;
}

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const isHeld = (line: string) => line.startsWith("held ");
const PROBE = path.join(__dirname, "processProbe.js");
const READY = /Lumen is ready at (http:\/\/\S+)/;

/** Makes the folder and starts the gateway. @throws with its output when it refuses to start */
export async function startLumenProcess(options: LumenOptions = {}): Promise<LumenProcess> {
  const lumen = await prepareLumen(options);
  await lumen.start().catch(async (error: unknown) => {
    await lumen.remove();
    throw error;
  });
  return lumen;
}

/** Makes the folder without starting anything: for starts that must fail, and for the command line alone. */
export async function prepareLumen(options: LumenOptions = {}): Promise<LumenProcess> {
  const folder = await mkdtemp(path.join(tmpdir(), "lumen-test-"));
  const root = projectRoot();
  const place = async (text: string | undefined, name: string) => {
    if (text === undefined) return path.join(root, name);
    const file = path.join(folder, name);
    await writeFile(file, text);
    return file;
  };
  const configFile = await place(options.config, "config.yaml");
  const gatewayConfigFile = await place(options.gatewayConfig, "gateway.config.yml");
  const systemConfigFile = await place(options.systemConfig, "system.config.yml");
  // One that is to run on the store of another is told its address.
  const database = (options.store ?? testEngine()) === "postgres" && options.env?.["LUMEN_STORE_URL"] === undefined ? await createStoreDatabase() : undefined;
  const env = {
    ...process.env,
    PORT: "0",
    HOST: "127.0.0.1",
    LUMEN_CONFIG: configFile,
    LUMEN_GATEWAY_CONFIG: gatewayConfigFile,
    LUMEN_SYSTEM_CONFIG: systemConfigFile,
    LUMEN_DATA: path.join(folder, "data"),
    LUMEN_STORE_URL: database?.url ?? "",
    // Tests ask nobody on the network for pictures.
    LUMEN_GRAVATAR_URL: "",
    ...options.env,
  };
  return new Lumen(folder, configFile, gatewayConfigFile, env, database);
}

class Lumen implements LumenProcess {
  url = "";
  child!: ChildProcess;
  private lines: string[] = [];
  private readonly waiting = new Set<(line: string) => void>();
  private exited: Promise<number | null> = Promise.resolve(null);

  constructor(
    readonly folder: string,
    readonly configFile: string,
    readonly gatewayConfigFile: string,
    readonly env: NodeJS.ProcessEnv,
    private readonly database: TestDatabase | undefined,
  ) {}

  async start(): Promise<void> {
    this.child = spawn(process.execPath, ["--require", PROBE, path.join(projectRoot(), "dist/server.js")], { env: this.env, stdio: ["ignore", "pipe", "pipe"] });
    this.lines = [];
    const hear = (line: string) => {
      this.lines.push(line);
      for (const wake of [...this.waiting]) wake(line);
    };
    for (const stream of [this.child.stdout, this.child.stderr]) if (stream) createInterface({ input: stream }).on("line", hear);
    this.exited = new Promise((resolve) => this.child.once("close", (code) => resolve(code)));
    const ready = this.printed("Lumen is ready at");
    const died = this.exited.then((code) => Promise.reject(new Error(`it ended with ${code}:\n${this.output()}`)));
    const line = await Promise.race([ready, died]);
    died.catch(() => undefined);
    this.url = READY.exec(line)?.[1] ?? "";
  }

  output(): string {
    return this.lines.join("\n");
  }

  printed(what: string | RegExp): Promise<string> {
    const holds = (line: string) => (typeof what === "string" ? line.includes(what) : what.test(line));
    const before = this.lines.find(holds);
    if (before !== undefined) return Promise.resolve(before);
    return new Promise((resolve) => {
      const wake = (line: string) => {
        if (!holds(line)) return;
        this.waiting.delete(wake);
        resolve(line);
      };
      this.waiting.add(wake);
    });
  }

  cli(...args: string[]): Promise<CliResult> {
    return new Promise((resolve) => {
      execFile(process.execPath, [path.join(projectRoot(), "bin/lumen.js"), ...args], { env: this.env }, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
      });
    });
  }

  async json<T>(...args: string[]): Promise<T> {
    const { code, stdout, stderr } = await this.cli(...args, "--json");
    if (code !== 0) throw new Error(`lumen ${args.join(" ")} ended with ${code}: ${stderr}${stdout}`);
    return JSON.parse(stdout) as T;
  }

  async newKey(client: string): Promise<string> {
    await this.json("client", "create", client);
    const { key } = await this.json<{ key: string }>("key", "create", "--client", client, "--name", "test");
    return key;
  }

  async held(): Promise<Held> {
    const asked = this.lines.length;
    this.child.kill("SIGUSR2");
    let line = this.lines.slice(asked).find(isHeld);
    while (line === undefined) line = await new Promise<string | undefined>((resolve) => {
      const wake = (heard: string) => {
        this.waiting.delete(wake);
        resolve(isHeld(heard) ? heard : undefined);
      };
      this.waiting.add(wake);
    });
    return JSON.parse(line.slice("held ".length)) as Held;
  }

  async stop(): Promise<number | null> {
    this.child.kill("SIGTERM");
    return this.exited;
  }

  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exited;
  }

  async remove(): Promise<void> {
    if (this.child?.exitCode === null && this.child.signalCode === null) await this.kill();
    await this.database?.drop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
