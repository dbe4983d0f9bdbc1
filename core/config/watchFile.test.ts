import { expect } from "chai";
import { once, EventEmitter } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, truncate, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { configMapFolder } from "../../tests/support/configMapFolder";
import { type FileChange, type FileWatch, watchFile, type WatchFileOptions } from "./watchFile";

/** Only events, no polling: what the tests of single ways of writing must do with. */
const EVENTS_ONLY: WatchFileOptions = { settleMs: 10, pollMs: 3_600_000 };

describe("watchFile", () => {
  let folder: string;
  let file: string;
  let watch: FileWatch | undefined;
  let changes: FileChange[];
  let heard: EventEmitter;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "lumen-watch-"));
    file = path.join(folder, "config.yaml");
    changes = [];
    heard = new EventEmitter();
    await writeFile(file, "0");
  });

  afterEach(async () => {
    await watch?.close();
    watch = undefined;
    await rm(folder, { recursive: true, force: true });
  });

  const start = async (options: WatchFileOptions = EVENTS_ONLY): Promise<void> => {
    watch = await watchFile(file, (change) => {
      changes.push(change);
      heard.emit("change");
    }, options);
  };

  /** Resolves when the last text heard is this one. */
  const hears = async (text: string | undefined): Promise<void> => {
    while (changes.length === 0 || changes.at(-1)?.text !== text) await once(heard, "change");
  };

  const replace = async (text: string): Promise<void> => {
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
  };

  it("hears a file written in place (R1)", async () => {
    await start();
    await writeFile(file, "1");
    await hears("1");
  });

  it("hears a file replaced by a rename, again and again (R1)", async () => {
    await start();
    for (const text of ["1", "2", "3"]) {
      await replace(text);
      await hears(text);
    }
    expect(changes.map((change) => change.text)).to.deep.equal(["1", "2", "3"]);
  });

  it("hears a file deleted and written again as one change (R1)", async () => {
    await start();
    await unlink(file);
    await writeFile(file, "1");
    await hears("1");
    expect(changes).to.have.length(1);
  });

  it("hears a symlink turned to another target in another folder, and writes to that target (R1)", async () => {
    const far = path.join(folder, "far");
    await mkdir(far);
    await writeFile(path.join(far, "a"), "a");
    await writeFile(path.join(far, "b"), "b");
    await rm(file);
    await symlink(path.join(far, "a"), file);
    await start();
    await symlink(path.join(far, "b"), `${file}.new`);
    await rename(`${file}.new`, file);
    await hears("b");
    await writeFile(path.join(far, "b"), "b2");
    await hears("b2");
  });

  it("hears the ..data swap of a Kubernetes ConfigMap (R1)", async () => {
    await rm(file);
    const publish = await configMapFolder(folder);
    await publish("0");
    await start();
    await publish("1");
    await hears("1");
    await publish("2");
    await hears("2");
  });

  it("survives 200 swaps without leaving a watch behind (R1)", async () => {
    await rm(file);
    const publish = await configMapFolder(folder);
    await publish("0");
    await start({ settleMs: 1, pollMs: 3_600_000 });
    await publish("first");
    await hears("first");
    const before = await inotifyWatches();
    for (let i = 1; i <= 200; i++) {
      await publish(String(i));
      await hears(String(i));
    }
    expect(await inotifyWatches()).to.equal(before);
  });

  it("says nothing where the content stayed the same", async () => {
    await start();
    await replace("0");
    await writeFile(file, "0");
    await replace("1");
    await hears("1");
    expect(changes).to.have.length(1);
  });

  it("notices without any event, by looking now and then", async () => {
    const real = path.join(folder, "real");
    await mkdir(path.join(real, "a"), { recursive: true });
    await mkdir(path.join(real, "b"));
    await writeFile(path.join(real, "a", "config.yaml"), "a");
    await writeFile(path.join(real, "b", "config.yaml"), "b");
    await symlink(path.join(real, "a"), path.join(folder, "current"));
    file = path.join(folder, "current", "config.yaml");
    await start({ settleMs: 1, pollMs: 5 });
    await symlink(path.join(real, "b"), path.join(folder, "next"));
    await rename(path.join(folder, "next"), path.join(folder, "current"));
    await hears("b");
  });

  it("reports a file that stays away, and its return (R2)", async () => {
    await start({ ...EVENTS_ONLY, missingMs: 30 });
    await unlink(file);
    await hears(undefined);
    await writeFile(file, "0");
    await hears("0");
  });

  it("delivers at once what changed between the caller's reading and the watch", async () => {
    await start({ ...EVENTS_ONLY, known: "older" });
    await hears("0");
  });

  it("reports an emptied file as empty text, not as missing (R2)", async () => {
    await start();
    await truncate(file, 0);
    await hears("");
  });

  it("goes on after a callback that throws", async () => {
    const errors: unknown[] = [];
    let calls = 0;
    watch = await watchFile(file, () => {
      heard.emit("change");
      calls += 1;
      if (calls === 1) throw new Error("not mine");
    }, { ...EVENTS_ONLY, onError: (error) => errors.push(error) });
    const first = once(heard, "change");
    await writeFile(file, "1");
    await first;
    const second = once(heard, "change");
    await writeFile(file, "2");
    await second;
    expect(errors.map(String)).to.deep.equal(["Error: not mine"]);
  });

  it("may be closed from within its callback, and is silent afterwards", async () => {
    const closed = new Promise<void>((resolve, reject) => {
      watchFile(file, async () => {
        await watch?.close();
        resolve();
      }, EVENTS_ONLY).then((started) => (watch = started)).then(() => writeFile(file, "1")).catch(reject);
    });
    await closed;
  });
});

/** How many folders and files the kernel watches for this process; 0 where it does not say. */
async function inotifyWatches(): Promise<number> {
  let count = 0;
  for (const fd of await readdir("/proc/self/fdinfo").catch(() => [])) {
    const info = await readFile(`/proc/self/fdinfo/${fd}`, "utf8").catch(() => "");
    count += info.split("\n").filter((line) => line.startsWith("inotify")).length;
  }
  return count;
}
