import { expect } from "chai";
import { appendFile, readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { openLowdbStore, restoreBackup } from "../../core/stores/lowdb";
import { said } from "./conversations.contract";
import { temporaryFolder } from "./temporaryFolder";

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}

describe("the files of conversations", () => {
  const folder = temporaryFolder();
  const place = (name: string) => path.join(folder(), name);

  it("are the owner's of the process alone, and are gone with the conversation", async () => {
    const store = await openLowdbStore({ folder: place("data") });
    await store.messages.append("c1", [said("a")]);
    await store.files.put("c1", "f1", Buffer.from("x"));
    const files = [...(await filesBelow(place("data/conversations"))), ...(await filesBelow(place("data/uploads")))];
    expect(files).to.have.length(2);
    for (const file of files) expect((await stat(file)).mode & 0o777).to.equal(0o600);
    await store.messages.erase("c1");
    await store.files.erase("c1");
    expect([...(await filesBelow(place("data/conversations"))), ...(await filesBelow(place("data/uploads")))]).to.deep.equal([]);
    await store.close();
  });

  it("lose a last line that a crash has torn, and nothing else", async () => {
    const store = await openLowdbStore({ folder: place("data") });
    await store.messages.append("c1", [said("a"), said("b")]);
    const [file = ""] = await filesBelow(place("data/conversations"));
    await appendFile(file, '{"t":"message","message":{"id":"torn"');
    expect(await store.messages.read("c1")).to.deep.equal([said("a"), said("b")]);
    await store.messages.append("c1", [said("c")]);
    expect(await store.messages.read("c1")).to.deep.equal([said("a"), said("b"), said("c")]);
    expect(await readFile(file, "utf8")).not.to.include("torn");
    await store.close();
  });

  it("are a part of a backup and come back with it", async () => {
    const store = await openLowdbStore({ folder: place("data") });
    await store.messages.append("c1", [said("a")]);
    await store.files.put("c1", "f1", Buffer.from("x"));
    await store.backup(place("backup"));
    await store.close();
    await restoreBackup(place("backup"), place("restored"));
    const restored = await openLowdbStore({ folder: place("restored") });
    expect(await restored.messages.read("c1")).to.deep.equal([said("a")]);
    expect(await restored.files.get("c1", "f1")).to.deep.equal(Buffer.from("x"));
    await restored.close();
  });

  it("are never looked for outside of their folder", async () => {
    const store = await openLowdbStore({ folder: place("data") });
    for (const id of ["../../etc/passwd", "a/b", "", "a.b"]) {
      expect(() => store.messages.read(id), id).to.throw("an id holds");
      expect(() => store.files.put("ada", id, Buffer.from("x")), id).to.throw("an id holds");
    }
    await store.close();
  });
});
