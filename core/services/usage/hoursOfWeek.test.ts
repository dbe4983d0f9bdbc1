import { expect } from "chai";
import { hoursOfWeek, isTimeZone } from "./hoursOfWeek";

const at = (hour: number) => Array.from({ length: 24 }, (_, index) => (index === hour ? 1 : 0));
const where = (day: string, hour: number, zone: string) => {
  const week = hoursOfWeek(new Map([[day, at(hour)]]), zone);
  const weekday = week.findIndex((row) => row.some((count) => count > 0));
  return [["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][weekday], week[weekday]?.indexOf(1)];
};

describe("hours in the reader's week", () => {
  it("are those of their zone, also over midnight and the end of the week", () => {
    expect(where("2026-11-22", 23, "UTC")).to.deep.equal(["Sun", 23]);
    expect(where("2026-11-22", 23, "Europe/Berlin")).to.deep.equal(["Mon", 0]);
    expect(where("2026-11-23", 2, "America/Chicago")).to.deep.equal(["Sun", 20]);
  });

  it("follow summer time", () => {
    expect(where("2026-07-06", 12, "Europe/Berlin")).to.deep.equal(["Mon", 14]);
    expect(where("2026-12-07", 12, "Europe/Berlin")).to.deep.equal(["Mon", 13]);
    // The day on which clocks go back at 01:00 UTC.
    expect(where("2026-10-25", 0, "Europe/Berlin")).to.deep.equal(["Sun", 2]);
    expect(where("2026-10-25", 1, "Europe/Berlin")).to.deep.equal(["Sun", 2]);
  });

  it("stay whole hours where a zone is off by half of one", () => {
    expect(where("2026-11-23", 12, "Asia/Kolkata")).to.deep.equal(["Mon", 18]);
  });

  it("are asked for in zones that exist", () => {
    expect(["America/Chicago", "UTC", "Etc/GMT+5"].map(isTimeZone)).to.deep.equal([true, true, true]);
    expect(["", "../etc/passwd", "Mars/Olympus", "x".repeat(100)].map(isTimeZone)).to.deep.equal([false, false, false, false]);
  });
});
