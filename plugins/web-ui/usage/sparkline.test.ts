import { expect } from "chai";
import { sparkline } from "./sparkline";

describe("a sparkline", () => {
  it("runs from the left edge to the right, the highest value at the top and 0 at the bottom", () => {
    const { line, area } = sparkline([0, 5, 10], "coins", { width: 103, height: 23 });
    expect(line).to.equal("M1.5 21.5L51.5 11.5L101.5 1.5");
    expect(area).to.equal("M1.5 21.5L51.5 11.5L101.5 1.5L101.5 23L1.5 23Z");
  });

  it("is flat at the bottom where nothing happened", () => {
    expect(sparkline([0, 0], "coins", { width: 13, height: 13 }).line).to.equal("M1.5 11.5L11.5 11.5");
  });

  it("draws nothing of nothing, and a line of one value", () => {
    expect(sparkline([], "coins").line).to.equal("");
    expect(sparkline([4], "coins", { width: 20, height: 13 }).line).to.match(/^M0 1\.5H\d+$/);
    expect(sparkline([4], "coins").area).to.equal("");
  });

  it("takes numbers as large as nano-coins", () => {
    expect(sparkline([Number(3n * 10n ** 20n), 0], "coins").line).to.not.include("e").and.not.include("NaN");
  });
});
