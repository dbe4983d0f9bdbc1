import { expect } from "chai";
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import { partOf, withBytesAt } from "../wire/byteSource";
import { openSpool, type Spool, type SpooledUpload } from "./openSpool";

describe("the spool", () => {
  let root: string;
  let folder: string;
  let spool: Spool;
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), "lumen-spool-"));
    folder = path.join(root, "data.spool");
    spool = await openSpool({ folder, memoryBytes: 1_000 });
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  async function filled(bytes: number): Promise<SpooledUpload> {
    const upload = spool.create();
    for (let at = 0; at < bytes; at += 300) await upload.write(Buffer.alloc(Math.min(300, bytes - at), String(at % 7)));
    return upload;
  }
  /** Files of this folder that this process holds open, with a name or without. */
  const open = (): string[] => readdirSync("/proc/self/fd").flatMap((fd) => {
    const target = link(fd);
    return target.startsWith(folder) ? target : [];
  });

  it("W61: keeps small uploads in memory and makes no folder for them", async () => {
    const upload = await filled(900);
    expect(existsSync(folder)).to.equal(false);
    expect((await upload.read(298, 302)).toString()).to.equal("0066");
    await upload.close();
  });

  it("W61: puts larger ones into a file that has no name, in a folder for this user alone, and frees it at the end", async () => {
    const upload = await filled(5_000);
    expect(upload.byteLength).to.equal(5_000);
    expect(await readdir(folder)).to.deep.equal([]);
    expect((await stat(folder)).mode & 0o777).to.equal(0o700);
    expect(open()).to.have.length(1);
    expect((await upload.read(298, 302)).toString()).to.equal("0066");
    expect(await upload.read(4_990, 9_000)).to.have.length(10);
    await upload.close();
    await upload.close();
    expect(open()).to.deep.equal([]);
    expect(await upload.read(0, 1).catch((error: unknown) => error)).to.be.instanceOf(Error);
  });

  it("W61: frees a file that is closed while it is made", async () => {
    const upload = spool.create();
    const writing = upload.write(Buffer.alloc(2_000));
    await upload.close();
    await writing;
    expect(open()).to.deep.equal([]);
  });

  it("W61: removes at the start what a crash left, and nothing else", async () => {
    await mkdir(folder);
    await writeFile(path.join(folder, "left.upload"), "x");
    await writeFile(path.join(folder, "notes.txt"), "mine");
    await openSpool({ folder });
    expect(await readdir(folder)).to.deep.equal(["notes.txt"]);
  });

  for (const bytes of [900, 400_000]) {
    it(`W61: is sent on with other bytes in one place, as often as it is asked for, ${bytes} bytes`, async () => {
      const upload = await filled(bytes);
      const whole = await upload.read(0, bytes);
      const changed = withBytesAt(upload, { start: 100, end: 105 }, Buffer.from("another name"));
      const expected = Buffer.concat([whole.subarray(0, 100), Buffer.from("another name"), whole.subarray(105)]);
      for (let count = 0; count < 2; count++) expect((await buffer(changed.open())).equals(expected)).to.equal(true);
      expect(changed.byteLength).to.equal(expected.length);
      expect(await partOf(upload, { start: 100, end: 110 }).read(5, 50)).to.deep.equal(whole.subarray(105, 110));
      await upload.close();
    });
  }
});

function link(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return "";
  }
}
