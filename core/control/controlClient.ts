import { request } from "node:http";
import { connect } from "node:net";
import type { CommandResult, Commands } from "./types";

/** A running server's commands, as far away as its socket. */
export interface ControlClient extends Commands {
  /** Does a living server listen there? */
  isListening(): Promise<boolean>;
}

export function controlClient(socketPath: string): ControlClient {
  return {
    isListening: () => isListening(socketPath),
    run: (name, input) => post(socketPath, name, input),
  };
}

function isListening(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    const end = (alive: boolean) => {
      socket.destroy();
      resolve(alive);
    };
    socket.once("connect", () => end(true));
    // Anything but "nobody there" means that somebody may be: then a second server must not begin.
    socket.once("error", (error: NodeJS.ErrnoException) => end(!["ENOENT", "ECONNREFUSED", "ENOTSOCK"].includes(error.code ?? "")));
  });
}

function post(socketPath: string, name: string, input: unknown): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const body = JSON.stringify(input ?? {});
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const req = request({ socketPath, method: "POST", path: `/${name}`, headers, agent: false }, (res) => {
      const pieces: Buffer[] = [];
      res.on("data", (piece: Buffer) => pieces.push(piece));
      res.on("error", reject);
      res.on("end", () => {
        const result = parseResult(Buffer.concat(pieces).toString("utf8"));
        if (result) resolve(result);
        else reject(new Error(`the server at ${socketPath} did not answer as a Lumen server does`));
      });
    });
    req.on("error", (error) => reject(new Error(`the server at ${socketPath} broke off: ${error.message}`, { cause: error })));
    req.end(body);
  });
}

function parseResult(text: string): CommandResult | undefined {
  try {
    const result = JSON.parse(text) as Partial<CommandResult> | null;
    return typeof result?.ok === "boolean" ? (result as CommandResult) : undefined;
  } catch {
    return undefined;
  }
}
