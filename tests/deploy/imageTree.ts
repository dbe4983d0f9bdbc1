import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, cp, mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { environmentOf, execForm, type Stage } from "./dockerfile";

/** The image as folders: its `/app`, and what is mounted into it. */
export interface ImageTree {
  /** Starts what ENTRYPOINT and CMD say, on a free port of this machine. */
  start(): Promise<{ readonly port: string; stop(): Promise<number | null> }>;
  /** Runs a command as the process's user, with its variables. */
  run(command: readonly string[], env?: Readonly<Record<string, string>>): Promise<{ readonly code: number; readonly stdout: string }>;
  /** Files of the program that are others than after the build. */
  written(): Promise<string[]>;
  remove(): Promise<void>;
}

/** Nobody, where we may become that; else ourselves, without the right to write. */
const asOther = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/**
 * Takes the steps of the last stage: what comes from the stage `build` is taken from the project, which is built, as far as the builder
 * would have it; packages are installed as the stage `packages` says, from npm's cache where they are in it.
 */
export async function installImage(root: string, image: Stage, inContext: (file: string) => boolean): Promise<ImageTree> {
  const folder = await mkdtemp(path.join(tmpdir(), "lumen-image-"));
  const app = path.join(folder, "app");
  await mkdir(app);
  for (const file of ["package.json", "package-lock.json"]) await cp(path.join(root, file), path.join(app, file));
  const installing = promisify(execFile)("npm", ["ci", "--omit=dev", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"], { cwd: app });
  await Promise.all([installing, ...copies(image).map(({ from, to }) => copyBuilt(root, app, from, to, inContext))]);
  await rm(path.join(app, "package-lock.json"));
  for (const name of ["data-volume", "etc"]) await mkdir(path.join(folder, name));
  await cp(path.join(root, "config.yaml"), path.join(folder, "etc/config.yaml"));
  await closeTree(folder, app);
  return new InstalledTree(folder, app, image, await listing(app));
}

function copies({ instructions }: Stage): { from: string; to: string }[] {
  return instructions.filter(({ name, flags }) => name === "COPY" && flags["from"] === "build").flatMap(({ text }) => {
    const words = text.split(/\s+/).map((word) => word.replace(/^\/app\//, ""));
    const target = words.pop() ?? "";
    return words.map((from) => ({ from, to: target.endsWith("/") ? path.join(target, path.basename(from)) : target }));
  });
}

/** Of what is compiled, that of which the builder has the source. */
async function copyBuilt(root: string, app: string, from: string, to: string, inContext: (file: string) => boolean): Promise<void> {
  const wanted = (file: string) => {
    const relative = path.relative(root, file);
    const source = relative.replace(/^dist\//, "").replace(/\.js(\.map)?$/, ".ts");
    return relative === from || relative === "dist" || !/\.\w+$/.test(relative) || inContext(relative.startsWith("dist/") ? source : relative);
  };
  await cp(path.join(root, from), path.join(app, to), { recursive: true, filter: wanted });
}

/** Readable for everybody, writable for nobody who runs it; but the volume is theirs. */
async function closeTree(folder: string, app: string): Promise<void> {
  await chmod(folder, 0o755);
  const volume = path.join(folder, "data-volume");
  if (asOther.uid !== undefined) await chown(volume, asOther.uid, asOther.gid);
  else await promisify(execFile)("chmod", ["-R", "a-w", app]);
  await chmod(volume, 0o700);
}

async function listing(app: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const name of await readdir(app, { recursive: true })) {
    const { mtimeNs, size } = await stat(path.join(app, name), { bigint: true });
    found.set(name, `${mtimeNs}/${size}`);
  }
  return found;
}

class InstalledTree implements ImageTree {
  private readonly env: NodeJS.ProcessEnv;

  constructor(private readonly folder: string, private readonly app: string, private readonly image: Stage, private readonly before: ReadonlyMap<string, string>) {
    const { LUMEN_CONFIG = "", LUMEN_DATA = "", ...env } = environmentOf(image);
    this.env = {
      ...env,
      PATH: process.env["PATH"],
      HOME: "/nonexistent",
      HOST: "127.0.0.1",
      PORT: "0",
      LUMEN_CONFIG: path.join(folder, "etc", path.basename(LUMEN_CONFIG)),
      LUMEN_DATA: path.join(folder, "data-volume", path.basename(LUMEN_DATA)),
      LUMEN_GRAVATAR_URL: "",
    };
  }

  /** `/app/x` of the image, and Node by the path of the one that runs. */
  private words(command: readonly string[]): [string, string[]] {
    const [program = "", ...args] = command.map((word) => word.replace(/^\/app\//, `${this.app}/`));
    return [program === "node" ? process.execPath : program, args];
  }

  async start(): Promise<{ port: string; stop(): Promise<number | null> }> {
    const instruction = (name: string) => execForm(this.image.instructions.find((one) => one.name === name)!);
    const [program, args] = this.words([...instruction("ENTRYPOINT"), ...instruction("CMD")]);
    const child = spawn(program, args, { cwd: this.app, env: this.env, stdio: ["ignore", "pipe", "pipe"], ...asOther });
    const ended = once(child, "close").then(([code]) => code as number | null);
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const ready = new Promise<string>((resolve) => {
      createInterface({ input: child.stdout }).on("line", (line) => {
        said += `${line}\n`;
        const [, port] = /Lumen is ready at http:\/\/127\.0\.0\.1:(\d+)/.exec(line) ?? [];
        if (port !== undefined) resolve(port);
      });
    });
    const port = await Promise.race([ready, ended.then((code) => Promise.reject(new Error(`it ended with ${code}:\n${said}`)))]);
    return {
      port,
      stop: () => {
        child.kill("SIGTERM");
        return ended;
      },
    };
  }

  run(command: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<{ code: number; stdout: string }> {
    const [program, args] = this.words(command);
    return new Promise((resolve) => {
      execFile(program, args, { cwd: this.app, env: { ...this.env, ...env }, ...asOther }, (error, stdout) => resolve({ code: error ? Number(error.code ?? 1) : 0, stdout }));
    });
  }

  async written(): Promise<string[]> {
    const after = await listing(this.app);
    return [...new Set([...this.before.keys(), ...after.keys()])].filter((name) => this.before.get(name) !== after.get(name));
  }

  async remove(): Promise<void> {
    if (asOther.uid === undefined) await promisify(execFile)("chmod", ["-R", "u+w", this.app]);
    await rm(this.folder, { recursive: true, force: true });
  }
}
