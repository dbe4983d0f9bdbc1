import { expect } from "chai";
import { bars, heatmap, niceTop, timeChart, type ChartValue } from "./charts";

const value = (label: string, amount: number): ChartValue => ({ label, value: amount, text: `${amount} requests` });

describe("the pictures of the usage page", () => {
  it("have a scale of round numbers that holds the highest value", () => {
    expect([0, 0.3, 1, 3, 7, 36, 401, 9_999].map(niceTop)).to.deep.equal([1, 0.4, 1, 4, 10, 40, 500, 10_000]);
  });

  it("a line has a point for each value, with words for it, and the labels of its ends", () => {
    const chart = timeChart("r", "Requests", "per day", [value("1 Nov", 0), value("2 Nov", 50), value("3 Nov", 100)], "Requests") as {
      line: string; points: { x: number; y: number; label: string }[]; ends: string[]; scale: string[];
    };
    expect(chart.line).to.equal("M0 176L300 88L600 0");
    expect(chart.points.map(({ label }) => label)).to.deep.equal(["1 Nov: 0 requests", "2 Nov: 50 requests", "3 Nov: 100 requests"]);
    expect(chart.ends).to.deep.equal(["1 Nov", "2 Nov", "3 Nov"]);
    expect(chart.scale).to.deep.equal(["100", "50", "0"]);
  });

  it("a bar is as long as its share of the longest, and to be seen where it is above 0", () => {
    const widths = bars([{ label: "a", value: 1_000, text: "" }, { label: "b", value: 250, text: "" }, { label: "c", value: 1, text: "" }, { label: "d", value: 0, text: "" }]);
    expect(widths.map((bar) => (bar as { width: number }).width)).to.deep.equal([100, 25, 2, 0]);
  });

  it("heat has 168 cells, each with its words, and a shade apart for none", () => {
    const week = Array.from({ length: 7 }, (_, day) => Array.from({ length: 24 }, (_unused, hour) => (day === 2 && hour === 9 ? 100 : day === 3 ? 1 : 0)));
    const { cells } = heatmap(week) as { cells: { shade: number; label: string }[] };
    expect(cells).to.have.lengthOf(168);
    expect(cells[2 * 24 + 9]).to.deep.include({ shade: 6, label: "Wed 09:00: 100 requests" });
    expect(cells[3 * 24]).to.deep.include({ shade: 1, label: "Thu 00:00: 1 request" });
    expect(cells[0]?.shade).to.equal(0);
  });
});
