import { expect } from "chai";
import { csvOf } from "./csv";

describe("CSV", () => {
  const cells: [string, string][] = [
    ["=1+1", "'=1+1"], ["+1", "'+1"], ["-1", "'-1"], ["@x", "'@x"], ["\t=1", "'\t=1"], [" =1", "' =1"], ["plain", "plain"],
    ['a,"b"', '"a,""b"""'], ["two\nlines", '"two\nlines"'], ['=A1,"x"', '"\'=A1,""x"""'],
  ];
  for (const [typed, written] of cells) {
    it(`writes ${JSON.stringify(typed)} so that no spreadsheet calculates it`, () => {
      expect(csvOf(["h"], [[typed]])).to.equal(`\uFEFFh\r\n${written}\r\n`);
    });
  }

  it("leaves numbers as they are", () => expect(csvOf(["n"], [[-5]])).to.contain("\r\n-5\r\n"));
});
