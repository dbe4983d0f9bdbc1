import { expect } from "chai";
import { matchesRule, matchesRules } from "./claims";
import type { GroupRule } from "./configSnapshot";
import { groupsOf } from "./groups";
import { client, snapshotOf, user } from "./testing/snapshots";

const AFFILIATION = "staff@example.edu;member@example.edu";

function rule(field: string, test: GroupRule["test"], value: string): GroupRule {
  return { field, test, value };
}

describe("group rules", () => {
  const matches: readonly [string, GroupRule, Record<string, unknown>, boolean][] = [
    ["equals wants the whole text", rule("idp", "equals", "urn:x"), { idp: "urn:x" }, true],
    ["equals a part is no match", rule("idp", "equals", "urn"), { idp: "urn:x" }, false],
    ["case counts", rule("idp", "equals", "URN:x"), { idp: "urn:x" }, false],
    ["contains a part", rule("affiliation", "contains", "staff@example.edu"), { affiliation: AFFILIATION }, true],
    ["contains what is not there", rule("affiliation", "contains", "alum"), { affiliation: AFFILIATION }, false],
    ["contains an element of a list", rule("groups", "contains", "staff"), { groups: ["x", "staff"] }, true],
    ["a part of an element is no element", rule("groups", "contains", "staff"), { groups: ["nonstaff", "staff2"] }, false],
    ["equals does not look into a list", rule("groups", "equals", "staff"), { groups: ["staff"] }, false],
    ["a missing claim", rule("groups", "contains", "staff"), {}, false],
    ["an inherited property is no claim", rule("constructor", "contains", "Object"), {}, false],
    ["a claim that is null", rule("idp", "equals", "null"), { idp: null }, false],
    ["an object is no text", rule("idp", "contains", "object"), { idp: {} }, false],
    ["a boolean claim", rule("email_verified", "equals", "true"), { email_verified: true }, true],
    ["a number claim", rule("year", "equals", "2"), { year: 2 }, true],
    ["a list of numbers", rule("ids", "contains", "7"), { ids: [1, 7] }, true],
    ["an empty contains matches nothing", rule("idp", "contains", ""), { idp: "urn:x" }, false],
    ["nor in a list", rule("ids", "contains", ""), { ids: [""] }, false],
  ];
  for (const [title, one, claims, match] of matches) {
    it(`G1: ${title}`, () => {
      expect(matchesRule(one, claims)).to.equal(match);
    });
  }

  it("G1: all rules must match, and no rules match nobody", () => {
    const rules = [rule("idp", "equals", "urn:x"), rule("affiliation", "contains", "staff")];
    expect(matchesRules(rules, { idp: "urn:x", affiliation: AFFILIATION })).to.equal(true);
    expect(matchesRules(rules, { idp: "urn:x", affiliation: "student" })).to.equal(false);
    expect(matchesRules([], { idp: "urn:x" })).to.equal(false);
  });

  it("G3: an e-mail claim is compared in lower case", () => {
    expect(matchesRule(rule("email", "equals", "Ann@Example.edu"), { email: "ann@EXAMPLE.edu" })).to.equal(true);
    expect(matchesRule(rule("email", "contains", "@Example.EDU"), { email: "ann@example.edu" })).to.equal(true);
  });
});

describe("groups of an owner", () => {
  const snapshot = snapshotOf({
    groups: {
      staff: { rules: [rule("affiliation", "contains", "staff@")] },
      everyUser: {},
      listed: {},
      bots: {},
      otherBots: {},
      default: {},
    },
    users: {
      default: { groups: ["everyUser", "missing"] },
      "ann@example.edu": { groups: ["listed", "everyUser"] },
    },
    clients: { default: { groups: ["bots"] }, named: { groups: ["otherBots"] }, bare: { max: "5" } },
  });

  it("G1: a user is in default, those of users.default, those of the entry, and those whose rules match, each once", () => {
    expect(groupsOf(user("ann@example.edu", { affiliation: AFFILIATION }), snapshot)).to.deep.equal([
      "default", "everyUser", "listed", "staff",
    ]);
    expect(groupsOf(user("bob@example.edu"), snapshot)).to.deep.equal(["default", "everyUser"]);
  });

  it("G1: a client is in default and the groups of its entry, or of clients.default where it has none", () => {
    expect(groupsOf(client("named"), snapshot)).to.deep.equal(["default", "otherBots"]);
    expect(groupsOf(client("bare"), snapshot)).to.deep.equal(["default"]);
    expect(groupsOf(client("unnamed"), snapshot)).to.deep.equal(["default", "bots"]);
  });

  it("G1: without a group named default nobody is in it", () => {
    expect(groupsOf(user("bob@example.edu"), snapshotOf({}))).to.deep.equal([]);
  });

  it("G1: a client has no claims, so rules never make it a member", () => {
    const rules = [rule("name", "equals", "bot")];
    expect(groupsOf(client("bot"), snapshotOf({ groups: { g: { rules } } }))).to.deep.equal([]);
  });

  it("G1: an entry named default is never a person's own", () => {
    expect(groupsOf(user("default"), snapshotOf({ groups: { g: {} }, users: { default: { groups: ["g"] } } }))).to.deep.equal(["g"]);
  });

  it("G2: stored claims are evaluated against the file of the moment", () => {
    const ann = user("ann@example.edu", { affiliation: AFFILIATION });
    const edited = snapshotOf({ groups: { members: { rules: [rule("affiliation", "contains", "member@")] } } });
    expect(groupsOf(ann, edited)).to.deep.equal(["members"]);
    expect(groupsOf(ann, snapshotOf({ groups: { members: {} } }))).to.deep.equal([]);
  });

  it("G3: a person's entry is found whatever the case of the address", () => {
    expect(groupsOf(user("Ann@Example.EDU"), snapshot)).to.include("listed");
  });
});
