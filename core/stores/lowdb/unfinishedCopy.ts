import path from "node:path";
import { StoreRefused } from "../../errors/storeErrors";
import type { FilePort } from "./filePort";

/** In a folder that a copy is to fill yet: nothing may be served from it. */
const MARK = "unfinished-copy";

const markOf = (folder: string) => path.join(folder, MARK);

export async function isUnfinished(files: FilePort, folder: string): Promise<boolean> {
  return (await files.size(markOf(folder))) !== undefined;
}

/** On the disk when it resolves. */
export async function markUnfinished(files: FilePort, folder: string): Promise<void> {
  const file = await files.open(markOf(folder), "create");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await files.syncFolder(folder);
}

export async function markFinished(files: FilePort, folder: string): Promise<void> {
  await files.remove(markOf(folder));
  await files.syncFolder(folder);
}

/** @throws StoreRefused with what to do */
export async function refuseUnfinished(files: FilePort, folder: string): Promise<void> {
  if (!(await isUnfinished(files, folder))) return;
  throw new StoreRefused(`${folder} holds an unfinished copy of a store: run the same "lumen store copy" again, which begins anew, or remove the folder`);
}
