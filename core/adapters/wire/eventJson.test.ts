import { expect } from "chai";

import { withoutUsage } from "./eventJson";

describe("W76: usage is taken out of a stream event", () => {
  const rows: [sentence: string, event: string, without: string][] = [
    ["from its end", 'data: {"id":"x", "choices" : [{"delta":{"content":"\\u00e9"}}],"usage":{"completion_tokens":1}}\n\n', 'data: {"id":"x", "choices" : [{"delta":{"content":"\\u00e9"}}]}\n\n'],
    ["from its beginning", 'data:{"usage":{"a":[1,2]},"big":12345678901234567890}\r\n\r\n', 'data:{"big":12345678901234567890}\r\n\r\n'],
    ["and not from a text or a choice", 'data: {"choices":[{"usage":1,"delta":{"content":"\\"usage\\":{}"}}],"usage":{}}\n\n', 'data: {"choices":[{"usage":1,"delta":{"content":"\\"usage\\":{}"}}]}\n\n'],
    ["among other lines", 'id: 7\nevent: chunk\ndata: {"a":1,"usage":{}}\n\n', 'id: 7\nevent: chunk\ndata: {"a":1}\n\n'],
    ["in several data lines", 'data: {"a":1,\ndata: "usage":{},"b":2}\n\n', 'data: {"a":1,\ndata: "b":2}\n\n'],
  ];
  for (const [sentence, event, without] of rows) {
    it(sentence, () => expect(withoutUsage(Buffer.from(event)).toString()).to.equal(without));
  }

  it("and an event that has none comes back as it is", () => {
    for (const text of ['data: {"a":1}\n\n', ": comment\n\n", "data: [DONE]\n\n", "data: {broken\n\n"]) {
      const event = Buffer.from(text);
      expect(withoutUsage(event)).to.equal(event);
    }
  });
});
