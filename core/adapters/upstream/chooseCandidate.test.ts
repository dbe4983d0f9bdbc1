import { expect } from "chai";

import { homeOf, lessBusyOfTwo, sessionHash, type Candidate } from "./chooseCandidate";
import { seededRandom } from "./testServers";

const candidate = (id: string, running = 0, weight = 1): Candidate => ({ id, running, weight });

/** How often each is chosen in 10,000 choices. */
function shares(candidates: readonly Candidate[]): Record<string, number> {
  const random = seededRandom(7);
  const counts: Record<string, number> = {};
  for (let i = 0; i < 10_000; i++) {
    const id = lessBusyOfTwo(candidates, random)?.id ?? "none";
    counts[id] = (counts[id] ?? 0) + 1;
  }
  return counts;
}

describe("W33: lessBusyOfTwo", () => {
  it("finds none among none, and the only one", () => {
    expect(lessBusyOfTwo([], Math.random)).to.equal(undefined);
    expect(lessBusyOfTwo([candidate("a", 99)], Math.random)?.id).to.equal("a");
  });

  it("takes the less busy of two", () => expect(shares([candidate("a", 3), candidate("b", 2)])).to.deep.equal({ b: 10_000 }));

  it("never takes the busiest of many, and leaves some to each other", () => {
    const counts = shares([candidate("a", 9), candidate("b", 5), candidate("c", 1)]);
    expect(counts).to.have.all.keys("b", "c");
    expect(counts["b"]).to.be.within(3_000, 3_700);
  });

  it("spreads evenly over idle endpoints", () => {
    for (const count of Object.values(shares(["a", "b", "c", "d"].map((id) => candidate(id))))) expect(count).to.be.within(2_350, 2_650);
  });

  it("gives an idle endpoint calls in proportion to its weight", () => {
    expect(shares([candidate("a", 0, 3), candidate("b", 0, 1)])["a"]).to.be.within(7_300, 7_700);
  });

  it("fills endpoints in proportion to their weights while calls of all lengths come and go", () => {
    const random = seededRandom(11);
    const endpoints = [1, 2, 5].map((weight, i) => ({ id: "abc"[i] ?? "", weight, running: 0, busy: 0 }));
    const ends: { readonly at: number; readonly endpoint: (typeof endpoints)[number] }[] = [];
    for (let tick = 0; tick < 20_000; tick++) {
      for (let i = ends.length - 1; i >= 0; i--) if ((ends[i]?.at ?? 0) <= tick) ends.splice(i, 1)[0]!.endpoint.running--;
      const endpoint = lessBusyOfTwo(endpoints, random)!;
      endpoint.running++;
      // Lengths as of real answers: most are short, a few very long.
      ends.push({ at: tick + Math.ceil(-40 * Math.log(1 - random()) * (random() < 0.05 ? 10 : 1)), endpoint });
      for (const one of endpoints) one.busy += one.running / one.weight;
    }
    const mean = endpoints.reduce((sum, { busy }) => sum + busy, 0) / endpoints.length;
    for (const { busy } of endpoints) expect(busy / mean).to.be.within(0.85, 1.15);
  });

  it("compares how busy they are by weight", () => {
    expect(shares([candidate("a", 5, 4), candidate("b", 2, 1)])).to.deep.equal({ a: 10_000 });
  });

  it("takes an endpoint of weight 0 only where there is no other", () => {
    expect(shares([candidate("a", 50, 1), candidate("b", 1, 0)])).to.deep.equal({ a: 10_000 });
    expect(lessBusyOfTwo([candidate("b", 1, 0)], Math.random)?.id).to.equal("b");
  });
});

describe("W71: homeOf", () => {
  const four = ["a", "b", "c", "d"].map((id) => candidate(id));
  const sessions = Array.from({ length: 4_000 }, (_, i) => sessionHash(`session-${i}`));
  const homes = (candidates: readonly Candidate[], id: string): number[] => sessions.filter((session) => homeOf(candidates, session)?.id === id);

  it("sends a session to the same endpoint, in whatever order they stand", () => {
    for (const session of sessions.slice(0, 100)) expect(homeOf([...four].reverse(), session)).to.equal(homeOf(four, session));
  });

  it("spreads sessions evenly", () => {
    for (const { id } of four) expect(homes(four, id).length).to.be.within(880, 1_120);
  });

  it("spreads them by weight", () => {
    expect(homes([candidate("a", 0, 3), candidate("b", 0, 1)], "a").length).to.be.within(2_880, 3_120);
  });

  it("moves only the sessions of an endpoint that goes", () => {
    const three = four.slice(0, 3);
    for (const session of sessions) {
      const before = homeOf(four, session)?.id;
      if (before !== "d") expect(homeOf(three, session)?.id).to.equal(before);
    }
  });

  it("moves sessions to an endpoint whose weight grows, and between no others", () => {
    const growing = [candidate("a", 0, 0.2), ...four.slice(1)];
    for (const session of sessions) {
      const [before, after] = [homeOf(growing, session)?.id, homeOf(four, session)?.id];
      if (after !== before) expect(after).to.equal("a");
    }
  });

  it("sends a session of an overloaded endpoint to the next of its own order, and back", () => {
    const session = homes(four, "a")[0] ?? 0;
    const second = homeOf(four.slice(1), session)?.id;
    expect(homeOf([candidate("a", 3), ...four.slice(1)], session)?.id, "few calls").to.equal("a");
    expect(homeOf([candidate("a", 30), ...four.slice(1)], session)?.id).to.equal(second);
    expect(homeOf([candidate("a", 30), ...["b", "c", "d"].map((id) => candidate(id, 30))], session)?.id, "as busy as all").to.equal("a");
  });

  it("never lets an endpoint have more than 1.25 times its share, and finds a place for every call", () => {
    const running = new Map([["a", 0], ["b", 0], ["c", 0], ["d", 0]]);
    for (let calls = 0; calls < 1_000; calls++) {
      const home = homeOf([...running].map(([id, count]) => candidate(id, count)), 7);
      if (home === undefined) throw new Error("there was no place");
      expect(home.running).to.be.below(Math.max(4, (1.25 * (calls + 1)) / 4));
      running.set(home.id, home.running + 1);
    }
    expect(Math.max(...running.values())).to.equal(313);
  });

  it("tells sessions apart by each of their texts, and by where one ends", () => {
    const hashes = [sessionHash("ab", "c"), sessionHash("a", "bc"), sessionHash("abc"), sessionHash("ab", undefined, "d")];
    expect(new Set(hashes).size).to.equal(4);
    expect(sessionHash("ab", undefined, "c")).to.equal(hashes[0]);
    const opening = "x".repeat(2_048);
    expect(sessionHash(`${opening}a`), "the beginning counts").to.equal(sessionHash(`${opening}b`));
  });
});
