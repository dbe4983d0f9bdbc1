import { expect } from "chai";
import { getHeapSpaceStatistics } from "node:v8";
import { Bag, type Held } from "./bag";

describe("a bag of what is going on", () => {
  it("gives out what was put in and not taken, in whichever order that happened", () => {
    const bag = new Bag<number>();
    const held = new Map<number, Held<number>>();
    for (let step = 0; step < 2_000; step++) {
      const chosen = [...held.keys()][(step * 7) % 40];
      const place = step % 3 === 2 && chosen !== undefined ? held.get(chosen) : undefined;
      if (place) {
        bag.take(place);
        held.delete(place.item);
      } else held.set(step, bag.add(step));
      expect(bag.size).to.equal(held.size);
    }
    expect([...bag].sort()).to.deep.equal([...held.keys()].sort());
  });

  it("leaves the others alone where something is taken twice", () => {
    const bag = new Bag<string>();
    const [first] = ["a", "b", "c"].map((item) => bag.add(item));
    for (let times = 0; times < 2; times++) bag.take(first as Held<string>);
    expect([...bag].sort()).to.deep.equal(["b", "c"]);
  });

  it("can be emptied by who reads it", () => {
    const bag = new Bag<Held<unknown>[]>();
    for (const own of [[], [], []] as Held<unknown>[][]) own.push(bag.add(own));
    let read = 0;
    for (const [own] of bag) {
      bag.take(own as Held<Held<unknown>[]>);
      read += 1;
    }
    expect([read, bag.size]).to.deep.equal([3, 0]);
  });

  it("carries nothing that was taken into the old generation", () => {
    const bag = new Bag<object>();
    const held = Array.from({ length: 40 }, () => bag.add({}));
    let litter: object[] = [];
    // Old enough to be moved there itself, as in a process that has run for a while.
    for (let step = 0; step < 2_000_000; step++) litter = [{ step }];
    expect(litter).to.have.length(1);
    const before = oldBytes();
    let most = 0;
    for (let step = 0; step < 100_000; step++) {
      held.push(bag.add({ text: new Array<number>(100).fill(step) }));
      bag.take(held.shift() as Held<object>);
      if (step % 1_000 === 0) most = Math.max(most, oldBytes() - before);
    }
    expect(most).to.be.below(2_000_000);
  });
});

const oldBytes = (): number => getHeapSpaceStatistics().reduce((sum, space) => sum + (space.space_name === "old_space" ? space.space_used_size : 0), 0);
