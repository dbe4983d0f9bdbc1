import { expect } from "chai";
import fc from "fast-check";
import { GrowingText } from "./growingText";

describe("a text that grows by pieces", () => {
  it("is what was added, whenever it is read", () => {
    fc.assert(fc.property(fc.array(fc.string(), { maxLength: 200 }), fc.nat(200), (pieces, readAt) => {
      const text = new GrowingText();
      pieces.forEach((piece, at) => {
        if (at === readAt) expect(text.toString()).to.equal(pieces.slice(0, at).join(""));
        text.add(piece);
      });
      expect(text.toString()).to.equal(pieces.join(""));
      expect(text).to.have.length(pieces.join("").length);
    }));
  });

  it("may be cut anywhere, within a character too", () => {
    const whole = "😀aé€".repeat(300);
    for (const size of [1, 2, 3, 7]) {
      const text = new GrowingText();
      for (let at = 0; at < whole.length; at += size) text.add(whole.slice(at, at + size));
      expect(text.toString(), String(size)).to.equal(whole);
      expect(text).to.have.length(whole.length);
    }
  });
});
