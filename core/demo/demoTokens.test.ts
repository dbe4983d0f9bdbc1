import { expect } from "chai";
import fc from "fast-check";
import { countDemoTokens, demoWords, takeDemoTokens } from "./demoTokens";

describe("the demo model's tokens", () => {
  it("are signs and pieces of four letters", () => {
    expect(countDemoTokens("")).to.equal(0);
    expect(countDemoTokens("Hello, world!")).to.equal(6);
    expect(countDemoTokens("  \n")).to.equal(1);
  });

  it("add up over words and over any cut", () => {
    fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.nat(20), (text, limit) => {
      const words = demoWords(text);
      expect(words.join("")).to.equal(text);
      expect(words.reduce((sum, word) => sum + countDemoTokens(word), 0)).to.equal(countDemoTokens(text));
      const taken = takeDemoTokens(text, limit);
      expect(taken.tokens).to.equal(Math.min(limit, countDemoTokens(text)));
      expect(countDemoTokens(taken.text)).to.equal(taken.tokens);
      expect(taken.cut).to.equal(taken.text.length < text.length);
    }));
  });
});
