import { expect } from "chai";
import { StoreConflict, StoreUnavailable } from "../../core/errors/storeErrors";
import type { AuditFilter, RowChange, Store } from "../../core/stores/types";
import type { User } from "../../core/domain/owner";
import { client, coins, facts, T0, usage, user } from "./samples";
import type { StoreUnderTest } from "./store.contract";

export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return undefined;
}

export function recordsContract(under: StoreUnderTest): void {
  describe("records", () => {
    let store: Store;
    beforeEach(async () => {
      store = await under.open();
    });
    afterEach(() => under.close());

    it("a row written is seen by the next read", async () => {
      expect(await store.users.put(user("ada"))).to.deep.equal({ ...user("ada"), revision: 1 });
      expect((await store.users.get("ada"))?.email).to.equal("ada@example.org");
      expect(await store.users.find("email", "ada@example.org")).to.deep.equal({ ...user("ada"), revision: 1 });
    });

    it("revisions count from 1, and a put against an older revision is a conflict", async () => {
      await store.clients.put(client("bot"));
      const second = await store.clients.put({ ...client("bot"), active: false }, { expectedRevision: 1 });
      expect(second.revision).to.equal(2);
      expect(await failureOf(store.clients.put(client("bot"), { expectedRevision: 1 }))).to.be.instanceOf(StoreConflict);
      expect(await failureOf(store.clients.put(client("new"), { expectedRevision: 1 }))).to.be.instanceOf(StoreConflict);
      expect((await store.clients.put(client("new"), { expectedRevision: 0 })).revision).to.equal(1);
    });

    it("a unique value belongs to one row, moves with a rename and is free after a delete", async () => {
      await store.users.put(user("ada", "a@example.org"));
      expect(await failureOf(store.users.put(user("bob", "a@example.org")))).to.be.instanceOf(StoreConflict);
      await store.users.put(user("ada", "ada@example.org"));
      await store.users.put(user("bob", "a@example.org"));
      expect((await store.users.find("email", "a@example.org"))?.id).to.equal("bob");
      expect(await store.users.delete("bob")).to.equal(true);
      expect(await store.users.delete("bob")).to.equal(false);
      expect(await store.users.find("email", "a@example.org")).to.equal(undefined);
      expect((await store.users.put(user("eve", "a@example.org"))).revision).to.equal(1);
    });

    it("two puts at once for one unique value: one is taken, one refused", async () => {
      const outcomes = await Promise.allSettled([store.clients.put(client("a", "bot")), store.clients.put(client("b", "bot"))]);
      expect(outcomes.map(({ status }) => status)).to.have.members(["fulfilled", "rejected"]);
    });

    it("lists by id with a cursor, and by index", async () => {
      for (const id of ["d", "a", "c", "b", "e"]) {
        await store.consents.put({
          id, ownerId: id < "c" ? "ada" : "bob", model: "m", noticeHash: "h", givenBy: "ada", givenAt: T0,
        });
      }
      const first = await store.consents.list({ limit: 2 });
      expect(first.rows.map(({ id }) => id)).to.deep.equal(["a", "b"]);
      await store.consents.delete("b");
      const second = await store.consents.list({ limit: 2, cursor: first.next });
      expect(second.rows.map(({ id }) => id)).to.deep.equal(["c", "d"]);
      const third = await store.consents.list({ limit: 2, cursor: second.next });
      expect(third.rows.map(({ id }) => id)).to.deep.equal(["e"]);
      expect(third.next).to.equal(undefined);
      const bobs = await store.consents.list({ index: "ownerId", value: "bob" });
      expect(bobs.rows.map(({ id }) => id)).to.deep.equal(["c", "d", "e"]);
    });

    it("a watcher is told of each change until it leaves", async () => {
      const changes: RowChange<User>[] = [];
      const leave = store.users.watch((change) => changes.push(change));
      await store.users.put(user("ada"));
      await store.users.delete("ada");
      leave();
      await store.users.put(user("bob"));
      expect(changes).to.deep.equal([{ id: "ada", row: { ...user("ada"), revision: 1 } }, { id: "ada" }]);
    });

    it("a row keeps its coins to the last nano, and what people claimed stays text", async () => {
      await store.keys.put({
        id: "k1", ownerId: "ada", name: "laptop", hint: "sk_a…wxyz", digest: "d", pepperId: "p", verifier: "v", status: "active",
        createdAt: T0, models: ["small"], coinCapNano: coins(9_007_199_254) + 1n,
      });
      await store.users.put(user("ada"));
      const again = under.reopen ? await under.reopen() : store;
      expect((await again.keys.get("k1"))?.coinCapNano).to.equal(coins(9_007_199_254) + 1n);
      expect((await again.users.get("ada"))?.claims).to.deep.equal({ groups: ["staff"], budgetNano: "x" });
      expect((await again.keys.list({ index: "ownerId", value: "ada" })).rows).to.have.length(1);
    });

    it("audit events are listed newest first with a cursor", async () => {
      for (const id of ["1", "2", "3"]) await store.auditLog.append({ id, at: T0, actor: "ada", action: "key.revoke", subject: id });
      const first = await store.auditLog.list({ limit: 2 });
      expect(first.rows.map(({ id }) => id)).to.deep.equal(["3", "2"]);
      const second = await store.auditLog.list({ limit: 2, cursor: first.next });
      expect(second.rows.map(({ id }) => id)).to.deep.equal(["1"]);
      expect(second.next).to.equal(undefined);
    });

    it("audit events are found by who, whom, what and when, page after page", async () => {
      const events = [["ada", "key.create", "k1"], ["bob", "key.revoke", "k1"], ["ada", "coins.grant", "bob"], ["ada", "key.revoke", "k2"], ["cli", "keyring.open", "x"]] as const;
      for (const [index, [actor, action, subject]] of events.entries()) await store.auditLog.append({ id: String(index), at: T0 + index, actor, action, subject });
      const ids = async (filter: AuditFilter) => (await store.auditLog.list(filter)).rows.map(({ id }) => id);
      expect(await ids({ actor: "ada" })).to.deep.equal(["3", "2", "0"]);
      expect(await ids({ subject: "k1" })).to.deep.equal(["1", "0"]);
      expect(await ids({ action: "key." })).to.deep.equal(["3", "1", "0"]);
      expect(await ids({ action: "key" })).to.deep.equal([]);
      expect(await ids({ since: T0 + 1, until: T0 + 3 })).to.deep.equal(["2", "1"]);
      const first = await store.auditLog.list({ actor: "ada", limit: 2 });
      const second = await store.auditLog.list({ actor: "ada", limit: 2, cursor: first.next });
      expect([...first.rows, ...second.rows].map(({ id }) => id)).to.deep.equal(["3", "2", "0"]);
      expect(second.next).to.equal(undefined);
    });

    it("a closed store refuses instead of answering from what it remembers", async () => {
      await store.users.put(user("ada"));
      await store.ledger.hold({ id: "h", facts: facts(), lines: [] }, T0);
      await store.close();
      store.ledger.progress("h", { usage: usage(1, 1), costNano: 1n });
      expect(await failureOf(store.users.get("ada"))).to.be.instanceOf(StoreUnavailable);
    });
  });
}
