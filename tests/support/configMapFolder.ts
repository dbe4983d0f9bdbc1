import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";

/**
 * A folder into which a ConfigMap is mounted. Each version is published as the kubelet does: a new folder, a link to it, and a rename
 * over `..data`; the old folder is removed. `config.yaml` is a link through `..data` that never changes.
 * @returns publishes a text as the next version of config.yaml
 */
export async function configMapFolder(folder: string): Promise<(text: string) => Promise<void>> {
  let count = 0;
  await symlink(path.join("..data", "config.yaml"), path.join(folder, "config.yaml"));
  return async (text) => {
    const old = `..version-${count}`;
    count += 1;
    const next = `..version-${count}`;
    await mkdir(path.join(folder, next));
    await writeFile(path.join(folder, next, "config.yaml"), text);
    await symlink(next, path.join(folder, "..data_tmp"));
    await rename(path.join(folder, "..data_tmp"), path.join(folder, "..data"));
    await rm(path.join(folder, old), { recursive: true, force: true });
  };
}
