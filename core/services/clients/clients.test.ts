import { expect } from "chai";
import { createMemoryStore } from "../../stores/memory";
import type { Store } from "../../stores/types";
import { createClient } from "../createClient";
import { createUser } from "../createUser";
import { serviceSnapshot } from "../testing/snapshots";
import { addManager } from "./addManager";
import { openManagerIndex, type ManagerIndex } from "./managerIndex";
import { removeManager } from "./removeManager";
import { renameClient } from "./renameClient";
import { searchUsers } from "./searchUsers";
import { setClientActive } from "./setClientActive";
import { visibleClients } from "./visibleClients";

describe("the clients", () => {
  let store: Store;
  let managers: ManagerIndex;
  const deps = () => ({ store, managers, clock: () => 5_000 });
  const idOf = async (name: string) => (await store.clients.find("name", name))!.id;
  const userId = async (email: string) => (await store.users.find("email", email))!.id;
  const actions = async () => (await store.auditLog.list()).rows.map(({ action }) => action).filter((action) => !action.endsWith(".create")).reverse();

  beforeEach(async () => {
    store = await createMemoryStore();
    for (const email of ["ana@example.edu", "ben@example.edu"]) await createUser(deps(), { email, by: "cli" });
    for (const name of ["bot", "atlas"]) await createClient(deps(), { name, by: "cli" });
    managers = await openManagerIndex(store.clients);
  });
  afterEach(async () => {
    managers.close();
    await store.close();
  });

  it("Roles: an administrator sees all, a manager those that they manage, others none", async () => {
    await addManager(deps(), { id: await idOf("bot"), email: "ANA@example.edu", by: "cli" });
    const seen = async (email: string, isAdmin: boolean) => (await visibleClients(deps(), { user: { id: await userId(email) }, isAdmin })).map(({ client }) => client.name);
    expect(await seen("ben@example.edu", true)).to.deep.equal(["atlas", "bot"]);
    expect(await seen("ana@example.edu", false)).to.deep.equal(["bot"]);
    expect(await seen("ben@example.edu", false)).to.deep.equal([]);
  });

  it("Roles: the index of managers follows every change, and begins with what is stored", async () => {
    const [bot, ana, ben] = [await idOf("bot"), await userId("ana@example.edu"), await userId("ben@example.edu")];
    for (const email of ["ana@example.edu", "ben@example.edu"]) await addManager(deps(), { id: bot, email, by: "cli" });
    await addManager(deps(), { id: await idOf("atlas"), email: "ana@example.edu", by: "cli" });
    const again = await openManagerIndex(store.clients);
    for (const index of [managers, again]) {
      expect(index.clientsOf(ana)).to.have.members([bot, await idOf("atlas")]);
      expect(index.clientsOf(ben)).to.deep.equal([bot]);
    }
    await removeManager(deps(), { id: bot, userId: ben, by: "cli" });
    await store.clients.delete(bot);
    for (const index of [managers, again]) {
      expect(index.clientsOf(ana)).to.deep.equal([await idOf("atlas")]);
      expect(index.clientsOf(ben)).to.deep.equal([]);
    }
    again.close();
  });

  it("a manager is added once, by an address that is known, and removed once; two at once both stay", async () => {
    const id = await idOf("bot");
    await Promise.all(["ana@example.edu", "ben@example.edu"].map((email) => addManager(deps(), { id, email, by: "cli" })));
    expect((await store.clients.get(id))?.managers).to.have.length(2);
    const refusals: [string, RegExp][] = [
      ["ana@example.edu", /a manager of bot already/], ["nobody@example.edu", /have to sign in once/], ["ana", /no e-mail address/], [" ", /Choose a person/],
    ];
    for (const [email, message] of refusals) {
      const added = await addManager(deps(), { id, email, by: "cli" });
      expect(added.ok ? "" : added.message, email).to.match(message);
    }
    const ana = await userId("ana@example.edu");
    expect((await removeManager(deps(), { id, userId: ana, by: "cli" })).ok).to.equal(true);
    expect(await removeManager(deps(), { id, userId: ana, by: "cli" })).to.include({ ok: false, message: "ana@example.edu is no manager of bot." });
    expect(await actions()).to.deep.equal(["manager.add", "manager.add", "manager.remove"]);
  });

  it("a deactivated person is not made a manager, and is not found", async () => {
    const ana = (await store.users.find("email", "ana@example.edu"))!;
    await store.users.put({ ...ana, active: false });
    const added = await addManager(deps(), { id: await idOf("bot"), email: "ana@example.edu", by: "cli" });
    expect(added.ok ? "" : added.message).to.match(/is deactivated/);
    expect(await searchUsers(deps(), { text: "ana", limit: 8 })).to.deep.equal([]);
  });

  it("P5: a rename keeps the client, and says so where the file knows either name", async () => {
    const snapshot = serviceSnapshot({ clients: { default: {}, bot: { max: "5" }, known: { max: "7" } } });
    const id = await idOf("bot");
    const renamed = await renameClient(deps(), snapshot, { id, name: "known", by: "cli" });
    expect(renamed.ok && [renamed.value.id, renamed.value.name]).to.deep.equal([id, "known"]);
    expect(renamed.ok ? renamed.warnings.join(" ") : "").to.match(/an entry for 'bot'.*skipped.*an entry for 'known'/);
    const quiet = await renameClient(deps(), snapshot, { id: await idOf("atlas"), name: "atlas-2", by: "cli" });
    expect(quiet.ok && quiet.warnings).to.deep.equal([]);
    expect(await actions()).to.deep.equal(["client.rename", "client.rename"]);
  });

  it("P5: a rename to a name that is taken or none is refused; to its own name it does nothing", async () => {
    const snapshot = serviceSnapshot({ clients: { default: {} } });
    const rename = (name: string) => idOf("bot").then((id) => renameClient(deps(), snapshot, { id, name, by: "cli" }));
    expect(await rename("atlas")).to.include({ ok: false, field: "name", message: "There is already a client named 'atlas'." });
    for (const name of ["", "default", "No Good", "x".repeat(65)]) expect((await rename(name)).ok, name).to.equal(false);
    expect((await rename("bot")).ok).to.equal(true);
    expect(await actions()).to.deep.equal([]);
    expect((await renameClient(deps(), snapshot, { id: "gone", name: "new", by: "cli" })).ok).to.equal(false);
  });

  it("K4: a client is deactivated and activated; a second time changes nothing", async () => {
    const id = await idOf("bot");
    for (const active of [false, false, true, true]) {
      const set = await setClientActive(deps(), { id, active, by: "cli" });
      expect(set.ok && set.value.active).to.equal(active);
    }
    expect(await actions()).to.deep.equal(["client.deactivate", "client.activate"]);
    expect((await setClientActive(deps(), { id: "gone", active: true, by: "cli" })).ok).to.equal(false);
  });

  it("people are found by name or address, those that begin with the text first, and never those left out", async () => {
    await createUser(deps(), { email: "joan@example.edu", name: "Joan Anders", by: "cli" });
    await createUser(deps(), { email: "mariana@example.edu", name: "Mariana", by: "cli" });
    const found = async (text: string, without: string[] = []) => (await searchUsers(deps(), { text, limit: 8, without })).map(({ email }) => email);
    expect(await found("AN")).to.deep.equal(["ana@example.edu", "joan@example.edu", "mariana@example.edu"]);
    expect(await found("an", [await userId("ana@example.edu")])).to.deep.equal(["joan@example.edu", "mariana@example.edu"]);
    expect(await found("  ")).to.deep.equal([]);
    expect(await found("zzz")).to.deep.equal([]);
    expect(await searchUsers(deps(), { text: "example", limit: 2 })).to.have.length(2);
  });
});
