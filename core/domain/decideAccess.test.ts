import { expect } from "chai";
import type { AccessSubject, AccessWord, Decision } from "./accessPolicy";
import { decideAccess, type DecideAccessOptions } from "./decideAccess";
import type { Owner } from "./owner";
import { accessLayersOf } from "./ownerSettings";
import { at, client, snapshotOf, user, type AccessText, type SnapshotText } from "./testing/snapshots";

const ANN = user("ann@example.edu");
const BOT = client("bot");

function model(over: Partial<AccessSubject> = {}): AccessSubject {
  return { name: "m", disabled: false, needsAck: false, at: at(70), ...over };
}

function says(word: AccessWord): AccessSubject {
  return model({ access: { value: word, at: at(71) } });
}

function decide(owner: Owner, text: SnapshotText, subject = model(), options: Partial<DecideAccessOptions> = {}): Decision {
  return decideAccess(accessLayersOf(owner, snapshotOf(text)), subject, { consent: "none", consentNeeded: true, ...options });
}

/** `verdict, layer that decided, stage`: a decision in one line. */
function lineOf({ verdict, decidedBy }: Decision): string {
  return `${verdict} ${decidedBy.layer} ${decidedBy.stage}`;
}

/** Names the model, or sets a default. */
function names(word: AccessWord): { access: AccessText } {
  return { access: { models: { m: word } } };
}

function defaults(word: AccessWord): { access: AccessText } {
  return { access: { default: word } };
}

/** A user in the groups given, beside `users.default` and the user's entry. */
function groupsOfAnn(groups: SnapshotText["groups"], users: SnapshotText["users"] = {}): SnapshotText {
  return { groups, users: { ...users, default: { groups: Object.keys(groups ?? {}), ...users["default"] } } };
}

describe("deciding access", () => {
  const table: readonly [string, Owner, SnapshotText, AccessSubject, string][] = [
    ["A1: a disabled model is nobody's, whatever was said", ANN, { users: { "ann@example.edu": names("whitelist") } }, model({ disabled: true }), "disabled model disabled"],
    ["A2: the own entry before the groups", ANN, groupsOfAnn({ g: names("blacklist") }, { "ann@example.edu": names("whitelist") }), model(), "allowed users.ann@example.edu named"],
    ["A2: the groups before users.default", ANN, groupsOfAnn({ g: names("whitelist") }, { default: names("blacklist") }), model(), "allowed groups.g named"],
    ["A2: a name in users.default before the model's own access", ANN, { users: { default: names("blacklist") } }, says("whitelist"), "denied users.default named"],
    ["A2: a name anywhere before a default nearer to the owner", ANN, { users: { default: names("whitelist"), "ann@example.edu": defaults("blacklist") } }, model(), "allowed users.default named"],
    ["A2: named: blacklist beats graylist and whitelist", ANN, groupsOfAnn({ a: names("whitelist"), b: names("graylist"), c: names("blacklist") }), model(), "denied groups.c named"],
    ["A2: named: graylist beats whitelist", ANN, groupsOfAnn({ a: names("whitelist"), b: names("graylist") }), model(), "consent_required groups.b named"],
    ["A2: the model's own access before every default", ANN, { users: { "ann@example.edu": defaults("blacklist") } }, says("whitelist"), "allowed model model"],
    ["A2: the model may deny what defaults allow", ANN, { users: { default: defaults("whitelist") }, defaultAccess: "whitelist" }, says("blacklist"), "denied model model"],
    ["A2: the own default before the groups'", ANN, groupsOfAnn({ g: defaults("whitelist") }, { "ann@example.edu": defaults("blacklist") }), model(), "denied users.ann@example.edu default"],
    ["A2: default: whitelist beats graylist and blacklist", ANN, groupsOfAnn({ a: defaults("blacklist"), b: defaults("graylist"), c: defaults("whitelist") }), model(), "allowed groups.c default"],
    ["A2: default: graylist beats blacklist", ANN, groupsOfAnn({ a: defaults("blacklist"), b: defaults("graylist") }), model(), "consent_required groups.b default"],
    ["A2: the groups' default before users.default", ANN, groupsOfAnn({ g: defaults("blacklist") }, { default: defaults("whitelist") }), model(), "denied groups.g default"],
    ["A2: users.default before the global default", ANN, { users: { default: defaults("whitelist") } }, model(), "allowed users.default default"],
    ["A2: the global default is the last word", ANN, { defaultAccess: "whitelist" }, model(), "allowed defaults.models default"],
    ["A2: which is blacklist unless set", ANN, {}, model(), "denied defaults.models default"],
    ["A2: a client without an entry has clients.default", BOT, { clients: { default: names("whitelist") } }, model(), "allowed clients.default named"],
    ["A2, P4: an entry shuts out clients.default, also by name", BOT, { clients: { default: names("whitelist"), bot: { max: "1" } } }, model(), "denied clients.bot default"],
    ["A2, P4: an entry without model_access denies what nobody named, before the model's own say", BOT, { clients: { bot: { max: "1" } }, defaultAccess: "whitelist" }, says("whitelist"), "denied clients.bot default"],
    ["A2: an entry without a default does the same", BOT, { clients: { bot: { access: { models: { other: "whitelist" } } } } }, says("whitelist"), "denied clients.bot default"],
    ["A2: what it names is allowed", BOT, { clients: { bot: names("whitelist") } }, model(), "allowed clients.bot named"],
    ["A2: what its groups name is allowed", BOT, { groups: { g: names("whitelist") }, clients: { bot: { groups: ["g"] } } }, model(), "allowed groups.g named"],
    ["A2: a default of its groups does not speak for it", BOT, { groups: { g: defaults("whitelist") }, clients: { bot: { groups: ["g"] } } }, model(), "denied clients.bot default"],
    ["A2: an entry with a default still lets the model speak first", BOT, { clients: { bot: defaults("whitelist") } }, says("blacklist"), "denied model model"],
    ["A2: and then its default, before its groups'", BOT, { groups: { g: defaults("whitelist") }, clients: { bot: { groups: ["g"], ...defaults("blacklist") } } }, model(), "denied clients.bot default"],
    ["A3: graylist asks for consent", ANN, { users: { default: names("graylist") } }, model(), "consent_required users.default named"],
    ["A3: the model's own graylist as well", ANN, {}, says("graylist"), "consent_required model model"],
    ["A4: needs_ack asks for consent where the model is allowed", ANN, { users: { "ann@example.edu": names("whitelist") } }, model({ needsAck: true }), "consent_required model needs_ack"],
    ["A4: needs_ack allows nothing by itself", ANN, {}, model({ needsAck: true }), "denied defaults.models default"],
    ["A4: where a layer asks for consent, that layer is named", ANN, { users: { default: names("graylist") } }, model({ needsAck: true }), "consent_required users.default named"],
    ["A7: a list that names another model says nothing of this one", ANN, { users: { default: { access: { models: { nosuch: "whitelist" } } } } }, model(), "denied defaults.models default"],
  ];
  for (const [title, owner, text, subject, line] of table) {
    it(title, () => {
      expect(lineOf(decide(owner, text, subject))).to.equal(line);
    });
  }

  it("A3, A4: a valid consent opens graylisted models and those with needs_ack; any other state does not", () => {
    const gray: SnapshotText = { users: { default: names("graylist") } };
    const white: SnapshotText = { users: { default: names("whitelist") } };
    for (const [text, subject] of [[gray, model()], [white, model({ needsAck: true })]] as const) {
      const valid = decide(ANN, text, subject, { consent: "valid" });
      expect(lineOf(valid)).to.equal("allowed users.default named");
      expect([valid.needsConsent, valid.consent]).to.deep.equal([true, "valid"]);
      for (const consent of ["none", "outdated", "withdrawn"] as const) {
        const decision = decide(ANN, text, subject, { consent });
        expect([decision.verdict, decision.needsConsent, decision.consent]).to.deep.equal(["consent_required", true, consent]);
      }
    }
  });

  it("A3: no consent is needed where a layer allows, and none helps where one denies", () => {
    const white = decide(ANN, { users: { default: names("whitelist") } });
    expect([white.verdict, white.needsConsent]).to.deep.equal(["allowed", false]);
    const black = decide(ANN, { users: { default: names("blacklist") } }, model({ needsAck: true }), { consent: "valid" });
    expect([black.verdict, black.needsConsent]).to.deep.equal(["denied", false]);
  });

  it("S4: a freed path asks for no consent, and is refused all the same where access is", () => {
    const gray: SnapshotText = { users: { default: names("graylist") } };
    const freed = decide(ANN, gray, model({ needsAck: true }), { consentNeeded: false });
    expect([lineOf(freed), freed.needsConsent]).to.deep.equal(["allowed users.default named", false]);
    expect(decide(ANN, {}, says("blacklist"), { consentNeeded: false }).verdict).to.equal("denied");
    expect(decide(ANN, gray, model({ disabled: true }), { consentNeeded: false }).verdict).to.equal("disabled");
  });

  it("K2: a key narrowed to other models denies, and one that names the model gives nothing that its owner lacks", () => {
    const white: SnapshotText = { users: { default: names("whitelist") } };
    const key = (text: SnapshotText, keyModels: string[]): string => lineOf(decide(ANN, text, model(), { keyModels }));
    expect(key(white, ["other"])).to.equal("denied key key");
    expect(key(white, [])).to.equal("denied key key");
    expect(key(white, ["other", "m"])).to.equal("allowed users.default named");
    expect(key({}, ["m"])).to.equal("denied defaults.models default");
    expect(key({ users: { default: names("graylist") } }, ["other"])).to.equal("denied key key");
    expect(key({ users: { default: names("graylist") } }, ["m"])).to.equal("consent_required users.default named");
  });

  it("A6: the reasons are every layer that was asked, in order, with what it said and where", () => {
    const text: SnapshotText = {
      groups: { default: { line: 10 }, g: { line: 20, access: { default: "graylist", models: { other: "blacklist" } } } },
      users: { default: { line: 30, groups: ["g"] }, "ann@example.edu": { line: 40, access: { models: { other: "whitelist" } } } },
    };
    const decision = decide(ANN, text, model({ needsAck: true }), { keyModels: ["m"] });
    expect(decision.reasons).to.deep.equal([
      { stage: "named", layer: "users.ann@example.edu", said: undefined, at: at(40) },
      { stage: "named", layer: "groups.default", said: undefined, at: at(10) },
      { stage: "named", layer: "groups.g", said: undefined, at: at(20) },
      { stage: "named", layer: "users.default", said: undefined, at: at(30) },
      { stage: "model", layer: "model", said: undefined, at: at(70) },
      { stage: "default", layer: "users.ann@example.edu", said: undefined, at: at(40) },
      { stage: "default", layer: "groups.default", said: undefined, at: at(10) },
      { stage: "default", layer: "groups.g", said: "graylist", at: at(21) },
      { stage: "key", layer: "key", said: "named" },
      { stage: "needs_ack", layer: "model", said: "needs_ack", at: at(70) },
      { stage: "consent", layer: "consent", said: "none" },
    ]);
    expect(decision.decidedBy).to.equal(decision.reasons[7]);
  });

  it("A6: nothing is asked after the layer that decided, but groups are asked together", () => {
    const decision = decide(ANN, groupsOfAnn({ a: names("blacklist"), b: names("whitelist") }, { default: names("whitelist") }));
    expect(decision.reasons.map(({ layer, said }) => [layer, said])).to.deep.equal([
      ["groups.a", "blacklist"],
      ["groups.b", "whitelist"],
    ]);
    expect(decision.decidedBy.at).to.deep.equal(at(3));
  });

  it("A6: an entry that shuts out names its own line and no word, for it said none", () => {
    const { decidedBy } = decide(BOT, { clients: { bot: { line: 50, max: "1" } } });
    expect(decidedBy).to.deep.equal({ stage: "default", layer: "clients.bot", at: at(50) });
  });

  it("A8: what a caller can use now is what is allowed: a model that waits for consent comes once it is given", () => {
    const text: SnapshotText = { users: { default: { access: { models: { open: "whitelist", gray: "graylist", shut: "blacklist" } } } } };
    const usable = (consented: readonly string[]): string[] =>
      ["open", "gray", "shut"].filter((name) => {
        const consent = consented.includes(name) ? "valid" : "none";
        return decide(ANN, text, model({ name }), { consent }).verdict === "allowed";
      });
    expect(usable([])).to.deep.equal(["open"]);
    expect(usable(["gray", "shut"])).to.deep.equal(["open", "gray"]);
  });
});
