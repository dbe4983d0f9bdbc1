import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { StartRefused } from "../errors/startError";

/** Systems allow 104 to 108 bytes; a longer path would be cut without a word. */
const LONGEST_PATH = 100;

/** Where the server of this data folder listens for the command line. */
export function controlSocketPath(dataFolder: string): string {
  const folder = realFolder(dataFolder);
  const inside = path.join(folder, "control.sock");
  if (Buffer.byteLength(inside) <= LONGEST_PATH) return inside;
  const name = `lumen-${process.getuid?.() ?? 0}-${createHash("sha256").update(folder).digest("hex").slice(0, 16)}`;
  const short = path.join(tmpdir(), name, "control.sock");
  return Buffer.byteLength(short) <= LONGEST_PATH ? short : path.join("/tmp", name, "control.sock");
}

/**
 * Whoever can put a socket into the folder hears commands and answers them: for a folder in a place that everybody may write
 * to, both ends make sure that it is their user's alone.
 * @throws StartRefused when somebody else made it, or may write to it
 */
export function requirePrivateFolder(socketPath: string, dataFolder: string): void {
  const folder = path.dirname(socketPath);
  if (folder === realFolder(dataFolder)) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  const mine = process.getuid === undefined || found.uid === process.getuid();
  if (found.isDirectory() && mine && (found.mode & 0o077) === 0) return;
  throw new StartRefused([`${folder}: has to be a folder of this user's alone (mode 0700). Remove it and start again.`]);
}

function realFolder(dataFolder: string): string {
  try {
    return realpathSync(dataFolder);
  } catch {
    // Not made yet: its own name will do.
    return path.resolve(dataFolder);
  }
}
