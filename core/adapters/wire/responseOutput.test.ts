import { expect } from "chai";
import { ResponseOutput } from "./responseOutput";

describe("the output of a streamed response as far as it has come", () => {
  const message = { id: "msg_1", type: "message", status: "in_progress", role: "assistant", content: [] };
  const text = (delta: unknown, more: object = {}) => ({ type: "response.output_text.delta", output_index: 0, content_index: 0, delta, ...more });
  const taken = (...events: object[]) => {
    const output = new ResponseOutput();
    for (const event of events) output.take({ ...event });
    return output;
  };

  it("H4: has an item that was ended as it was told, and one that was not as incomplete", () => {
    const done = { id: "rs_1", type: "reasoning", summary: [] };
    const call = { id: "fc_1", type: "function_call", name: "f", arguments: "" };
    const output = taken(
      { type: "response.output_item.added", output_index: 0, item: message }, text("Hel"), text("lo"), { ...text("no"), type: "response.refusal.delta", content_index: 1 },
      { type: "response.output_item.added", output_index: 1, item: { ...done, status: "in_progress" } }, { type: "response.output_item.done", output_index: 1, item: done },
      { type: "response.output_item.added", output_index: 2, item: call }, { type: "response.function_call_arguments.delta", output_index: 2, delta: '{"a":' },
    );
    const content = [{ type: "output_text", text: "Hello", annotations: [], logprobs: [] }, { type: "refusal", refusal: "no" }];
    expect(output.all()).to.deep.equal([{ ...message, status: "incomplete", content }, done, { ...call, status: "incomplete", arguments: '{"a":' }]);
    expect(output.closingEvents().map(({ type, content_index }) => [type, content_index])).to.deep.equal([
      ["response.output_text.done", 0], ["response.content_part.done", 0], ["response.refusal.done", 1], ["response.content_part.done", 1], ["response.output_item.done", undefined],
    ]);
  });

  it("takes odd events without a word, and keeps a bounded part of an endless text", () => {
    const output = taken({}, { type: 7 }, { type: "response.output_item.added" }, text("lost"), { type: "response.output_item.added", item: message }, text(7), { ...text("x"), output_index: "0" });
    expect(output.all()).to.have.length(1);
    for (let at = 0; at < 10; at += 1) output.take(text("y".repeat(1_048_576)));
    expect(JSON.stringify(output.all()).length).to.be.within(4_000_000, 4_300_000);
  });
});
