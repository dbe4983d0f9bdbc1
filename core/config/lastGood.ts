import { mkdir, open, rename, rm } from "node:fs/promises";
import path from "node:path";

/** Where the last file that was in force is kept, its variables not put in. */
export function lastGoodFile(folder: string): string {
  return path.join(folder, "config.last-good.yaml");
}

/** Keeps a valid file for `lumen start --last-good`: readable for this user alone, whole or not at all. */
export async function keepLastGood(folder: string, source: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const target = lastGoodFile(folder);
  const aside = `${target}.${process.pid}.tmp`;
  try {
    const handle = await open(aside, "w", 0o600);
    try {
      await handle.writeFile(source);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(aside, target);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}
