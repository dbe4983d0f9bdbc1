import { expect } from "chai";
import { labelOf } from "./sidebar";

describe("labelOf", () => {
  const now = Date.UTC(2026, 2, 20, 1);
  const cases: [number, string][] = [
    [Date.UTC(2026, 2, 20), "Today"],
    [now + 60_000, "Today"],
    [Date.UTC(2026, 2, 19, 23, 59), "Yesterday"],
    [Date.UTC(2026, 2, 18), "Previous 7 days"],
    [Date.UTC(2026, 2, 13), "Previous 7 days"],
    [Date.UTC(2026, 2, 12, 23), "Previous 30 days"],
    [Date.UTC(2026, 1, 18), "Previous 30 days"],
    [Date.UTC(2026, 1, 17), "February 2026"],
    [Date.UTC(2025, 11, 31), "December 2025"],
  ];
  for (const [at, label] of cases) it(`${new Date(at).toISOString()} is under ${label}`, () => expect(labelOf(at, now)).to.equal(label));
});
