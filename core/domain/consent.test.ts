import { expect } from "chai";
import { consentId, consentState, type Consent } from "./consent";

const GIVEN: Consent = {
  id: "u1/llama3", ownerId: "u1", model: "llama3", noticeHash: "aaaa", givenBy: "u1", givenAt: 1,
};

describe("consent", () => {
  it("S1: is of one owner and one model", () => {
    const ids = [consentId("u1", "llama3"), consentId("u1", "llama4"), consentId("c1", "llama3"), consentId("u1", "meta/llama3:8b")];
    expect(new Set(ids).size).to.equal(4);
    expect(ids[0]).to.equal(GIVEN.id);
  });

  const states: readonly [string, Consent | undefined, string, boolean, string][] = [
    ["S1: none was given", undefined, "aaaa", true, "none"],
    ["S1: given for this text", GIVEN, "aaaa", true, "valid"],
    ["S2: the text has changed", GIVEN, "bbbb", true, "outdated"],
    ["S2: the text has changed, and need not be asked again", GIVEN, "bbbb", false, "valid"],
    ["S5: withdrawn", { ...GIVEN, withdrawnAt: 2 }, "aaaa", true, "withdrawn"],
    ["S5: withdrawn stays withdrawn where old texts stay valid", { ...GIVEN, withdrawnAt: 2 }, "bbbb", false, "withdrawn"],
    ["S5: withdrawn at the beginning of time is withdrawn", { ...GIVEN, withdrawnAt: 0 }, "aaaa", true, "withdrawn"],
  ];
  for (const [title, consent, hash, renew, state] of states) {
    it(`${title}: ${state}`, () => {
      expect(consentState(consent, hash, renew)).to.equal(state);
    });
  }

  it("S3: a person's consent is found for that person, not for a client of theirs", () => {
    const records = new Map([[GIVEN.id, GIVEN]]);
    expect(consentState(records.get(consentId("u1", "llama3")), "aaaa", true)).to.equal("valid");
    expect(consentState(records.get(consentId("c-of-u1", "llama3")), "aaaa", true)).to.equal("none");
  });
});
