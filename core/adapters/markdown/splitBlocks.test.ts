import { expect } from "chai";
import { splitBlocks } from "./splitBlocks";

describe("a text that is being written", () => {
  it("settles a block once the next one has begun at the margin", () => {
    expect(splitBlocks("one\n\ntwo")).to.deep.equal({ settled: [], tail: "one\n\ntwo" });
    expect(splitBlocks("one\n\ntwo\n")).to.deep.equal({ settled: ["one\n\n"], tail: "two\n" });
  });

  it("keeps code whole, blank lines and all, and settles it with its fence", () => {
    expect(splitBlocks("```js\na\n\nb\n").settled).to.deep.equal([]);
    expect(splitBlocks("```js\na\n\nb\n```\nnext")).to.deep.equal({ settled: ["```js\na\n\nb\n```\n"], tail: "next" });
    expect(splitBlocks("````\n```\n\na\n").settled).to.deep.equal([]);
  });

  it("keeps a list whole, with its gaps and what is indented", () => {
    expect(splitBlocks("1. a\n\n   more\n\n2. b\n\n- c\n").settled).to.deep.equal([]);
    expect(splitBlocks("1. a\n\n2. b\n\nafter\n").settled).to.deep.equal(["1. a\n\n2. b\n\n"]);
    expect(splitBlocks("- a\n\n  ```\n  x\n\ny\n  ```\n\nafter\n").settled).to.deep.equal(["- a\n\n  ```\n  x\n\ny\n  ```\n\n"]);
  });

  it("keeps a formula whole", () => {
    expect(splitBlocks("$$\na\n\nb\n").settled).to.deep.equal([]);
    expect(splitBlocks("$$\na\n$$\n\nafter\n").settled).to.deep.equal(["$$\na\n$$\n\n"]);
  });

  it("loses nothing: the pieces together are the text", () => {
    const text = "# A\n\none\ntwo\n\n```\nx\n```\n\n- a\n- b\n\n| a |\n|-|\n| b |\n\n> q\n\n$$x$$\n\nlast";
    for (let end = 0; end <= text.length; end += 1) {
      const { settled, tail } = splitBlocks(text.slice(0, end));
      expect((settled.join("") + tail).replace(/\n+/g, "\n").trim()).to.equal(text.slice(0, end).replace(/\n+/g, "\n").trim());
    }
  });

  it("can be asked again with the tail alone", () => {
    const text = "# A\n\none\ntwo\n\n```\nx\n\ny\n```\n\n1. a\n\n2. b\n\nlast\n\nend\n";
    const whole = splitBlocks(text);
    const settled: string[] = [];
    let tail = "";
    for (const char of text) {
      const split = splitBlocks(tail + char);
      settled.push(...split.settled);
      tail = split.tail;
    }
    expect({ settled: settled.map((block) => block.trim()), tail }).to.deep.equal({ settled: whole.settled.map((block) => block.trim()), tail: whole.tail });
  });
});
