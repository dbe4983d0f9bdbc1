import { expect } from "chai";
import type { ChatMessage } from "../../core/domain/chatMessage";
import { StoreUnavailable } from "../../core/errors/storeErrors";
import type { ConversationEvent, Store } from "../../core/stores/types";
import { failureOf } from "./records.contract";
import { T0 } from "./samples";
import type { StoreUnderTest } from "./store.contract";

export function said(id: string, more: Partial<ChatMessage> = {}): ConversationEvent {
  return { t: "message", message: { id, role: "user", text: `text of ${id}`, createdAt: T0, ...more } };
}

/** What any store promises of conversations and the files that go with them. */
export function conversationsContract(under: StoreUnderTest): void {
  describe("conversations", () => {
    let store: Store;
    beforeEach(async () => {
      store = await under.open();
    });
    afterEach(() => under.close());

    it("gives back what was appended, in the order of the calls, to the last nano and the last line break", async () => {
      const answer = said("b", { role: "assistant", parentId: "a", text: "one\ntwo\u2028three", status: "done", costNano: 9_007_199_254_740_993n });
      await Promise.all([store.messages.append("c1", [said("a"), answer]), store.messages.append("c1", [said("c")]), store.messages.append("c2", [said("x")])]);
      const again = under.reopen ? await under.reopen() : store;
      expect(await again.messages.read("c1")).to.deep.equal([said("a"), answer, said("c")]);
      expect(await again.messages.read("c2")).to.deep.equal([said("x")]);
      expect(await again.messages.read("c3")).to.deep.equal([]);
    });

    it("has nothing any more of what was erased, and begins anew after it", async () => {
      await store.messages.append("c1", [said("a")]);
      await store.messages.erase("c1");
      await store.messages.erase("c1");
      const again = under.reopen ? await under.reopen() : store;
      expect(await again.messages.read("c1")).to.deep.equal([]);
      await again.messages.append("c1", [said("b")]);
      expect(await again.messages.read("c1")).to.deep.equal([said("b")]);
    });

    it("keeps files at the place where they were put or moved to, until they are erased", async () => {
      await store.files.put("ada", "f1", Buffer.from([0, 255]));
      await store.files.put("ada", "f2", Buffer.from("two"));
      expect(await store.files.move("f1", "ada", "c1")).to.equal(true);
      expect(await store.files.move("f1", "ada", "c1")).to.equal(false);
      const again = under.reopen ? await under.reopen() : store;
      expect(await again.files.get("ada", "f1")).to.equal(undefined);
      expect(await again.files.get("c1", "f1")).to.deep.equal(Buffer.from([0, 255]));
      expect(await again.files.list("ada")).to.deep.equal(["f2"]);
      await again.files.erase("ada", "f2");
      await again.files.erase("c1");
      expect([await again.files.list("ada"), await again.files.list("c1")]).to.deep.equal([[], []]);
    });

    it("refuses once the store is closed", async () => {
      await store.close();
      expect(await failureOf(store.messages.append("c1", [said("a")]))).to.be.instanceOf(StoreUnavailable);
      expect(await failureOf(store.messages.read("c1"))).to.be.instanceOf(StoreUnavailable);
    });
  });
}
