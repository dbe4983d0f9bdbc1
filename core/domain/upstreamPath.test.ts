import { expect } from "chai";
import { upstreamPath } from "./upstreamPath";

describe("W70: the path of a call at an endpoint", () => {
  const paths = { chat: "/api/chat", messages: "/anthropic/v1/messages", images: "/pictures" };
  const rows: [capability: "chat" | "embeddings" | "messages" | "images", usual: string, there: string][] = [
    ["chat", "/chat/completions", "/api/chat"],
    ["embeddings", "/embeddings", "/embeddings"],
    ["messages", "/messages", "/anthropic/v1/messages"],
    ["messages", "/messages/count_tokens", "/anthropic/v1/messages/count_tokens"],
    ["images", "/images/edits", "/pictures/edits"],
    ["chat", "/elsewhere", "/elsewhere"],
  ];
  for (const [capability, usual, there] of rows) {
    it(`is ${there} for ${capability} at ${usual}`, () => expect(upstreamPath({ paths }, capability, usual)).to.equal(there));
  }

  it("is the usual one where the endpoint says nothing", () => expect(upstreamPath({ paths: {} }, "chat", "/chat/completions")).to.equal("/chat/completions"));
});
