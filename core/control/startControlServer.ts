import { rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { StartRefused } from "../errors/startError";
import { controlClient } from "./controlClient";
import type { CommandResult, Commands } from "./types";

export interface ControlServer {
  /** Takes no more commands, lets the running ones end, and removes the socket. */
  close(): Promise<void>;
}

export interface ControlServerOptions {
  readonly socketPath: string;
  readonly commands: Commands;
  /** Hears what broke inside a command; the caller gets its message. */
  readonly onError?: (error: unknown) => void;
}

/** A whole configuration fits, thousands of entries included. */
const LARGEST_INPUT = 8 * 1_048_576;
const SLOWEST_READER_MS = 5_000;

/**
 * HTTP over a unix socket of mode 0600: whoever may open the socket may do everything, which is whoever may write to the
 * data folder anyway. A socket file that a dead server left behind is replaced.
 * @throws StartRefused when a server listens there already
 */
export async function startControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const { socketPath, commands, onError = () => undefined } = options;
  const running = new Set<Promise<void>>();
  const reading = new Set<IncomingMessage>();
  const server = createServer((req, res) => {
    reading.add(req);
    const work = readInput(req)
      .finally(() => reading.delete(req))
      .then((input) => answer(commands, req, input))
      .catch((error: unknown) => {
        onError(error);
        return { status: 500, result: { ok: false, message: messageOf(error) } } as const;
      })
      .then(({ status, result }) => send(res, status, result));
    running.add(work);
    void work.finally(() => running.delete(work));
  });
  await removeStale(socketPath);
  await listen(server, socketPath);
  return {
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const req of reading) req.destroy();
      await Promise.all(running);
      // What is left has sent no request: it must not hold up the end.
      server.closeAllConnections();
      await closed;
    },
  };
}

async function removeStale(socketPath: string): Promise<void> {
  if (await controlClient(socketPath).isListening()) {
    throw new StartRefused([`A Lumen server listens at ${socketPath} already. Stop it first.`]);
  }
  await rm(socketPath, { force: true });
}

/** The socket is bound within `listen`, so the mask holds for it and nothing else: nobody can connect before a chmod. */
async function listen(server: Server, socketPath: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(new StartRefused([`The control socket ${socketPath} cannot be opened: ${error.message}`])));
    const mask = process.umask(0o177);
    try {
      // Its own, also in a worker: the primary would open it with its own mask.
      server.listen({ path: socketPath, exclusive: true }, resolve);
    } finally {
      process.umask(mask);
    }
  });
}

interface Answer {
  readonly status: number;
  readonly result: CommandResult;
}

async function answer(commands: Commands, req: IncomingMessage, input: Input | undefined): Promise<Answer> {
  if (req.method !== "POST") return { status: 405, result: { ok: false, message: "Commands are POSTed." } };
  if (!input) return { status: 400, result: { ok: false, message: "The input is not JSON, or too large." } };
  return { status: 200, result: await commands.run((req.url ?? "/").slice(1), input.json) };
}

interface Input {
  readonly json: unknown;
}

async function readInput(req: IncomingMessage): Promise<Input | undefined> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of req as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size <= LARGEST_INPUT) pieces.push(piece);
  }
  if (size > LARGEST_INPUT) return undefined;
  try {
    return { json: JSON.parse(Buffer.concat(pieces).toString("utf8")) as unknown };
  } catch {
    return undefined;
  }
}

/** Resolves when the caller has the answer, or is gone, or has not read it for a while. */
function send(res: ServerResponse, status: number, result: CommandResult): Promise<void> {
  const body = JSON.stringify(result);
  return new Promise((resolve) => {
    if (res.destroyed || res.closed) return resolve();
    res.once("close", () => resolve());
    res.setTimeout(SLOWEST_READER_MS, () => res.destroy());
    res.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body), connection: "close" });
    res.end(body);
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
