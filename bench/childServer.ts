import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { PROBE_QUESTION, type ProbeReading } from "./probe";

/** A server in a process of its own. */
export interface ChildServer {
  /** Where it listens: `http://127.0.0.1:4711`. */
  readonly url: string;
  readonly pid: number;
  probe(): Promise<ProbeReading>;
  /** Asks it to stop and waits until it has; the signal that a service manager sends. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface ChildServerOptions {
  /** Compiled entry file. */
  readonly file: string;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly nodeArgs?: readonly string[];
  readonly cwd?: string;
  /** Takes what it prints once it is ready; dropped without it. */
  readonly output?: NodeJS.WritableStream;
  /** A Ctrl-C on the terminal does not reach it. */
  readonly detached?: boolean;
}

const READY = /ready at (http:\/\/\S+)/;
const START_MS = 60_000;
const STOP_MS = 15_000;
const KEPT_OUTPUT = 8_192;

/** Starts a server and waits for its line `… ready at http://…`; what it printed is in the error when there is none. */
export async function startChild(options: ChildServerOptions): Promise<ChildServer> {
  const child = fork(options.file, [...(options.args ?? [])], {
    execArgv: ["--require", path.join(__dirname, "probe.js"), ...(options.nodeArgs ?? [])],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    detached: options.detached ?? false,
    env: { ...process.env, NODE_ENV: "production", LOG_LEVEL: "warn", LUMEN_LOG_LEVEL: "warn", ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const stop = (signal: NodeJS.Signals = "SIGTERM") => stopChild(child, signal);
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
  try {
    return { url: await readyUrl(child, options), pid: child.pid ?? 0, probe: () => probe(child), stop };
  } catch (error) {
    await stop("SIGKILL");
    throw error;
  }
}

function readyUrl(child: ChildProcess, { file, output: target }: ChildServerOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    const fail = (why: string) => reject(new Error(`${path.basename(file)} ${why}\n${output}`));
    const late = setTimeout(() => fail(`was not ready in ${START_MS} ms`), START_MS);
    const read = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-KEPT_OUTPUT);
      const url = READY.exec(output)?.[1];
      if (url === undefined) return;
      clearTimeout(late);
      resolve(url);
      child.stdout?.off("data", read);
      // Where nobody wants what it prints, its pipe must not fill up all the same.
      if (target) child.stdout?.pipe(target);
      else child.stdout?.resume();
      child.stderr?.off("data", read).pipe(process.stderr);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("exit", (code) => {
      clearTimeout(late);
      fail(`ended with ${code} before it was ready`);
    });
  });
}

async function probe(child: ChildProcess): Promise<ProbeReading> {
  child.send(PROBE_QUESTION);
  const [reading] = (await once(child, "message")) as [ProbeReading];
  return reading;
}

async function stopChild(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill(signal);
  const force = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await ended;
  clearTimeout(force);
}
