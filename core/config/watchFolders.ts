import { lstat, readlink, realpath, stat } from "node:fs/promises";
import path from "node:path";
import type { FSWatcher } from "chokidar";

/** The folders whose entries decide what a path leads to. */
export interface FolderWatch {
  /** Watches the folders on the way to this file, and lets go of those that are no longer on it. */
  follow(file: string): Promise<void>;
  close(): Promise<void>;
}

const LONGEST_CHAIN = 40;

/** Calls `touched` for anything that happens in the followed folders. Folders, not files: a rename leaves a file's watch on the old inode. */
export function watchFolders(touched: () => void, onError: (error: unknown) => void): FolderWatch {
  const watchers = new Map<string, FSWatcher>();
  let closed = false;
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));

  const drop = async (key: string): Promise<void> => {
    const watcher = watchers.get(key);
    watchers.delete(key);
    await watcher?.close();
  };

  return {
    follow: async (file) => {
      const wanted = await foldersOf(file);
      await Promise.all([...watchers.keys()].filter((key) => !wanted.has(key)).map(drop));
      const { watch } = await import("chokidar");
      for (const [key, folder] of wanted) {
        if (closed || watchers.has(key)) continue;
        const watcher = watch(folder, { depth: 0, followSymlinks: false, ignoreInitial: true, ignored: (entry) => entry !== folder });
        watchers.set(key, watcher);
        watcher.on("raw", touched).on("error", onError);
        await Promise.race([released, new Promise<void>((ready) => watcher.once("ready", ready).once("error", () => ready()))]);
      }
    },
    close: async () => {
      closed = true;
      release();
      await Promise.all([...watchers.keys()].map(drop));
    },
  };
}

/** The real folder of each link from the path to the file behind it. The key holds the inode: a folder made anew is another. */
async function foldersOf(file: string): Promise<Map<string, string>> {
  const folders = new Map<string, string>();
  let next = path.resolve(file);
  for (let links = 0; links < LONGEST_CHAIN; links++) {
    try {
      await addFolder(folders, path.dirname(next));
      if (!(await lstat(next)).isSymbolicLink()) break;
      next = path.resolve(path.dirname(next), await readlink(next));
    } catch {
      break;
    }
  }
  return folders;
}

async function addFolder(folders: Map<string, string>, folder: string): Promise<void> {
  const real = await realpath(folder);
  const { dev, ino } = await stat(real);
  folders.set(`${real}:${dev}:${ino}`, real);
}
