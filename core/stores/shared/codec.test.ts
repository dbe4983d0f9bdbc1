import { expect } from "chai";
import type { LedgerEntry } from "../../domain/ledgerEntry";
import type { BooksEvent } from "./events";
import { decodeEvent, encode, encodeEvent } from "./codec";

const usage = { inputTokens: 1, outputTokens: 0, cachedInputTokens: 0, cacheWriteTokens: 0, audioMs: 5, images: 0, characters: 0 };
const facts = {
  ownerId: 'a"b\\c\nd', via: "api", operation: "chat", model: "org/name ü", startedAt: 5,
  price: { inputPerMillionNano: 1n, outputPerMillionNano: 10n ** 30n, audioPerHourNano: 3n },
} as const;
const entry: LedgerEntry = {
  ...facts, id: "r1", usage, costNano: 7n, charges: [{ pool: "p", chargedNano: 6n, uncollectedNano: 1n }, { pool: "key:k", chargedNano: 7n, uncollectedNano: 0n }],
  settledAt: 9, durationMs: 4, status: 200, flags: [],
};
const terms = { kind: "limited", maxNano: 1n, refreshNanoPerHour: 2n, startingNano: 3n } as const;

describe("the codec of the journal", () => {
  const events: { title: string; event: BooksEvent }[] = [
    { title: "a hold without lines", event: { t: "hold", id: "r1", at: 1, lines: [], facts } },
    { title: "a hold with progress", event: {
      t: "hold", id: "r1", at: 1, lines: [{ pool: "p", amountNano: -5n }], facts: { ...facts, keyId: "k" },
      progress: { usage, costNano: 3n, endpoint: "e" },
    } },
    { title: "a settlement", event: { t: "settle", entry, held: [{ pool: "p", amountNano: 5n }] } },
    { title: "a correction with everything set", event: {
      t: "settle", entry: { ...entry, keyId: "k", endpoint: "e", firstTokenMs: 0, flags: ["aborted", "late"] }, held: [],
      prior: { ...entry, flags: ["expired"] }, priorSeq: 12,
    } },
    { title: "an extension", event: { t: "extend", id: "r1", lines: [{ pool: "p", amountNano: 1n }] } },
    { title: "progress", event: { t: "progress", id: "r1", progress: { usage, costNano: 0n } } },
    { title: "progress at an endpoint", event: { t: "progress", id: 'r"1', progress: { usage, costNano: 7n, endpoint: 'e"' } } },
    { title: "a release", event: { t: "release", id: "r1", held: [{ pool: "p", amountNano: 1n }] } },
    { title: "terms", event: { t: "pool", id: "p", terms, refillFrom: 1 } },
    { title: "an opening", event: {
      t: "adjust", terms, refillFrom: 4,
      adjustment: { id: "a", pool: "p", kind: "opening", amountNano: 9n, at: 1, by: "system", reason: "12Nano" },
    } },
    { title: "a key with a cap", event: { t: "put", collection: "keys", row: { id: "k", revision: 1, coinCapNano: 5n } as never } },
    { title: "a user whose claims look like amounts", event: {
      t: "put", collection: "users", row: { id: "u", revision: 2, claims: { costNano: "12", usage: { a: 1 } } } as never,
    } },
    { title: "an audit event whose details look like amounts", event: {
      t: "audit", event: { id: "e", at: 1, actor: "a", action: "coins.grant", subject: "s", details: { amountNano: "5" } },
    } },
  ];
  for (const { title, event } of events) {
    it(`M1: brings back ${title}`, () => {
      expect(decodeEvent(encodeEvent(event))).to.deep.equal(event);
      // What is put together by hand says the same as the plain way.
      const plain = encode(event).replaceAll(/,?"(outputTokens|cachedInputTokens|cacheWriteTokens|images|characters)":0/g, "");
      const sorted = (json: string): unknown => JSON.parse(json.replaceAll(/,?"(outputTokens|cachedInputTokens|cacheWriteTokens|images|characters)":0/g, ""));
      expect(sorted(encodeEvent(event))).to.deep.equal(sorted(plain));
    });
  }

  it("reads equal prices as one object, which nobody changes", () => {
    const priceIn = (event: BooksEvent) => (event.t === "settle" ? event.entry.price : undefined);
    const settled = (id: string): BooksEvent => ({ t: "settle", entry: { ...entry, id }, held: [] });
    const [one, other] = ["r1", "r2"].map((id) => priceIn(decodeEvent(encodeEvent(settled(id)))));
    expect(one).to.equal(other).and.to.deep.equal(facts.price);
    expect(Object.isFrozen(one)).to.equal(true);
  });
});
