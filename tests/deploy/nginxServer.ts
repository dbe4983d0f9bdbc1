import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { TEST_CERTIFICATE, TEST_CERTIFICATE_KEY } from "../../core/adapters/upstream/testServers";
import { projectRoot } from "../../core/environment";
import { freePort } from "../support/postgresServer";

/** deploy/nginx.conf at work. */
export interface NginxServer {
  /** `https://127.0.0.1:12345`, with the certificate of the tests. */
  readonly url: string;
  /** The same without TLS. */
  readonly plainUrl: string;
  close(): Promise<void>;
}

export function findNginx(): string | undefined {
  const folders = ["/usr/sbin", "/usr/local/sbin", ...(process.env["PATH"] ?? "").split(path.delimiter)];
  return folders.map((folder) => path.join(folder, "nginx")).find((file) => existsSync(file));
}

/** Use in place of `describe` for what needs nginx: without one it is skipped, saying so. */
export function describeBehindNginx(title: string, tests: (this: Mocha.Suite) => void): void {
  if (findNginx() !== undefined) describe(title, tests);
  else describe.skip(`${title} (skipped: no nginx found; install nginx-light)`, tests);
}

/**
 * Starts nginx with deploy/nginx.conf in front of two servers of this machine. Nothing is changed but addresses and folders.
 * @throws Error with what nginx says against the file
 */
export async function startNginx(ports: readonly [number, number]): Promise<NginxServer> {
  const program = findNginx();
  if (program === undefined) throw new Error("no nginx was found");
  const folder = await mkdtemp(path.join(tmpdir(), "lumen-nginx-"));
  await chmod(folder, 0o755);
  await mkdir(path.join(folder, "tls"));
  await writeFile(path.join(folder, "tls/fullchain.pem"), TEST_CERTIFICATE);
  await writeFile(path.join(folder, "tls/privkey.pem"), TEST_CERTIFICATE_KEY, { mode: 0o600 });
  const [plain, tls] = [await freePort(), await freePort()];
  const file = path.join(folder, "nginx.conf");
  const replaced: readonly (readonly [string, string])[] = [
    ["/tmp/", `${folder}/`],
    ["gateway-1:8080", `127.0.0.1:${ports[0]}`], ["gateway-2:8080", `127.0.0.1:${ports[1]}`],
    ["listen 80 ", `listen 127.0.0.1:${plain} `], ["listen 443 ", `listen 127.0.0.1:${tls} `],
    ["/etc/nginx/tls", path.join(folder, "tls")],
    // The line that it works is one of level notice.
    ["error_log stderr warn", "error_log stderr notice"],
  ];
  let text = await readFile(path.join(projectRoot(), "deploy/nginx.conf"), "utf8");
  for (const [from, to] of replaced) {
    if (!text.includes(from)) throw new Error(`deploy/nginx.conf has no ${from}`);
    text = text.replaceAll(from, to);
  }
  await writeFile(file, text);
  execFileSync(program, ["-t", "-q", "-c", file], { stdio: "pipe" });
  const child = spawn(program, ["-c", file, "-g", "daemon off;"], { stdio: ["ignore", "ignore", "pipe"] });
  await working(child);
  return {
    url: `https://127.0.0.1:${tls}`,
    plainUrl: `http://127.0.0.1:${plain}`,
    close: async () => {
      const ended = once(child, "close");
      child.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function working(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    child.once("close", (code) => reject(new Error(`nginx ended with ${code}:\n${said.join("\n")}`)));
    if (!child.stderr) return reject(new Error("nginx has no voice"));
    createInterface({ input: child.stderr }).on("line", (line) => {
      said.push(line);
      if (line.includes("start worker process ")) resolve();
    });
  });
}
