import { expect } from "chai";
import { createRateLimits, type RateLimits } from "./rateLimits";

const windowOf = (limit: number, seconds: number) => ({ limit, seconds, text: `${limit} per ${seconds} seconds` });

describe("rate limits", () => {
  let limits: RateLimits;
  beforeEach(() => (limits = createRateLimits()));

  const take = async (ownerId: string, ...windows: ReturnType<typeof windowOf>[]) => (await limits.take(ownerId, windows)).ok;

  it("count each owner apart", async () => {
    const two = windowOf(2, 60);
    expect([await take("a", two), await take("a", two), await take("a", two), await take("b", two)]).to.deep.equal([true, true, false, true]);
  });

  it("hold several windows at once, and tell of the tightest", async () => {
    const windows = [windowOf(3, 60), windowOf(2, 3_600)];
    const first = await limits.take("a", windows);
    expect(first).to.deep.include({ ok: true });
    expect(first.state).to.include({ limit: 2, remaining: 1 });
    await limits.take("a", windows);
    const refused = await limits.take("a", windows);
    expect(refused).to.deep.include({ ok: false, window: windows[1] });
    expect(refused.state).to.include({ limit: 2, remaining: 0 });
    expect(refused.state?.resetMs).to.be.within(3_590_000, 3_600_000);
  });

  it("count a refused request in no window: the others are given back", async () => {
    const [wide, narrow] = [windowOf(5, 60), windowOf(1, 3_600)];
    expect(await take("a", wide, narrow)).to.equal(true);
    for (let i = 0; i < 20; i++) expect(await take("a", wide, narrow)).to.equal(false);
    const left = await limits.take("a", [wide]);
    expect(left.state).to.include({ remaining: 3 });
  });

  it("hold in whatever order the windows are written", async () => {
    const [wide, narrow] = [windowOf(5, 60), windowOf(1, 3_600)];
    expect(await take("a", narrow, wide)).to.equal(true);
    for (let i = 0; i < 20; i++) expect(await take("a", narrow, wide)).to.equal(false);
    expect((await limits.take("a", [wide])).state).to.include({ remaining: 3 });
  });

  it("hold however many requests come at once", async () => {
    const outcomes = await Promise.all(Array.from({ length: 200 }, () => take("a", windowOf(30, 60), windowOf(500, 3_600))));
    expect(outcomes.filter(Boolean)).to.have.length(30);
  });

  it("let everything through where there is no window", async () => {
    expect(await limits.take("a", [])).to.deep.equal({ ok: true });
  });

  it("count running requests, and forget who runs none", () => {
    expect([limits.enter("a", 2), limits.enter("a", 2), limits.enter("a", 2), limits.enter("b", 2)]).to.deep.equal([true, true, false, true]);
    expect(limits.running("a")).to.equal(2);
    limits.leave("a");
    expect(limits.enter("a", 2)).to.equal(true);
    limits.leave("a");
    limits.leave("a");
    limits.leave("a");
    expect([limits.running("a"), limits.running("b"), limits.running("c")]).to.deep.equal([0, 1, 0]);
  });

  it("let any number run where the limit is 0, or lower the limit below what runs already", () => {
    for (let i = 0; i < 50; i++) expect(limits.enter("a", 0)).to.equal(true);
    expect(limits.enter("a", 10)).to.equal(false);
  });
});
