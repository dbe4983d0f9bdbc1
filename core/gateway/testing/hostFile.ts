import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/** For one `describe`: files in a folder of its own. */
export class TestFolder {
  path = "";

  constructor() {
    before(async () => (this.path = await mkdtemp(path.join(tmpdir(), "lumen-host-"))));
    after(() => rm(this.path, { recursive: true, force: true }));
  }

  async write(name: string, text: string): Promise<string> {
    const file = path.join(this.path, name);
    await writeFile(file, text);
    return file;
  }
}
