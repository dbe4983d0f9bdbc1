import { expect } from "chai";
import { formatCoins } from "./coins";
import type { Owner } from "./owner";
import { accessLayersOf, poolTermsOf } from "./ownerSettings";
import { at, client, snapshotOf, user, type SnapshotText } from "./testing/snapshots";

/** `max/refresh/starting from`: a pool in one line. */
function poolLine(owner: Owner, text: SnapshotText): string {
  const { terms, from } = poolTermsOf(owner, snapshotOf(text));
  if (!terms) return `none ${from}`;
  if (terms.kind !== "limited") return `${terms.kind} ${from}`;
  const amounts = [terms.maxNano, terms.refreshNanoPerHour, terms.startingNano].map(formatCoins);
  return `${amounts.join("/")} ${from}`;
}

const ANN = user("ann@example.edu");
const BOT = client("bot");
const LAST = { max: "3", refresh: "1", starting: "2" };
const GROUPS = {
  small: { max: "20", refresh: "9" },
  big: { max: "200", refresh: "5", starting: "10" },
  blocked: { max: "0" },
  unlimited: { max: "-2" },
  poolless: { refresh: "7" },
};

describe("the pool of an owner", () => {
  const pools: readonly [string, Owner, SnapshotText, string][] = [
    ["P1: -2 is unlimited", ANN, { users: { default: { max: "-2", refresh: "4" } } }, "unlimited users.default"],
    ["P1: 0 is blocked, whatever else is set", ANN, { users: { default: { max: "0", refresh: "4", starting: "9" } } }, "blocked users.default"],
    ["P2: refresh is 0 and starting is max unless set", ANN, { users: { default: { max: "50" } } }, "50/0/50 users.default"],
    ["P2: starting may be 0 or above max", BOT, { clients: { default: { max: "50", starting: "70" } } }, "50/0/70 clients.default"],
    ["P3: nothing found is no pool", ANN, {}, "none defaults.tokens"],
    ["P3: the last pool", ANN, { defaultPool: LAST }, "3/1/2 defaults.tokens"],
    ["P3: users.default before the last pool, taken whole", ANN, { users: { default: { max: "50" } }, defaultPool: LAST }, "50/0/50 users.default"],
    ["P3: users.default without max is none", ANN, { users: { default: { refresh: "8" } }, defaultPool: LAST }, "3/1/2 defaults.tokens"],
    ["P3: the most generous group, taken whole", ANN, { groups: GROUPS, users: { default: { max: "500", groups: ["small", "big"] } } }, "200/5/10 groups.big"],
    ["P3: unlimited is the most generous", ANN, { groups: GROUPS, users: { default: { groups: ["big", "unlimited", "small"] } } }, "unlimited groups.unlimited"],
    ["P3: a group with max 0 does not count", ANN, { groups: GROUPS, users: { default: { max: "50", groups: ["blocked"] } } }, "50/0/50 users.default"],
    ["P3: nor does one without max", ANN, { groups: GROUPS, users: { default: { groups: ["poolless"] } }, defaultPool: LAST }, "3/1/2 defaults.tokens"],
    ["P3: the group default counts as any other", ANN, { groups: { default: { max: "7" } }, users: { default: { max: "50" } } }, "7/0/7 groups.default"],
    ["P3: a user's entry is laid over field by field", ANN, { groups: GROUPS, users: { "ann@example.edu": { groups: ["big"], refresh: "1" } } }, "200/1/10 groups.big"],
    ["P3: a user's max over a group's", ANN, { groups: GROUPS, users: { "ann@example.edu": { groups: ["big"], max: "1000" } } }, "1000/5/10 users.ann@example.edu"],
    ["P3: a user's max of 0 blocks", ANN, { groups: GROUPS, users: { "ann@example.edu": { groups: ["unlimited"], max: "0" } } }, "blocked users.ann@example.edu"],
    ["P3: a user's limit under unlimited", ANN, { users: { default: { max: "-2" }, "ann@example.edu": { max: "9" } } }, "9/0/9 users.ann@example.edu"],
    ["P3: starting follows the max that is in force", ANN, { users: { default: { max: "50" }, "ann@example.edu": { max: "80" } } }, "80/0/80 users.ann@example.edu"],
    ["P3: fields over nothing are no pool", ANN, { users: { "ann@example.edu": { refresh: "1", starting: "4" } } }, "none defaults.tokens"],
    ["P3: a client's entry before its groups", BOT, { groups: GROUPS, clients: { bot: { max: "5", groups: ["big"] } } }, "5/0/5 clients.bot"],
    ["P3: a client's entry without max leaves it to its groups", BOT, { groups: GROUPS, clients: { bot: { refresh: "1", groups: ["big"] } } }, "200/5/10 groups.big"],
    ["P3: a client's groups before clients.default", BOT, { groups: GROUPS, clients: { default: { max: "100", groups: ["small"] } } }, "20/9/20 groups.small"],
    ["P3: clients.default before the last pool", BOT, { clients: { default: { max: "100", refresh: "0.05" } }, defaultPool: LAST }, "100/0.05/100 clients.default"],
    ["P3: the last pool is also a client's", BOT, { defaultPool: LAST }, "3/1/2 defaults.tokens"],
    ["P4: a client's entry shuts out clients.default and the last pool", BOT, { clients: { default: { max: "100" }, bot: { refresh: "1" } }, defaultPool: LAST }, "none clients.bot"],
    ["P4: an entry with max inherits neither refresh nor starting", BOT, { clients: { default: { max: "100", refresh: "5", starting: "50" }, bot: { max: "8" } } }, "8/0/8 clients.bot"],
    ["P4: a group with max 0 gives an entry no pool", BOT, { groups: GROUPS, clients: { bot: { groups: ["blocked"] } }, defaultPool: LAST }, "none clients.bot"],
    ["P4: an entry for another client changes nothing", BOT, { clients: { default: { max: "100" }, bot2: { max: "1" } } }, "100/0/100 clients.default"],
    ["P4: users inherit what their entry leaves out", ANN, { users: { default: { max: "50", refresh: "2" }, "ann@example.edu": { starting: "1" } } }, "50/2/1 users.default"],
  ];
  for (const [title, owner, text, line] of pools) {
    it(title, () => {
      expect(poolLine(owner, text)).to.equal(line);
    });
  }

  it("P3: among groups of one max the faster refill, then the higher start, then the first wins", () => {
    const of = (groups: SnapshotText["groups"]): string =>
      poolLine(ANN, { groups, users: { default: { groups: Object.keys(groups ?? {}) } } });
    expect(of({ a: { max: "9", refresh: "1" }, b: { max: "9", refresh: "2" } })).to.equal("9/2/9 groups.b");
    expect(of({ a: { max: "9", starting: "1" }, b: { max: "9", starting: "2" } })).to.equal("9/0/2 groups.b");
    expect(of({ a: { max: "9" }, b: { max: "9" } })).to.equal("9/0/9 groups.a");
  });

  it("P3: names the line of the max, or of the entry that shut everything out", () => {
    expect(poolTermsOf(ANN, snapshotOf({ users: { default: { max: "5" } } })).at).to.deep.equal(at(1));
    expect(poolTermsOf(BOT, snapshotOf({ clients: { bot: { line: 42 } } })).at).to.deep.equal(at(42));
    expect(poolTermsOf(ANN, snapshotOf({})).at).to.equal(undefined);
  });
});

describe("the layers of an owner", () => {
  const snapshot = snapshotOf({
    groups: { default: {}, g: {} },
    users: { default: {}, "ann@example.edu": { groups: ["g"] } },
    clients: { default: { groups: ["g"] }, bot: {} },
  });
  const layers = (owner: Owner): unknown => {
    const { own, groups, ownersDefault, ownEntryIsWhole } = accessLayersOf(owner, snapshot);
    return [own?.name, groups.map((group) => group.name), ownersDefault?.name, ownEntryIsWhole];
  };

  it("A2: a user's own entry, the groups, users.default", () => {
    expect(layers(user("ANN@example.edu"))).to.deep.equal([
      "users.ann@example.edu", ["groups.default", "groups.g"], "users.default", false,
    ]);
    expect(layers(user("bob@example.edu"))).to.deep.equal([undefined, ["groups.default"], "users.default", false]);
  });

  it("P4: a client's named entry shuts out clients.default", () => {
    expect(layers(BOT)).to.deep.equal(["clients.bot", ["groups.default"], undefined, true]);
    expect(layers(client("other"))).to.deep.equal([undefined, ["groups.default", "groups.g"], "clients.default", false]);
  });
});
