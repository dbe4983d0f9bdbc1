import { expect } from "chai";
import { RecentIds } from "./recentIds";

describe("the ids that were booked lately", () => {
  it("H3: the newest half at least is remembered, and memory is bounded", () => {
    const recent = new RecentIds(100);
    for (let seq = 1; seq <= 1_000; seq += 1) {
      recent.set(`id${seq}`, seq, false);
      expect(recent.size).to.be.at.most(100);
      for (let back = 0; back < Math.min(50, seq); back += 1) expect(recent.has(`id${seq - back}`)).to.equal(true);
    }
    expect(recent.has("id1")).to.equal(false);
  });

  it("H6: an expired id is known as one until it is corrected", () => {
    const recent = new RecentIds(10);
    recent.set("a", 5, true);
    expect(recent.get("a")).to.deep.equal({ seq: 5, expired: true });
    recent.set("a", 9, false);
    expect(recent.get("a")).to.deep.equal({ seq: 9, expired: false });
  });

  it("its rows bring it back", () => {
    const recent = new RecentIds(10);
    recent.set("a", 5, true);
    recent.set("b", 6, false);
    const again = new RecentIds(10);
    for (const { id, seq } of recent.rows()) again.load(id, seq);
    expect(again.get("a")).to.deep.equal({ seq: 5, expired: true });
    expect(again.get("b")).to.deep.equal({ seq: 6, expired: false });
  });
});
