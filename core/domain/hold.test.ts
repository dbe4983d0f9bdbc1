import { expect } from "chai";
import fc from "fast-check";
import { admit, chargeFor, type AdmissionRequest } from "./hold";

function one(pool: string, wantNano: bigint, zeroIsFree?: boolean): AdmissionRequest {
  return { lines: [{ pool, wantNano }], zeroIsFree };
}

const aPool = fc.constantFrom("a", "b", "c", "gone");
const aRequest: fc.Arbitrary<AdmissionRequest> = fc.record({
  lines: fc.array(fc.record({ pool: aPool, wantNano: fc.bigInt({ min: -3n, max: 20n }) }), { maxLength: 4 }),
  zeroIsFree: fc.boolean(),
});

describe("admitting holds", () => {
  it("H2: admits in order while it fits, to the last nano-coin", () => {
    const available = new Map([["a", 10n]]);
    expect(admit(available, [one("a", 4n), one("a", 7n), one("a", 6n), one("a", 1n)])).to.deep.equal([true, false, true, false]);
    expect(available.get("a")).to.equal(0n);
  });

  it("H2: takes all lines or none", () => {
    const available = new Map([["a", 10n], ["key:k", 3n]]);
    const both: AdmissionRequest = { lines: [{ pool: "a", wantNano: 5n }, { pool: "key:k", wantNano: 5n }] };
    expect(admit(available, [both])).to.deep.equal([false]);
    expect([...available.values()]).to.deep.equal([10n, 3n]);
  });

  it("H2: two lines on one pool count together", () => {
    const twice: AdmissionRequest = { lines: [{ pool: "a", wantNano: 6n }, { pool: "a", wantNano: 6n }] };
    expect(admit(new Map([["a", 10n]]), [twice])).to.deep.equal([false]);
    expect(admit(new Map([["a", 12n]]), [twice])).to.deep.equal([true]);
  });

  it("H2: a line below 0 is no way to make coins", () => {
    const trick: AdmissionRequest = { lines: [{ pool: "a", wantNano: -5n }, { pool: "a", wantNano: 12n }] };
    expect(admit(new Map([["a", 10n]]), [trick, one("a", -1n)])).to.deep.equal([false, false]);
  });

  it("H2: a pool that is not there admits nothing", () => {
    expect(admit(new Map(), [one("a", 1n), one("a", 0n), one("a", 0n, true)])).to.deep.equal([false, false, false]);
  });

  it("H5: a call without lines is admitted", () => {
    expect(admit(new Map(), [{ lines: [] }])).to.deep.equal([true]);
  });

  it("P8: a free call needs a balance above 0, unless free models go on when it is exhausted", () => {
    expect(admit(new Map([["a", 0n]]), [one("a", 0n), one("a", 0n, true)])).to.deep.equal([false, true]);
    expect(admit(new Map([["a", 1n]]), [one("a", 0n)])).to.deep.equal([true]);
  });

  it("P8: coins that other calls hold are still a balance for a free call", () => {
    expect(admit(new Map([["a", 0n]]), [one("a", 0n), one("a", 1n)], new Map([["a", 9n]]))).to.deep.equal([true, false]);
    expect(admit(new Map([["a", 0n]]), [one("a", 0n)], new Map([["a", 0n]]))).to.deep.equal([false]);
  });

  it("H2: never admits more than there was, in any order and on any pools", () => {
    const amounts = fc.record({ a: fc.bigInt({ min: -5n, max: 40n }), b: fc.bigInt({ min: 0n, max: 40n }), c: fc.constant(0n) });
    fc.assert(
      fc.property(amounts, fc.array(aRequest, { maxLength: 20 }), (start, requests) => {
        const available = new Map(Object.entries(start));
        const admitted = admit(available, requests);
        for (const [pool, had] of Object.entries(start)) {
          const held = requests
            .filter((_, index) => admitted[index])
            .flatMap(({ lines }) => lines.filter((line) => line.pool === pool))
            .reduce((sum, line) => sum + line.wantNano, 0n);
          expect(held === 0n || held <= had).to.equal(true);
          expect(available.get(pool)).to.equal(had - held);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("charging a settlement", () => {
  const charges: readonly [string, bigint, bigint, bigint, bigint, bigint][] = [
    ["a cost below its hold", 3n, 5n, 100n, 3n, 0n],
    ["a cost of the whole hold", 5n, 5n, 0n, 5n, 0n],
    ["a cost above its hold takes the rest from what is available", 8n, 5n, 100n, 8n, 0n],
    ["what the pool cannot pay is uncollected", 8n, 5n, 1n, 6n, 2n],
    ["a pool below what is held lends nothing", 8n, 5n, -4n, 5n, 3n],
    ["nothing costs nothing", 0n, 5n, 5n, 0n, 0n],
    ["a cost below 0 gives nothing back", -5n, 5n, 5n, 0n, 0n],
    ["a settlement without a hold is paid from what is available", 4n, 0n, 3n, 3n, 1n],
  ];
  for (const [title, cost, held, available, chargedNano, uncollectedNano] of charges) {
    it(`H3: ${title}`, () => {
      expect(chargeFor("a", cost, held, available)).to.deep.equal({ pool: "a", chargedNano, uncollectedNano });
    });
  }

  it("H3: charged and uncollected are the cost, and no pool goes below 0", () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 12n });
    fc.assert(
      fc.property(amount, amount, amount, (cost, held, available) => {
        const { chargedNano, uncollectedNano } = chargeFor("a", cost, held, available);
        expect(chargedNano + uncollectedNano).to.equal(cost);
        expect(chargedNano <= held + available && uncollectedNano >= 0n).to.equal(true);
        expect(uncollectedNano === 0n || chargedNano === held + available).to.equal(true);
      }),
    );
  });
});
