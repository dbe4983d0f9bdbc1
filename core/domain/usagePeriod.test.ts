import { expect } from "chai";
import { usageStretch } from "./usagePeriod";

const NOW = Date.parse("2026-03-01T00:30:00Z");

describe("the stretches of the usage page", () => {
  it("the last 7 and 30 days end today and reach over the ends of months", () => {
    expect(usageStretch("week", NOW, 0)).to.deep.include({ unit: "day", startsAt: Date.parse("2026-02-23") });
    expect(usageStretch("week", NOW, 0).names).to.deep.equal(["2026-02-23", "2026-02-24", "2026-02-25", "2026-02-26", "2026-02-27", "2026-02-28", "2026-03-01"]);
    expect(usageStretch("month", NOW, 0).names).to.have.lengthOf(30);
  });

  it("a year is 12 months, this one included", () => {
    const { names, unit, startsAt } = usageStretch("year", NOW, 0);
    expect([unit, names[0], names.at(-1), names.length]).to.deep.equal(["month", "2025-04", "2026-03", 12]);
    expect(startsAt).to.equal(Date.parse("2025-04-01"));
  });

  it("all of time begins when it began, and shows 25 months of it at most", () => {
    expect(usageStretch("all", NOW, Date.parse("2026-01-31")).names).to.deep.equal(["2026-01", "2026-02", "2026-03"]);
    expect(usageStretch("all", NOW, Date.parse("2020-01-31")).names).to.have.lengthOf(25);
    expect(usageStretch("all", NOW, NOW + 1).names).to.deep.equal(["2026-03"]);
  });
});
