import { expect } from "chai";
import { OneAtATime } from "./oneAtATime";

describe("OneAtATime", () => {
  it("runs one piece at a time, in order, also after one that failed", async () => {
    const queue = new OneAtATime(10);
    const seen: string[] = [];
    const piece = (name: string, fails = false) =>
      queue.run(async () => {
        seen.push(`${name} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      });
    const outcomes = await Promise.allSettled([piece("a"), piece("b", true), piece("c")]);
    expect(outcomes.map(({ status }) => status)).to.deep.equal(["fulfilled", "rejected", "fulfilled"]);
    expect(seen).to.deep.equal(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  });

  it("refuses what it cannot hold, and holds again once there is room", async () => {
    const queue = new OneAtATime(2);
    let finish = () => undefined as void;
    const first = queue.run(() => new Promise<void>((resolve) => (finish = resolve)));
    const second = queue.run(async () => "second");
    const third = await queue.run(async () => "third").catch((error: unknown) => error);
    expect(third).to.include({ code: "overloaded", status: 503 });
    finish();
    await first;
    expect(await second).to.equal("second");
    expect(await queue.run(async () => "fourth")).to.equal("fourth");
  });
});
