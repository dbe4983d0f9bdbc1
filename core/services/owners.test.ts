import { expect } from "chai";
import { createMemoryStore } from "../stores/memory";
import type { Store } from "../stores/types";
import { createClient, strayClientEntries } from "./createClient";
import { createUser } from "./createUser";
import { listClients } from "./listClients";
import { listUsers } from "./listUsers";
import { resolveOwner } from "./resolveOwner";
import { serviceSnapshot } from "./testing/snapshots";

describe("owners", () => {
  let store: Store;
  const deps = () => ({ store, clock: () => 5_000 });
  beforeEach(async () => (store = await createMemoryStore()));
  afterEach(() => store.close());

  const names: [string, boolean, RegExp?][] = [
    ["bot", true], ["a", true], ["0.b_c-d", true], ["x".repeat(64), true],
    ["", false, /needs a name/], ["Bot", false], ["-bot", false], ["a b", false], ["x".repeat(65), false], ["bot\n", false], ["bøt", false],
    ["default", false, /clients\.default/],
  ];
  for (const [name, good, message] of names) {
    it(`P5: ${good ? "takes" : "refuses"} the client name ${JSON.stringify(name.slice(0, 20))}`, async () => {
      const made = await createClient(deps(), { name, by: "cli" });
      expect(made.ok).to.equal(good);
      if (!made.ok) expect(made.message).to.match(message ?? /no client name/);
    });
  }

  it("P5: a name is unique, also for two that come at once", async () => {
    const made = await Promise.all([1, 2, 3].map(() => createClient(deps(), { name: "bot", by: "cli" })));
    expect(made.filter(({ ok }) => ok)).to.have.length(1);
    for (const one of made) if (!one.ok) expect(one).to.include({ message: "There is already a client named 'bot'.", field: "name" });
    const events = (await store.auditLog.list()).rows;
    expect(events.map(({ actor, action, details }) => [actor, action, details])).to.deep.equal([["cli", "client.create", { name: "bot" }]]);
  });

  it("P5: names the entries of the file that no client has", async () => {
    await createClient(deps(), { name: "bot", by: "cli" });
    const snapshot = serviceSnapshot({ clients: { default: {}, bot: { max: "5" }, ghost: { max: "5" } } });
    expect(await strayClientEntries(deps(), snapshot)).to.deep.equal(["ghost"]);
  });

  const addresses: [string, string | undefined][] = [
    ["Ana.Ruiz@Example.EDU", "ana.ruiz@example.edu"], [" a@b ", "a@b"],
    ["", undefined], ["ana", undefined], ["@b", undefined], ["a@", undefined], ["a@b@c", undefined], ["a b@c", undefined],
    [`${"a".repeat(250)}@b.cd`, undefined],
  ];
  for (const [email, stored] of addresses) {
    it(`G3: keeps the address ${JSON.stringify(email.slice(0, 30))} as ${stored ?? "nothing"}`, async () => {
      const made = await createUser(deps(), { email, by: "cli" });
      expect(made.ok ? made.value.email : undefined).to.equal(stored);
    });
  }

  it("finds an owner by what people call it, whatever the case of an address", async () => {
    await createClient(deps(), { name: "bot", by: "cli" });
    await createUser(deps(), { email: "ana@example.edu", name: "Ana", by: "cli" });
    expect((await createUser(deps(), { email: "ANA@example.edu", by: "cli" })).ok).to.equal(false);
    const of = async (reference: object) => {
      const found = await resolveOwner(deps(), reference);
      return found.ok ? found.value.kind : found.message;
    };
    expect(await of({ client: "bot" })).to.equal("client");
    expect(await of({ user: "Ana@Example.edu" })).to.equal("user");
    expect(await of({ client: "nobody" })).to.equal("There is no client named 'nobody'.");
    expect(await of({ user: "nobody@x" })).to.equal("There is no user with the address 'nobody@x'.");
    expect(await of({})).to.equal("Name either a client or a user.");
    expect(await of({ client: "bot", user: "ana@example.edu" })).to.equal("Name either a client or a user.");
  });

  it("lists by name, over more than one page of the store", async () => {
    for (let i = 0; i < 1_100; i++) {
      await store.clients.put({ kind: "client", id: `c${i}`, name: `n${(i * 7919) % 1_100}`, managers: [], active: true, createdAt: 0 });
    }
    const all = (await listClients(deps())).map(({ name }) => name);
    expect(all).to.have.length(1_100);
    expect(all).to.deep.equal([...all].sort());
    for (const email of ["b@x", "a@x"]) await createUser(deps(), { email, by: "cli" });
    expect((await listUsers(deps())).map(({ email }) => email)).to.deep.equal(["a@x", "b@x"]);
  });
});
