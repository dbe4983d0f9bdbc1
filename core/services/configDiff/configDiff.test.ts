import { expect } from "chai";
import { client, user } from "../../domain/testing/snapshots";
import type { Owner } from "../../domain/owner";
import { serviceSnapshot, type ServiceSnapshotText } from "../testing/snapshots";
import { NAMED } from "./affected";
import { diffConfig } from "./diffConfig";
import type { ConfigDiff } from "./types";

const BASE: ServiceSnapshotText = {
  defaultAccess: "blacklist",
  models: [{ name: "small" }, { name: "large" }],
  groups: { staff: { max: "200", refresh: "5", access: { default: "whitelist" } } },
  users: { default: { max: "50", access: { models: { small: "whitelist" } } }, "ana@x.edu": { groups: ["staff"] } },
  clients: { default: { max: "100", access: { models: { small: "whitelist" } } } },
};

const OWNERS: readonly Owner[] = [user("ana@x.edu"), user("ben@x.edu"), user("cai@x.edu"), client("bot")];

const diffOf = (change: Partial<ServiceSnapshotText>, owners: readonly Owner[] = OWNERS) => {
  const rest = { app: { name: "Lumen" }, sections: { branding: {}, retention: {} }, coins: {}, server: {}, logs: {}, demo: {}, store: {} };
  return diffConfig({ ...rest, ...serviceSnapshot(BASE) }, { ...rest, ...serviceSnapshot({ ...BASE, ...change }) }, owners);
};
const rows = ({ access }: ConfigDiff) => access.map(({ model, change, owners }) => `${model} ${change}: ${[...owners.userNames, ...owners.clientNames].join(" ")}`);

describe("what a configuration would change", () => {
  it("is nothing where nothing changes", async () => {
    const diff = await diffOf({});
    expect(diff).to.deep.include({ same: true, access: [], pools: [], groups: [], settings: [] });
  });

  const access: [string, Partial<ServiceSnapshotText>, string[]][] = [
    ["A1: a model that is disabled is lost", { models: [{ name: "small", disabled: true }, { name: "large" }] }, ["small lost: ana@x.edu ben@x.edu cai@x.edu bot"]],
    ["A1: a model that is gone is lost", { models: [{ name: "large" }] }, ["small lost: ana@x.edu ben@x.edu cai@x.edu bot"]],
    ["A2: a new model is gained by those whose layers allow it", { models: [{ name: "small" }, { name: "large" }, { name: "new" }] }, ["new gained: ana@x.edu"]],
    ["A2: leaving a group loses what it gave", { users: { ...BASE.users, "ana@x.edu": {} } }, ["large lost: ana@x.edu"]],
    ["A2: an own entry takes away from one person alone", { users: { ...BASE.users, "ben@x.edu": { access: { models: { small: "blacklist" } } } } }, ["small lost: ben@x.edu"]],
    ["A3: a graylist asks for consent", { users: { default: { max: "50", access: { models: { small: "graylist" } } }, "ana@x.edu": { groups: ["staff"] } } }, ["small consent_needed: ana@x.edu ben@x.edu cai@x.edu"]],
    ["A4: needs_ack asks everybody", { models: [{ name: "small", needsAck: true }, { name: "large" }] }, ["small consent_needed: ana@x.edu ben@x.edu cai@x.edu bot"]],
    ["P4: a named client entry shuts out the default", { clients: { ...BASE.clients, bot: { max: "5" } } }, ["small lost: bot"]],
    ["A2: another line for the same rules is no change", { groups: { staff: { ...BASE.groups?.["staff"], line: 40 } } }, []],
    ["A2: more for everybody by the last default", { defaultAccess: "whitelist" }, ["large gained: ben@x.edu cai@x.edu bot"]],
  ];
  for (const [title, change, expected] of access) {
    it(title, async () => expect(rows(await diffOf(change))).to.deep.equal(expected));
  }

  it("P3: names whose pool changes, before and after, equal changes together", async () => {
    const { pools } = await diffOf({ users: { ...BASE.users, default: { max: "60", refresh: "1", access: BASE.users?.["default"]?.access } }, clients: { default: { max: "-2", access: BASE.clients?.["default"]?.access } } });
    expect(pools).to.deep.equal([
      {
        before: { kind: "limited", max: "50", refresh: "0", starting: "50" }, after: { kind: "limited", max: "60", refresh: "1", starting: "60" },
        owners: { users: 2, clients: 0, userNames: ["ben@x.edu", "cai@x.edu"], clientNames: [] },
      },
      { before: { kind: "limited", max: "100", refresh: "0", starting: "100" }, after: { kind: "unlimited" }, owners: { users: 0, clients: 1, userNames: [], clientNames: ["bot"] } },
    ]);
  });

  it("G1: names groups that come and go, and who joins and leaves", async () => {
    const { groups } = await diffOf({ groups: { labs: { max: "10" } }, users: { ...BASE.users, "ben@x.edu": { groups: ["labs"] } } });
    expect(groups.map(({ name, change, joined, left }) => [name, change, joined.userNames, left.userNames])).to.deep.equal([
      ["labs", "added", ["ben@x.edu"], []], ["staff", "removed", [], ["ana@x.edu"]],
    ]);
  });

  it("M2: names prices with both amounts, and other changes of models by their keys", async () => {
    const price = { inputPerMillionNano: 500_000_000n, outputPerMillionNano: 2_000_000_000n, perRequestNano: 1n };
    const { models } = await diffOf({ models: [{ name: "small", price, description: "Quick." }, { name: "large", noticeHash: "hash-2" }] });
    expect(models.prices).to.deep.equal([
      { model: "small", key: "output_cost_per_million", before: "1", after: "2" }, { model: "small", key: "request_cost", before: null, after: "0.000000001" },
    ]);
    expect(models.others).to.deep.equal([{ model: "small", keys: ["description"] }]);
    expect(models.notices).to.deep.equal(["large"]);
  });

  it("counts everybody and names the first fifty", async () => {
    const many = Array.from({ length: 300 }, (_, index) => user(`u${String(index).padStart(3, "0")}@x.edu`));
    const { access: [lost] } = await diffOf({ models: [{ name: "large" }] }, [...many].reverse());
    expect(lost?.owners.users).to.equal(300);
    expect(lost?.owners.userNames).to.deep.equal(many.slice(0, NAMED).map(({ email }) => email));
  });

  it("takes less than two seconds for 10,000 people, 500 models and 2,000 entries, and lets others have their turn", async () => {
    const models = Array.from({ length: 500 }, (_, index) => ({ name: `m${index}` }));
    const entry = (index: number, word: "whitelist" | "blacklist") => [`u${index}@x.edu`, { access: { models: { [`m${index % 500}`]: word } } }] as const;
    const entries = (word: "whitelist" | "blacklist") => Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => entry(index, word)));
    const people = Array.from({ length: 10_000 }, (_, index) => user(`u${index}@x.edu`));
    const before = serviceSnapshot({ models, users: entries("whitelist") });
    const after = serviceSnapshot({ models, users: entries("blacklist"), defaultPool: { max: "7" } });
    const rest = { app: {}, sections: { branding: {} }, coins: {}, server: {}, logs: {}, demo: {}, store: {} };
    let turns = 0;
    const beat = setInterval(() => turns++, 5);
    const began = process.cpuUsage();
    const diff = await diffConfig({ ...rest, ...before }, { ...rest, ...after }, people).finally(() => clearInterval(beat));
    const { user: spent, system } = process.cpuUsage(began);
    expect((spent + system) / 1_000).to.be.lessThan(2_000);
    expect(turns).to.be.greaterThan(5);
    expect(diff.access).to.have.length(500);
    expect(diff.access.reduce((sum, { owners }) => sum + owners.users, 0)).to.equal(2_000);
    expect(diff.pools[0]?.owners.users).to.equal(10_000);
  });
});
