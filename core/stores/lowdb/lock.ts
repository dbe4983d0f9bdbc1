import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import { StoreRefused } from "../../errors/storeErrors";

interface LockOwner {
  readonly token: string;
  readonly pid: number;
  /** What the system says of the start of this process: a pid is used again, a start is not. */
  readonly started: string;
  readonly host: string;
}

export interface FolderLock {
  /** The lock is ours no longer: somebody took it by force. */
  lost(): boolean;
  release(): Promise<void>;
}

const HEARTBEAT_MS = 2_000;
/** Without a heartbeat for so long, an owner on another host (or in another container) is taken for dead. */
const STALE_MS = 15_000;

/** Start time and boot of a process, where the system tells (Linux); else nothing. */
function startOf(pid: number): string {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1");
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
    // The name of the program, in brackets, may hold spaces; the start is the 20th field after it.
    return `${boot}/${fields.slice(fields.lastIndexOf(")") + 2).split(" ")[19] ?? ""}`;
  } catch {
    return "";
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function readOwner(folder: string): Promise<LockOwner | undefined> {
  try {
    return JSON.parse(await readFile(path.join(folder, "owner.json"), "utf8")) as LockOwner;
  } catch {
    return undefined;
  }
}

async function isFresh(folder: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(folder)).mtimeMs < STALE_MS;
  } catch {
    return false;
  }
}

async function isAlive(folder: string, owner: LockOwner | undefined): Promise<boolean> {
  // Made, but not yet signed: its maker has a moment to do so.
  if (!owner) return isFresh(folder);
  if (owner.host !== hostname()) return isFresh(folder);
  if (!isRunning(owner.pid)) return false;
  if (owner.started === "") return isFresh(folder);
  return startOf(owner.pid) === owner.started;
}

function inUse(data: string, owner: LockOwner | undefined): StoreRefused {
  const who = owner ? `process ${owner.pid} on ${owner.host}` : "another process";
  return new StoreRefused(
    `${data} is in use by ${who}. Stop it first, or give this one a data folder of its own (LUMEN_DATA).`,
  );
}

/**
 * Takes the data folder for this process. The lock of a dead process is taken over at once: its pid is gone, or belongs to a
 * process that started at another time.
 * @throws StoreRefused naming the process that has it
 */
export async function lockFolder(data: string): Promise<FolderLock> {
  const folder = path.join(data, "lock");
  const me: LockOwner = { token: randomUUID(), pid: process.pid, started: startOf(process.pid), host: hostname() };
  for (let tries = 0; ; tries += 1) {
    try {
      await mkdir(folder, { mode: 0o700 });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const owner = await readOwner(folder);
    if (tries > 5 || (await isAlive(folder, owner))) throw inUse(data, owner);
    // Only one of several that found it stale can rename it; what came between is put back.
    const aside = `${folder}.${me.token}`;
    try {
      await rename(folder, aside);
    } catch {
      continue;
    }
    if ((await readOwner(aside))?.token !== owner?.token) {
      await rename(aside, folder).catch(() => undefined);
      continue;
    }
    await rm(aside, { recursive: true, force: true });
  }
  await writeFile(path.join(folder, "owner.json"), JSON.stringify(me), { mode: 0o600 });
  return heartbeat(folder, me);
}

function heartbeat(folder: string, me: LockOwner): FolderLock {
  let lost = false;
  const beat = async (): Promise<void> => {
    const owner = await readOwner(folder);
    if (owner?.token !== me.token) lost = true;
    else await utimes(folder, new Date(), new Date()).catch(() => undefined);
  };
  const timer = setInterval(() => void beat(), HEARTBEAT_MS);
  timer.unref();
  return {
    lost: () => lost,
    release: async () => {
      clearInterval(timer);
      if ((await readOwner(folder))?.token === me.token) await rm(folder, { recursive: true, force: true });
    },
  };
}
