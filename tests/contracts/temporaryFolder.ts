import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/** A folder of its own for each test of the suite that calls this, removed after it. */
export function temporaryFolder(): () => string {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "lumen-store-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  return () => folder;
}
