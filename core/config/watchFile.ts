import { readFile, stat } from "node:fs/promises";
import { watchFolders } from "./watchFolders";

/** What a watched file holds now: its text, or why it cannot be read. */
export type FileChange = { readonly text: string } | { readonly text: undefined; readonly problem: string };

export interface WatchFileOptions {
  /** The text that the caller has already; without it, the text at the time of the call. */
  readonly known?: string | undefined;
  /** How long the file must stay as it is before it is read: a half-written file is not looked at. */
  readonly settleMs?: number;
  /** How often the file is looked at where no event came (network folders, missed events). */
  readonly pollMs?: number;
  /** How long a file may be away before that is reported: editors and deployments remove and write again. */
  readonly missingMs?: number;
  /** Hears what goes wrong while watching, and what `onChange` throws. Watching goes on. */
  readonly onError?: (error: unknown) => void;
}

/** Watching ends with `close()`: no callback starts after it. It may be called from within one. */
export interface FileWatch {
  close(): Promise<void>;
}

const GONE = "gone";

/**
 * Calls back when the CONTENT of a file changed, however that came about: written in place, replaced by a rename, a
 * symlink or a ConfigMap's `..data` turned to another target (docs/rules.md R1). Calls never overlap.
 */
export async function watchFile(
  file: string,
  onChange: (change: FileChange) => void | Promise<void>,
  options: WatchFileOptions = {},
): Promise<FileWatch> {
  const { settleMs = 50, pollMs = 1000, missingMs = 1000, onError = () => undefined } = options;
  let delivered = options.known ?? (await textOf(file)).text;
  let settled: string | undefined;
  let pending: string | undefined;
  let goneSince = 0;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let closed = false;

  /** Events only start a look; what counts is that the file stayed the same between two looks. */
  const arm = (): void => {
    if (closed || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      if (running !== undefined) return arm();
      running = look()
        .catch(onError)
        .finally(() => (running = undefined));
    }, settleMs);
  };

  const look = async (): Promise<void> => {
    const now = await signatureOf(file);
    if (now === settled || closed) return;
    if (now !== pending) {
      pending = now;
      goneSince = now === GONE ? performance.now() : 0;
      return arm();
    }
    if (now === GONE && performance.now() - goneSince < missingMs) return arm();
    await folders.follow(file);
    const change = await textOf(file);
    if ((await signatureOf(file)) !== now) return arm();
    settled = now;
    if (change.text === delivered || closed) return;
    delivered = change.text;
    await onChange(change);
  };

  const folders = watchFolders(arm, onError);
  await folders.follow(file);
  const poll = setInterval(arm, pollMs).unref();
  arm();
  return {
    close: async () => {
      closed = true;
      clearInterval(poll);
      clearTimeout(timer);
      await folders.close();
    },
  };
}

/** Changes whenever the file behind the path is another, or was written to. */
async function signatureOf(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(":");
  } catch {
    return GONE;
  }
}

async function textOf(file: string): Promise<FileChange> {
  try {
    return { text: await readFile(file, "utf8") };
  } catch (error) {
    return { text: undefined, problem: error instanceof Error ? error.message : String(error) };
  }
}
