import { execFile, spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

/** A PostgreSQL of our own, in a temporary folder, on a port of its own on loopback. */
export interface PostgresServer {
  /** Where it keeps everything. */
  readonly folder: string;
  readonly port: number;
  /** Of its first process, while it runs. */
  readonly pid: number;
  /** Of the database `postgres`, as the superuser. */
  readonly url: string;
  /** Ends it as an administrator does (connections are ended, all is written), or as `kill -9` of all its processes does. */
  stop(how?: "fast" | "kill"): Promise<void>;
  /** Starts it again over the same data, on the same port. */
  start(): Promise<void>;
  restart(): Promise<void>;
  /** Stands still: connections stay open and nobody answers. */
  pause(): void;
  resume(): void;
  /** Ends it and removes its folder. */
  close(): Promise<void>;
}

export interface PostgresServerOptions {
  /** Writes reach the disk before they are acknowledged, as in production; default: they do not, for speed. */
  readonly durable?: boolean;
  /** Further settings of postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
}

const run = promisify(execFile);
const USER = "lumen";
const PACKAGES = "/usr/lib/postgresql";
const READY = "database system is ready to accept connections";
/** Rows sort by the rules of a language here, as they may in production: what the engine pages over must not hang on that. */
const INITDB = ["--no-sync", "--encoding=UTF8", "--no-locale", "--locale-provider=icu", "--icu-locale=en", "--wal-segsize=4", "--auth=scram-sha-256", `--username=${USER}`];
const SETTINGS = { max_connections: "300", shared_buffers: "64MB", max_wal_senders: "0", wal_level: "minimal", jit: "off", listen_addresses: "127.0.0.1", log_checkpoints: "off" };
const UNSAFE = { fsync: "off", full_page_writes: "off" };

/**
 * Ends what runs in its folder once its input ends, which it does when the tests' process is gone, however it went. A
 * server that stands still is woken first; it ends its own processes, those that stand still after 5 s.
 */
const WATCHDOG = `
read -r _
pid=$(head -n 1 data/postmaster.pid 2>/dev/null)
if [ -n "$pid" ]; then
  kill -CONT "$pid"; kill -QUIT "$pid"
  for _ in $(seq 100); do [ -e data/postmaster.pid ] || break; sleep 0.1; done
fi
folder=$PWD; cd /; exec rm -rf "$folder"`;

/** The folder of PostgreSQL's programs: the newest of Debian's packages, else where PATH has them. */
export function findPostgresPrograms(): string | undefined {
  const versions = existsSync(PACKAGES) ? readdirSync(PACKAGES).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => path.join(PACKAGES, version, "bin")), ...(process.env["PATH"] ?? "").split(path.delimiter)];
  return folders.find((folder) => ["initdb", "postgres"].every((name) => existsSync(path.join(folder, name))));
}

/** Use in place of `describe` for what stops and starts a server of our own: without the programs it is skipped, saying so. */
export function describeOnOwnPostgres(title: string, tests: (this: Mocha.Suite) => void): void {
  if (findPostgresPrograms() !== undefined) describe(title, tests);
  else describe.skip(`${title} (skipped: no programs of PostgreSQL found; install postgresql)`, tests);
}

/** Whom the server runs as: it refuses to run as root, where the package's own user takes over. Undefined: as we do. */
function unprivileged(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const line = readFileSync("/etc/passwd", "utf8").split("\n").find((each) => each.startsWith("postgres:"));
  if (line === undefined) throw new Error("PostgreSQL does not run as root, and there is no user postgres");
  const [, , uid, gid] = line.split(":");
  return { uid: Number(uid), gid: Number(gid) };
}

/** @throws where there are no programs, or the server does not start, with what it said */
export async function startPostgresServer(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const programs = findPostgresPrograms();
  if (programs === undefined) throw new Error("no PostgreSQL was found");
  const user = unprivileged();
  const folder = await mkdtemp(path.join(tmpdir(), "lumen-postgres-"));
  if (user) chownSync(folder, user.uid, user.gid);
  // A session of its own: an interrupt from the terminal reaches neither it nor the server.
  const watchdog = spawn("/bin/sh", ["-c", WATCHDOG], { cwd: folder, stdio: ["pipe", "ignore", "ignore"], detached: true, ...user });
  letGo(watchdog);
  const server = new Server(programs, folder, await freePort(), user, watchdog);
  try {
    await server.initialise({ ...SETTINGS, ...(options.durable ? {} : UNSAFE), ...options.settings });
    await server.start();
    return server;
  } catch (error) {
    await server.close();
    throw error;
  }
}

class Server implements PostgresServer {
  private readonly password = randomBytes(12).toString("hex");
  private readonly data: string;
  private child: ChildProcess | undefined;

  constructor(
    private readonly programs: string,
    readonly folder: string,
    readonly port: number,
    private readonly user: { readonly uid: number; readonly gid: number } | undefined,
    private readonly watchdog: ChildProcess,
  ) {
    this.data = path.join(folder, "data");
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  get url(): string {
    return `postgres://${USER}:${this.password}@127.0.0.1:${this.port}/postgres`;
  }

  async initialise(settings: Readonly<Record<string, string>>): Promise<void> {
    const passwordFile = path.join(this.folder, "password");
    writeFileSync(passwordFile, this.password);
    if (this.user) chownSync(passwordFile, this.user.uid, this.user.gid);
    chmodSync(passwordFile, 0o600);
    await run(path.join(this.programs, "initdb"), [...INITDB, `--pwfile=${passwordFile}`, `--pgdata=${this.data}`], { cwd: this.folder, ...this.user });
    const all = { ...settings, port: String(this.port), unix_socket_directories: this.folder };
    writeFileSync(path.join(this.data, "postgresql.auto.conf"), Object.entries(all).map(([name, value]) => `${name} = '${value}'\n`).join(""));
  }

  async start(): Promise<void> {
    const child = spawn(path.join(this.programs, "postgres"), ["-D", this.data], { cwd: this.folder, stdio: ["ignore", "ignore", "pipe"], detached: true, ...this.user });
    let said = "";
    const ready = new Promise<void>((resolve, reject) => {
      child.stderr?.setEncoding("utf8").on("data", (text: string) => {
        said = (said + text).slice(-10_000);
        if (said.includes(READY)) resolve();
      });
      child.once("error", reject);
      child.once("close", (code) => reject(new Error(`PostgreSQL ended with ${code}:\n${said}`)));
    });
    this.child = child;
    await ready;
    letGo(child);
  }

  async stop(how: "fast" | "kill" = "fast"): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.ref();
    const closed = once(child, "close");
    if (how === "fast") child.kill("SIGINT");
    else for (const pid of this.processes(child.pid)) signal(pid, "SIGKILL");
    await closed;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  pause(): void {
    for (const pid of this.processes()) signal(pid, "SIGSTOP");
  }

  resume(): void {
    for (const pid of this.processes().reverse()) signal(pid, "SIGCONT");
  }

  async close(): Promise<void> {
    if (this.child?.pid !== undefined) this.resume();
    await this.stop();
    this.watchdog.ref();
    const gone = once(this.watchdog, "close");
    this.watchdog.stdin?.end();
    if (this.watchdog.exitCode === null) await gone;
  }

  /** The server's process first, so that it starts no more of them while they are signalled. */
  private processes(pid = this.child?.pid): number[] {
    if (pid === undefined) throw new Error("PostgreSQL is not running");
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
    return [pid, ...children];
  }
}

/** A process that ended meanwhile is none to signal. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** What runs beside us keeps our process from ending only while something waits for it. */
function letGo(child: ChildProcess): void {
  child.unref();
  for (const stream of child.stdio) (stream as unknown as { unref?(): void } | null)?.unref?.();
}

/** A port of this machine on which nobody listens now. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
