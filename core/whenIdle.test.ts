import { expect } from "chai";
import { whenIdle } from "./whenIdle";

describe("work for idle moments", () => {
  it("waits while something runs, and does one piece at a time", async () => {
    const done: string[] = [];
    let looks = 0;
    await new Promise<void>((resolve) => {
      whenIdle(() => ++looks > 3, [() => done.push(`first after ${looks} looks`), () => resolve()], { everyMs: 1 });
    });
    expect(done).to.deep.equal(["first after 4 looks"]);
    expect(looks).to.equal(5);
  });

  it("does not wait for ever where something always runs", async () => {
    let looks = 0;
    const busy = () => {
      looks += 1;
      return false;
    };
    await new Promise<void>((resolve) => whenIdle(busy, [resolve], { everyMs: 1, mostLooks: 7 }));
    expect(looks).to.equal(7);
  });

  it("ends when it is told to", async () => {
    let done = 0;
    const end = whenIdle(() => true, [() => done++], { everyMs: 1 });
    end();
    await new Promise<void>((resolve) => whenIdle(() => true, [resolve], { everyMs: 2 }));
    expect(done).to.equal(0);
  });
});
