// Preloaded into a process under test (`node --require`): on SIGUSR2 it collects garbage and prints what is left.
import { subscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What a process holds at one moment. */
export interface Held {
  /** Bytes, after a collection. */
  readonly heapUsed: number;
  readonly rss: number;
  /** Open connections, from callers and to servers, idle ones too. */
  readonly sockets: number;
}

setFlagsFromString("--expose_gc");
const collect = runInNewContext("gc") as () => void;

const sockets = new Set<Socket>();
const count = (message: unknown): void => {
  const { socket } = message as { socket: Socket };
  sockets.add(socket);
  socket.once("close", () => sockets.delete(socket));
};
subscribe("net.client.socket", count);
subscribe("net.server.socket", count);

process.on("SIGUSR2", () => {
  collect();
  const { heapUsed, rss } = process.memoryUsage();
  const held: Held = { heapUsed, rss, sockets: sockets.size };
  process.stdout.write(`held ${JSON.stringify({ ...held, at: process.hrtime.bigint().toString() })}\n`);
});
