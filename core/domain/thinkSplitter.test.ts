import { expect } from "chai";
import fc from "fast-check";
import { ThinkSplitter } from "./thinkSplitter";

function split(pieces: readonly string[]): { text: string; reasoning: string } {
  const splitter = new ThinkSplitter();
  const all = [...pieces.map((piece) => splitter.push(piece)), splitter.end()];
  return { text: all.map(({ text }) => text).join(""), reasoning: all.map(({ reasoning }) => reasoning).join("") };
}

describe("reasoning at the start of an answer", () => {
  const cases: [string, string, string][] = [
    ["<think>hm</think>yes", "yes", "hm"],
    ["  \n<think>\nhm</think>\n\nyes <think>no</think>", "yes <think>no</think>", "hm"],
    ["yes <think>no</think>", "yes <think>no</think>", ""],
    ["<think>never ends </thin", "", "never ends </thin"],
    ["<thi", "<thi", ""],
    ["", "", ""],
    ["  two blanks", "  two blanks", ""],
  ];
  for (const [whole, text, reasoning] of cases) {
    it(`${JSON.stringify(whole)} says ${JSON.stringify(text)} and thinks ${JSON.stringify(reasoning)}, however it is cut`, () => {
      fc.assert(fc.property(fc.array(fc.nat(Math.max(0, whole.length)), { maxLength: 6 }), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), whole.length];
        const pieces = places.slice(1).map((end, index) => whole.slice(places[index], end));
        expect(split(pieces)).to.deep.equal({ text, reasoning });
      }));
    });
  }
});
