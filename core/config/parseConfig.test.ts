import { expect } from "chai";
import fc from "fast-check";
import { createHash } from "node:crypto";
import { formatCoins, parseCoins } from "../domain/coins";
import type { ConfigSnapshot } from "../domain/configSnapshot";
import { faultLine } from "./fault";
import { parseConfig } from "./parseConfig";

const DUMMY = "models: [{name: m, input_cost_per_million: 0.5, output_cost_per_million: 1, endpoints: [{url: 'demo:'}]}]";

/** The snapshot of a file that must be right, without a warning other than those expected. */
function load(text: string, { env = {}, warnings = 0 }: { env?: Record<string, string>; warnings?: number } = {}): ConfigSnapshot {
  const { snapshot, faults } = parseConfig(text, { file: "c.yaml", env, loadedAt: 7 });
  const lines = faults.map(faultLine).join("\n");
  if (!snapshot) throw new Error(lines);
  expect(faults, lines).to.have.length(warnings);
  return snapshot;
}

const names = (text: string, n = 0) => load(`${text}\n${DUMMY}`, { warnings: n });

describe("what is typed counts", () => {
  for (const [typed, read] of [["no", "no"], ["off", "off"], ["1.10", "1.10"], ["0x1F", "0x1F"], ["2025-04", "2025-04"], ["'007'", "007"], ["1_000", "1_000"], ["true", "true"]]) {
    it(`reads the name ${typed} as the text ${read}`, () => {
      expect(names(`app: {name: ${typed}}`).app.name).to.equal(read);
    });
  }

  it("keeps such names as names of groups, models and clients", () => {
    const snapshot = load([
      "groups: {no: {rules: [{field: off, equals: 1.10}]}}", "clients: {1.10: {groups: [no], model_access: {whitelist: [1.10, off]}}}",
      "models:", ...["1.10", "off"].map((name) => `  - {name: ${name}, input_cost_per_million: 0, output_cost_per_million: 0, endpoints: [{url: 'demo:'}]}`),
    ].join("\n"));
    expect([...snapshot.models.keys()]).to.deep.equal(["1.10", "off"]);
    expect(snapshot.groups.get("no")?.rules).to.deep.equal([{ field: "off", test: "equals", value: "1.10" }]);
    expect([...(snapshot.clients.byName.get("1.10")?.access?.models.keys() ?? [])]).to.deep.equal(["1.10", "off"]);
  });

  for (const [typed, read] of [["true", true], ["yes", true], ["On", true], ["\"false\"", false], ["no", false], ["off", false]] as const) {
    it(`reads the flag ${typed} as ${read}`, () => {
      expect(names(`api: {consent: ${typed}}`).api.consent).to.equal(read);
    });
  }

  it("reads amounts exactly, quoted or not (M1, M2)", () => {
    const amount = fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 24n }), fc.boolean());
    fc.assert(fc.property(amount, ([nano, quoted]) => {
      const text = quoted ? `"${formatCoins(nano)}"` : formatCoins(nano);
      const snapshot = names(`users: {default: {max: ${text}, refresh: ${text}}}\ndefaults: {tokens: {starting: ${text}}}`);
      expect(snapshot.users.default?.pool.max?.value).to.equal(nano);
      expect(snapshot.users.default?.pool.refresh?.value).to.equal(nano);
      expect(snapshot.defaults.pool?.starting?.value).to.equal(nano);
    }), { numRuns: 60 });
  });

  for (const typed of ["0.1", "0.05", "1e3", "100.0", ".5", "5.", "0.000000001", "123456789012345678.123456789"]) {
    it(`reads a rate of ${typed} to the last digit (M2)`, () => {
      const snapshot = load(DUMMY.replace("0.5", typed));
      expect(snapshot.models.get("m")?.price.inputPerMillionNano).to.equal(parseCoins(typed));
    });
  }
});

describe("variables", () => {
  const env = { NAME: "Lumen at X", EMPTY: "", INJECT: "x\nadmins: [evil@example.edu]", NUMBER: "42", NULL: "null" };
  const name = (value: string) => load(`app: {name: ${value}}\n${DUMMY}`, { env }).app.name;
  const cases: readonly (readonly [title: string, value: string, read: string])[] = [
    ["a variable", "'${NAME}'", "Lumen at X"],
    ["a variable within a text", "'on ${NUMBER}!'", "on 42!"],
    ["two variables", "'${NUMBER}${NUMBER}'", "4242"],
    ["the default of an unset one", "'${UNSET:-a: b}'", "a: b"],
    ["the default of an empty one", "'${EMPTY:-x}'", "x"],
    ["no default where it is set", "'${NUMBER:-1}'", "42"],
    ["the escape", "'$${NAME} $${ $NAME'", "${NAME} ${ $NAME"],
    ["a text that says null", "'${NULL}'", "null"],
  ];
  for (const [title, value, read] of cases) {
    it(`puts in ${title}`, () => {
      expect(name(value)).to.equal(read);
    });
  }

  it("cannot bring keys or lists of their own", () => {
    const snapshot = load(`app:\n  name: \${INJECT}\n${DUMMY}`, { env });
    expect(snapshot.app.name).to.equal(env.INJECT);
    expect(snapshot.admins.size).to.equal(0);
  });

  it("take the default of a key where they are empty", () => {
    expect(load(`coins:\n  default_output_tokens: \${EMPTY:-}\n${DUMMY}`, { env }).coins.defaultOutputTokens).to.equal(4096);
  });

  it("are not looked for in keys", () => {
    expect([...load(`groups: {"\${NAME}": {rules: [{field: a, equals: b}]}}\n${DUMMY}`, { env }).groups.keys()]).to.deep.equal(["${NAME}"]);
  });
});

describe("entries", () => {
  it("of clients that are empty are not there: they mean the default (P4)", () => {
    const { clients } = names("clients: {default: {max: 1}, empty: {}, nothing: , unset: {max: }, listed: {groups: []}, bot: {max: 0}}");
    expect([...clients.byName.keys()]).to.deep.equal(["listed", "bot"]);
    expect(clients.default?.name).to.equal("default");
  });

  it("of users are found by the address in lower case (G3)", () => {
    const { users, admins } = names("users: {Alice@Example.EDU: {max: 1}}\nadmins: [Root@Example.edu]");
    expect([...users.byEmail.keys()]).to.deep.equal(["alice@example.edu"]);
    expect(users.byEmail.get("alice@example.edu")?.name).to.equal("alice@example.edu");
    expect([...admins]).to.deep.equal(["root@example.edu"]);
  });

  it("set only what they say: −2 is unlimited, 0 is 0, and nothing is nothing (P1, P2)", () => {
    const { clients } = names("clients: {a: {max: -2}, b: {max: 0, starting: 3}, c: {refresh: 0.05}}");
    expect(clients.byName.get("a")?.pool.max?.value).to.equal("unlimited");
    expect(clients.byName.get("b")?.pool.max?.value).to.equal(0n);
    expect(clients.byName.get("b")?.pool.starting?.value).to.equal(3_000_000_000n);
    expect(clients.byName.get("c")?.pool).to.deep.equal({ refresh: { value: 50_000_000n, at: { file: "c.yaml", line: 1, column: 64 } } });
  });

  it("know their line, and so does each of their words (A6)", () => {
    const { clients } = load(`clients:\n  bot:\n    model_access:\n      default: graylist\n      whitelist:\n        - m\n${DUMMY}`);
    const bot = clients.byName.get("bot");
    expect(bot?.at).to.deep.equal({ file: "c.yaml", line: 2, column: 3 });
    expect(bot?.access?.default).to.deep.equal({ value: "graylist", at: { file: "c.yaml", line: 4, column: 16 } });
    expect(bot?.access?.models.get("m")).to.deep.equal({ value: "whitelist", at: { file: "c.yaml", line: 6, column: 11 } });
  });

  it("may be shared by anchors, and merged as YAML 1.1 did", () => {
    const { clients } = names("clients:\n  default: &base {max: 5, refresh: 1}\n  a: *base\n  b: {<<: *base, max: 7}");
    expect(clients.byName.get("a")?.pool.max?.value).to.equal(5_000_000_000n);
    expect(clients.byName.get("b")?.pool.max?.value).to.equal(7_000_000_000n);
    expect(clients.byName.get("b")?.pool.refresh?.at?.line).to.equal(2);
  });
});

describe("model_access", () => {
  const MODELS = `models:\n${["a", "b", "c"].map((name) => `  - {name: ${name}, input_cost_per_million: 0, output_cost_per_million: 0, endpoints: [{url: 'demo:'}]}`).join("\n")}`;
  const words = (access: string, warnings = 0) => {
    const rules = load(`clients: {x: {model_access: ${access}}}\n${MODELS}`, { warnings }).clients.byName.get("x")?.access;
    return { default: rules?.default?.value, ...Object.fromEntries([...(rules?.models ?? [])].map(([name, { value }]) => [name, value])) };
  };

  it("reads the words of both versions (A5)", () => {
    expect(words("{default: blocked, allowed: [a], needs_ack: [b], blocked: [c]}"))
      .to.deep.equal({ default: "blacklist", a: "whitelist", b: "graylist", c: "blacklist" });
    expect(words("{default: needs_ack, whitelist: [a], graylist: [b], blacklist: [c]}"))
      .to.deep.equal({ default: "graylist", a: "whitelist", b: "graylist", c: "blacklist" });
  });

  it('takes "*" in a list as the default (A5)', () => {
    expect(words('{allowed: ["*"], blocked: [b]}')).to.deep.equal({ default: "whitelist", b: "blacklist" });
  });

  it("keeps the stricter of two words, with a warning (A3)", () => {
    expect(words("{whitelist: [a, b], graylist: [a, c], blacklist: [b]}", 2)).to.deep.equal({ default: undefined, a: "graylist", b: "blacklist", c: "graylist" });
    expect(words('{default: whitelist, blacklist: ["*"]}', 1)).to.deep.equal({ default: "blacklist" });
    expect(words("{whitelist: [a], allowed: [a]}", 0)).to.deep.equal({ default: undefined, a: "whitelist" });
  });

  it("warns of models that are not there, with a suggestion, and keeps them (A7)", () => {
    const { snapshot, faults } = parseConfig(`groups: {default: {model_access: {whitelist: [lama3]}}}\n${DUMMY.replace("name: m", "name: llama3")}`, { file: "c.yaml" });
    expect(faults.map((fault) => `${fault.severity} ${faultLine(fault)}`)).to.deep.equal([
      'warning c.yaml:1:47: groups.default names the model "lama3", which is not there. Did you mean "llama3"?',
    ]);
    expect(snapshot?.groups.get("default")?.access?.models.get("lama3")?.value).to.equal("whitelist");
  });

  it("denies last where nothing is set, and says where it is set (A2)", () => {
    expect(load(DUMMY).defaults.access).to.deep.equal({ value: "blacklist", at: undefined });
    expect(names("defaults: {models: {access: allowed}}").defaults.access).to.deep.equal({ value: "whitelist", at: { file: "c.yaml", line: 1, column: 29 } });
  });
});

describe("models", () => {
  const model = (keys: string, warnings = 0, top = "") =>
    load(`${top}\nmodels:\n  - {name: m, input_cost_per_million: 1, output_cost_per_million: 2, ${keys}}`, { warnings }).models.get("m")!;

  it("without a rate cost nothing, said once for each model by name (M3)", () => {
    const priced = ["", "input_cost_per_million: 1,", "audio_cost_per_hour: 1,", "audio_cost_per_hour: 1, input_cost_per_million: 1,"];
    const models = priced.map((rates, index) => `  - {name: ${"abcd"[index]}, ${rates} endpoints: [{url: 'demo:'}]}`).join("\n");
    const { snapshot, faults } = parseConfig(`models:\n${models}`, { file: "c.yaml" });
    expect(faults.map(faultLine)).to.deep.equal([
      'c.yaml:2:12: The model "a" has no input_cost_per_million and no output_cost_per_million: 0 is taken.',
      'c.yaml:3:12: The model "b" has no output_cost_per_million: 0 is taken.',
      'c.yaml:5:12: The model "d" has no output_cost_per_million: 0 is taken.',
    ]);
    expect(snapshot?.models.get("a")?.price).to.include({ inputPerMillionNano: 0n, outputPerMillionNano: 0n });
  });

  it("are disabled by either word, and where the two differ (A5)", () => {
    expect(model("endpoints: [{url: 'demo:'}], active: false").disabled).to.equal(true);
    expect(model("endpoints: [{url: 'demo:'}], disabled: yes").disabled).to.equal(true);
    expect(model("endpoints: [{url: 'demo:'}], active: true").disabled).to.equal(false);
    expect(model("endpoints: [{url: 'demo:'}], active: true, disabled: true", 1).disabled).to.equal(true);
  });

  it("carry their notice and its hash, or the global one (S1)", () => {
    const hash = (text: string) => createHash("sha256").update(text).digest("hex");
    const own = model("endpoints: [{url: 'demo:'}], needs_ack: true, ack_message: Own.");
    expect([own.needsAck, own.notice, own.noticeHash]).to.deep.equal([true, "Own.", hash("Own.")]);
    const global = model("endpoints: [{url: 'demo:'}]", 0, "defaults: {models: {ack_message: Global.}}");
    expect(global.noticeHash).to.equal(hash("Global."));
  });

  it("at one URL with two keys have two endpoints, and the same twice is one", () => {
    const urls = "{url: 'http://a/v1/', api_key: x}, {url: 'http://a/v1', api_key: y}";
    const { endpoints } = model(`endpoints: [${urls}]`);
    expect(endpoints.map(({ url }) => url)).to.deep.equal(["http://a/v1", "http://a/v1"]);
    expect(new Set(endpoints.map(({ id }) => id)).size).to.equal(2);
    expect(model(`endpoints: [${urls}, {url: 'http://a/v1', api_key: x}]`, 1).endpoints.map(({ id }) => id)).to.deep.equal(endpoints.map(({ id }) => id));
  });

  it("keep the ids of their endpoints while everything else about them changes", () => {
    const before = model("endpoints: [{url: 'http://a', api_key: x, model: up}]").endpoints[0];
    const after = model("endpoints: [{url: 'http://a', api_key: x, model: up, weight: 3, timeouts: {idle_seconds: 0.5}}]").endpoints[0];
    const other = model("endpoints: [{url: 'http://a', api_key: x, model: down}]").endpoints[0];
    expect(after?.id).to.equal(before?.id);
    expect(other?.id).not.to.equal(before?.id);
    expect(after?.timeouts).to.deep.equal({ connectMs: 5000, headersMs: 600_000, idleMs: 500 });
  });

  it("say so where the built-in server is off", () => {
    expect(model("endpoints: [{url: 'demo:'}]", 1, "demo: {enabled: false}").endpoints).to.have.length(1);
  });
});

describe("rate limits", () => {
  for (const [typed, windows] of [
    ["300 per minute", [[300, 60]]], ["30/minute", [[30, 60]]], ["5 / second", [[5, 1]]], ["1 per 10 seconds", [[1, 10]]],
    ["[2 per hour, 9/days]", [[2, 3600], [9, 86_400]]], ["'10/minute; 100/hour'", [[10, 60], [100, 3600]]],
  ] as const) {
    it(`are read from ${typed}`, () => {
      expect(names(`rate_limiting: {limit: ${typed}}`).rateLimiting.windows.map(({ limit, seconds }) => [limit, seconds])).to.deep.equal(windows);
    });
  }

  it("are none unless set", () => {
    expect(load(DUMMY).rateLimiting).to.deep.equal({ windows: [], concurrent: 0 });
  });
});
