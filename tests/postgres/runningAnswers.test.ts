import { expect } from "chai";
import type { ChatMessage } from "../../core/domain/chatMessage";
import type { Conversation } from "../../core/domain/conversation";
import { silentLogger } from "../../core/logger";
import type { ChatCallEnding, ChatCaller, ChatDelta } from "../../core/adapters/loopback/chatCaller";
import { createChatJobs } from "../../core/services/chat/chatJobs";
import { createChatPasses } from "../../core/services/chat/chatPasses";
import { openConversation } from "../../core/services/chat/openConversation";
import type { ChatDeps, ChatEvent, ChatJobs } from "../../core/services/chat/types";
import { createMemoryStore } from "../../core/stores/memory";
import { Database } from "../../core/stores/postgres/database";
import { openPeers, type OpenedPeers } from "../../core/stores/postgres/peers/openPeers";
import type { Store } from "../../core/stores/types";
import { createStoreDatabase, describeOnPostgres, type TestDatabase } from "../support/postgresDatabases";

const CONVERSATION: Conversation = { id: "c1", ownerId: "u1", title: "t", model: "m", createdAt: 1, updatedAt: 1 };
const ANSWER: ChatMessage = { id: "m1", role: "assistant", text: "", model: "m", createdAt: 1, status: "running" };

/** What the model says, when the test says so. */
interface Upstream {
  say(delta: ChatDelta): void;
  end(ending: ChatCallEnding): void;
}

describeOnPostgres("an answer of the chat that another process writes", () => {
  let server: TestDatabase;
  let databases: Database[];
  let peers: OpenedPeers[];
  let store: Store;
  let jobs: ChatJobs[];
  let upstream: Upstream;
  let aborted: boolean;
  before(async () => (server = await createStoreDatabase()));
  after(() => server.drop());

  const caller: ChatCaller = ({ onDelta }) => {
    let end: (ending: ChatCallEnding) => void = () => undefined;
    const ended = new Promise<ChatCallEnding>((resolve) => (end = resolve));
    upstream = { say: onDelta, end };
    return { ended, abort: () => { aborted = true; end({ kind: "aborted" }); } };
  };

  beforeEach(async () => {
    aborted = false;
    databases = [new Database({ url: server.url }), new Database({ url: server.url })];
    peers = databases.map((database) => openPeers(database));
    // Records are the same for both; the test is about what they tell each other besides.
    store = await createMemoryStore();
    await store.conversations.put(CONVERSATION);
    await store.messages.append("c1", [{ t: "message", message: ANSWER }]);
    jobs = peers.map(({ runningAnswers }) => createChatJobs({ store: { ...store, runningAnswers }, clock: Date.now, logger: silentLogger, passes: createChatPasses(Date.now), caller }));
    await databases[0]?.rows("TRUNCATE running_answers");
  });
  afterEach(async () => {
    await Promise.all(jobs.map((each) => each.close()));
    await Promise.all(peers.map((each) => each.close()));
    await Promise.all(databases.map((each) => each.close()));
    await store.close();
  });

  const [own, other] = [() => jobs[0] as ChatJobs, () => jobs[1] as ChatJobs];
  const shown = async (which: ChatJobs) => (await openConversation({ store, chat: { jobs: which } } as unknown as ChatDeps, "u1", "c1"))?.tree.get("m1");

  /** Everything that a reader on the other process hears, until the end. */
  const follow = async () => {
    const job = await other().follow(CONVERSATION, "m1");
    expect(job, "it is known there").not.to.equal(undefined);
    let text = job?.message.text ?? "";
    let thoughts = job?.message.reasoning ?? "";
    let grown: () => void = () => undefined;
    const ended = new Promise<ChatMessage>((resolve) => job?.subscribe((event: ChatEvent) => {
      if (event.kind === "end") return resolve(event.message);
      if (event.kind === "text") text += event.text;
      else thoughts += event.text;
      grown();
    }));
    const heard = async (what: string) => { while (!text.includes(what)) await new Promise<void>((resolve) => (grown = resolve)); };
    return { ended, heard, text: () => text, thoughts: () => thoughts };
  };

  it("is known there at once, followed as it grows, and ends as it was saved", async () => {
    await own().start({ conversation: CONVERSATION, answer: ANSWER, body: {} });
    expect(own().find("m1")?.message.status).to.equal("running");
    expect(other().find("m1")).to.equal(undefined);
    expect(await shown(other())).to.deep.equal(ANSWER);
    const reader = await follow();
    upstream.say({ reasoning: "hm", text: "One “two”" });
    await reader.heard("two");
    upstream.say({ text: " three." });
    upstream.end({ kind: "done" });
    const last = await reader.ended;
    expect([reader.text(), reader.thoughts()]).to.deep.equal(["One “two” three.", "hm"]);
    expect(last).to.include({ status: "done", text: "One “two” three." });
    expect(await shown(other())).to.deep.equal(last);
    expect(await other().follow(CONVERSATION, "m1")).to.equal(undefined);
  });

  it("is stopped from there by its owner and by nobody else, and keeps what it had", async () => {
    await own().start({ conversation: CONVERSATION, answer: ANSWER, body: {} });
    upstream.say({ text: "One" });
    const reader = await follow();
    expect(await other().stop("u2", "m1")).to.equal(false);
    expect(await other().stop("u1", "m1")).to.equal(true);
    expect(await reader.ended).to.include({ status: "stopped", text: "One" });
    expect(aborted).to.equal(true);
    expect(await other().stop("u1", "m1")).to.equal(false);
  });

  it("was interrupted where its process is heard of no more", async () => {
    await own().start({ conversation: CONVERSATION, answer: ANSWER, body: {} });
    const reader = await follow();
    // As it is after a crash: nobody tells of it. Its own process is kept from doing so.
    await databases[0]?.close();
    await databases[1]?.rows("UPDATE running_answers SET told_at = now() - interval '11 seconds'");
    const last = await reader.ended;
    expect(last).to.deep.include({ status: "failed" }).and.to.have.nested.property("error.code", "interrupted");
    expect((await shown(other()))?.status).to.equal("failed");
    databases[0] = new Database({ url: server.url });
  });
});
