import { expect } from "chai";
import { activeBranch } from "../../domain/chatThread";
import { testServices } from "../../gateway/testing/testServices";
import { createMemoryStore } from "../../stores/memory";
import type { ConversationEvent } from "../../stores/types";
import { openConversation } from "./openConversation";

describe("opening a conversation", () => {
  it("a conversation of 2,000 messages is read and laid out in less than a second", async () => {
    const store = await createMemoryStore();
    const events = Array.from({ length: 2_000 }, (_, index): ConversationEvent => ({
      t: "message",
      message: { id: `m${index}`, ...(index > 0 ? { parentId: `m${index - 1}` } : {}), role: index % 2 ? "assistant" : "user", text: "word ".repeat(100), createdAt: index, status: "done" },
    }));
    await store.messages.append("c", events);
    await store.conversations.put({ id: "c", ownerId: "ada", title: "Long", model: "m", leafId: "m1999", createdAt: 0, updatedAt: 0 });
    const { pages } = await testServices({ store });
    const from = performance.now();
    const open = await openConversation(pages, "ada", "c");
    expect(open && activeBranch(open.tree, open.conversation.leafId)).to.have.length(2_000);
    expect(performance.now() - from).to.be.lessThan(1_000);
    await store.close();
  });
});
