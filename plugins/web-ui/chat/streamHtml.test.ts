import { expect } from "chai";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ChatMessage } from "../../../core/domain/chatMessage";
import type { ChatEvent, ChatJob } from "../../../core/services/chat/types";
import { streamHtml } from "./streamHtml";

const message = (text: string, reasoning?: string): ChatMessage => ({ id: "m1", role: "assistant", text, createdAt: 1, status: "running", ...(reasoning ? { reasoning } : {}) });

/** What a browser hears of an answer that begins with `text` and says `events`, one after the other. */
async function heard(text: string, events: readonly ChatEvent[]): Promise<{ readonly event: string; readonly value: unknown }[]> {
  let left = 0;
  const server = createServer((_req, res) => {
    let listener: (event: ChatEvent) => void = () => undefined;
    const job: ChatJob = {
      conversationId: "c1", ownerId: "u1", message: message(text, "hm"),
      subscribe: (given) => {
        listener = given;
        return () => { left += 1; };
      },
    };
    streamHtml(res, job, { mayHear: () => Promise.resolve(true) });
    for (const event of events) listener(event);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const said = await answer.text();
  await new Promise((resolve) => server.close(resolve));
  expect(left).to.be.greaterThan(0);
  return [...said.matchAll(/event: (\w+)\ndata: (.*)\n\n/g)].map(([, event = "", json = ""]) => ({ event, value: JSON.parse(json) as unknown }));
}

describe("a running answer as events of HTML", () => {
  it("begins with all there is, thoughts too, and ends with the message's id", async () => {
    const events = await heard("# A\n\none **two**", [{ kind: "reasoning", text: " so" }, { kind: "end", message: message("") }]);
    expect(events).to.deep.equal([
      { event: "begin", value: { html: "", thoughts: "hm" } },
      { event: "tail", value: "<h3>A</h3>\n<p>one <strong>two</strong></p>\n" },
      { event: "reasoning", value: " so" },
      { event: "end", value: "m1" },
    ]);
  });

  it("lets no markup of the model through", async () => {
    const events = await heard("<img src=x onerror=alert(1)>\n\nnext\n", [{ kind: "end", message: message("") }]);
    expect(JSON.stringify(events)).not.to.contain("<img");
    expect(events[0]?.value).to.have.property("html", "<p>&lt;img src=x onerror=alert(1)&gt;</p>\n");
  });

  it("cuts a reader off the moment that the sign-in ends, and watches it no more", async () => {
    let signOut: () => void = () => undefined;
    let isSignedIn = true;
    let watches = 0;
    const server = createServer((_req, res) => {
      const job: ChatJob = { conversationId: "c1", ownerId: "u1", message: message("secret"), subscribe: () => () => undefined };
      const watch = (look: () => void) => {
        watches += 1;
        signOut = look;
        return () => { watches -= 1; };
      };
      streamHtml(res, job, { mayHear: () => Promise.resolve(isSignedIn), watch });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const reader = answer.body!.getReader();
    await reader.read();
    signOut();
    expect(watches, "a look that finds all well ends nothing").to.equal(1);
    isSignedIn = false;
    signOut();
    let failure: unknown;
    while (failure === undefined) await reader.read().then(({ done }) => { if (done) failure = "it ended as if whole"; }, (error: unknown) => { failure = error; });
    await new Promise((resolve) => server.close(resolve));
    expect(failure, "the stream breaks").to.be.an("error");
    expect(watches).to.equal(0);
  });

  it("cuts a reader off who was signed out meanwhile", async () => {
    let hasLeft: () => void = () => undefined;
    const left = new Promise<void>((resolve) => { hasLeft = resolve; });
    const answers = [true, false];
    const server = createServer((_req, res) => {
      const job: ChatJob = { conversationId: "c1", ownerId: "u1", message: message("secret"), subscribe: () => () => hasLeft() };
      streamHtml(res, job, { mayHear: () => Promise.resolve(answers.shift() ?? false), heartbeatMs: 5 });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const failure = await answer.text().then(() => undefined, (error: unknown) => error);
    await new Promise((resolve) => server.close(resolve));
    expect(failure, "the stream breaks").to.be.an("error");
    await left;
  });
});
