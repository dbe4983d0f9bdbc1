import { expect } from "chai";
import { faultLine } from "./fault";
import { parseConfig } from "./parseConfig";

const MODEL = "{name: m, input_cost_per_million: 1, output_cost_per_million: 1, endpoints: [{url: 'demo:'}]}";

/** Faults as an operator reads them, but for the complaint that a partial file has no models. */
function faultsOf(text: string, env: Record<string, string> = {}): string[] {
  const { faults } = parseConfig(text, { file: "c.yaml", env, themes: ["default", "uic"] });
  return faults.filter(({ message }) => !message.startsWith("There are no models")).map((fault) => `${fault.severity} ${faultLine(fault)}`);
}

interface Broken {
  readonly title: string;
  readonly text: string;
  /** Each expected fault: how its line begins, or a pattern for the whole. */
  readonly faults: readonly (string | RegExp)[];
}

const ERRORS: readonly Broken[] = [
  { title: "an empty file (R2)", text: "", faults: ["error c.yaml:1:1: The file is empty."] },
  { title: "a file of comments alone (R2)", text: "# nothing\n\n", faults: ["error c.yaml:1:1: The file is empty."] },
  { title: "a list instead of sections", text: "- a\n- b\n", faults: ["error c.yaml:1:1: The file must be a map"] },
  { title: "a file cut off within a quote (R2)", text: 'app:\n  name: "Lum', faults: [/^error c\.yaml:2:\d+: This is not valid YAML/] },
  { title: "bad indentation", text: "app:\n  name: x\n tagline: y\n", faults: [/^error c\.yaml:3:\d+: This is not valid YAML/] },
  { title: "two documents", text: "app: {}\n---\napp: {}\n", faults: [/^error c\.yaml:2:1: This is not valid YAML/] },
  { title: "a key twice", text: "app: {name: a}\ndemo: {}\napp: {name: b}\n", faults: ['error c.yaml:3:1: The key "app" is here twice: first on line 1.'] },
  { title: "an unknown section, with a suggestion", text: "model:\n  - x\n", faults: ['error c.yaml:1:1: There is no key "model". Did you mean "models"?'] },
  { title: "an unknown key deep inside, with a suggestion", text: `models:\n  - name: m\n    input_cost_per_million: 1\n    output_cost_per_million: 1\n    endpoints:\n      - url: "demo:"\n        helth: {path: /x}\n`,
    faults: ['error c.yaml:7:9: There is no key "helth" under models[0].endpoints[0]. Did you mean "health"?'] },
  { title: "an unknown key of an entry", text: "clients:\n  default:\n    maxx: 1\n", faults: ['error c.yaml:3:5: There is no key "maxx" under clients.default. Did you mean "max"?'] },
  { title: "an unknown key without a value", text: "app:\n  nam:\n", faults: ['error c.yaml:2:3: There is no key "nam" under app. Did you mean "name"?'] },
  { title: "a list where one value is meant", text: "app:\n  name: [a]\n", faults: ["error c.yaml:2:9: app.name must be a single value, but is a list."] },
  { title: "one value where a list is meant", text: "admins: a@b.c\n", faults: ["error c.yaml:1:9: admins must be a list, but is a single value."] },
  { title: "one value where a section is meant", text: "server: 5\n", faults: ["error c.yaml:1:9: server must be a map of keys, but is a single value."] },
  { title: "a word that is no flag", text: "api: {consent: maybe}\n", faults: ['error c.yaml:1:16: api.consent must be true or false. (It is "maybe".)'] },
  { title: "a number that is not whole", text: "rate_limiting: {concurrent: 1.5}\n", faults: ["error c.yaml:1:29: rate_limiting.concurrent must be a whole number, 0 or more."] },
  { title: "a number out of its range", text: "coins: {low_balance_percent: 101}\n", faults: ["error c.yaml:1:30: coins.low_balance_percent must be a number of percent from 0 to 100."] },
  { title: "max -1 (P1)", text: "clients:\n  default: {max: -1}\n", faults: ["error c.yaml:2:18: -1 is no size of a pool"] },
  { title: "max -0.5 (P1)", text: "users: {default: {max: -0.5}}\n", faults: ["error c.yaml:1:24: -0.5 is no size of a pool"] },
  { title: "a negative refresh (P2)", text: "users: {default: {refresh: -1}}\n", faults: ["error c.yaml:1:28: users.default.refresh must not be below 0."] },
  { title: "a rate below zero (M2)", text: `models: [{name: m, input_cost_per_million: -0.1, output_cost_per_million: 1, endpoints: [{url: "demo:"}]}]\n`,
    faults: ["error c.yaml:1:44: models[0].input_cost_per_million must not be below 0."] },
  { title: "a rate of ten decimals (M2)", text: `models: [{name: m, input_cost_per_million: 0.0000000001, output_cost_per_million: 1, endpoints: [{url: "demo:"}]}]\n`,
    faults: ["error c.yaml:1:44: models[0].input_cost_per_million must be a decimal number with at most nine decimals."] },
  { title: "an amount that is no number (M1)", text: "users: {default: {max: lots}}\n", faults: ["error c.yaml:1:24: users.default.max must be a decimal number"] },
  { title: "an amount that is hexadecimal to YAML (M1)", text: "users: {default: {max: 0x10}}\n", faults: ["error c.yaml:1:24: users.default.max must be a decimal number"] },
  { title: "a model without endpoints", text: "models:\n  - name: m\n    input_cost_per_million: 1\n    output_cost_per_million: 1\n", faults: ["error c.yaml:2:5: models[0].endpoints is missing."] },
  { title: "a model with an empty list of endpoints", text: "models: [{name: m, input_cost_per_million: 1, output_cost_per_million: 1, endpoints: []}]\n", faults: ["error c.yaml:1:86: A model needs at least one endpoint."] },
  { title: "a model without a name", text: "models:\n  - endpoints: [{url: 'demo:'}]\n", faults: ["error c.yaml:2:5: models[0].name is missing."] },
  { title: "two models of one name", text: `models:\n  - ${MODEL}\n  - ${MODEL}\n`, faults: ['error c.yaml:3:12: There are two models named "m": the first is on line 2.'] },
  { title: "an endpoint that is no address", text: "models: [{name: m, input_cost_per_million: 1, output_cost_per_million: 1, endpoints: [{url: gpu1:8000}]}]\n",
    faults: [/^error c\.yaml:1:93: models\[0\]\.endpoints\[0\]\.url must be the base address of a model server, such as http:\/\/gpu1:8000\/v1, or "demo:"\.$/] },
  ...["chat", "//evil.example/chat", "/../admin", "/a/../b", "/a/./b", "/a/..", "http://evil.example/chat", "/chat?x=1", "/chat#x", "/%2e%2e/admin", "/a b", "/a\\b", "/"].map((path) => (
    { title: `the path ${JSON.stringify(path)} of an endpoint (W70)`, text: `models: [{name: m, input_cost_per_million: 1, output_cost_per_million: 1, endpoints: [{url: 'http://gpu1/v1', paths: {chat: '${path}'}}]}]\n`,
      faults: [/^error c\.yaml:1:125: models\[0\]\.endpoints\[0\]\.paths\.chat must be a path that begins with \//] })),
  { title: "a path of what is no capability (W70)", text: "models: [{name: m, input_cost_per_million: 1, output_cost_per_million: 1, endpoints: [{url: 'http://gpu1/v1', paths: {caht: /x}}]}]\n",
    faults: [/There is no key "caht" under models\[0\]\.endpoints\[0\]\.paths\. Did you mean "chat"\?/] },
  { title: "a capability that is not known", text: "models: [{name: m, input_cost_per_million: 1, output_cost_per_million: 1, capabilities: [caht], endpoints: [{url: 'demo:'}]}]\n",
    faults: [/^error c\.yaml:1:90: models\[0\]\.capabilities\[0\] must be one of chat, .* Did you mean "chat"\?/] },
  { title: "a rule without a field (G1)", text: "groups: {a: {rules: [{equals: x}]}}\n", faults: ["error c.yaml:1:22: groups.a.rules[0].field is missing."] },
  { title: "a rule without a test (G1)", text: "groups: {a: {rules: [{field: x}]}}\n", faults: ["error c.yaml:1:22: A rule has a `field`, and either `equals` or `contains`."] },
  { title: "a rule with both tests (G1)", text: "groups: {a: {rules: [{field: x, equals: a, contains: a}]}}\n", faults: ["error c.yaml:1:22: A rule has a `field`, and either"] },
  { title: "a rule for an empty text (G1)", text: "groups: {a: {rules: [{field: x, equals: ''}]}}\n", faults: ["error c.yaml:1:41: groups.a.rules[0].equals must not be empty: nothing could match it."] },
  { title: "rules that exclude each other (G1)", text: "groups:\n  a:\n    rules:\n      - {field: idp, equals: x}\n      - {field: idp, equals: y}\n",
    faults: [/^error c\.yaml:5:9: The rules of the group "a" can never match together: this one and the one on line 4, both on "idp"/] },
  { title: "a rule for a part that the whole does not have (G1)", text: "groups: {a: {rules: [{field: idp, contains: z}, {field: idp, equals: xy}]}}\n", faults: [/^error c\.yaml:1:49: The rules of the group "a" can never match/] },
  { title: "a group that is not there, in a list of a user (G1)", text: "groups: {staff: {rules: [{field: a, equals: b}]}}\nusers: {default: {groups: [staf]}}\n", faults: ['error c.yaml:2:28: There is no group "staf". Did you mean "staff"?'] },
  { title: "a group that is not there, in a list of a client (G1)", text: "clients: {a: {groups: [x]}}\n", faults: ['error c.yaml:1:24: There is no group "x". Add it under `groups`.'] },
  { title: "a group that is not there, for the development user", text: "app: {dev_user: {email: a@b, groups: [x]}}\n", faults: ['error c.yaml:1:39: There is no group "x".'] },
  { title: "a client's name in capitals, with a suggestion (P5)", text: "clients: {Bot: {max: 1}}\n", faults: [/^error c\.yaml:1:11: "Bot" is no name of a client: .* Did you mean "bot"\?$/] },
  { title: "an empty entry of a bad client name (P5)", text: "clients:\n  -bot: {}\n", faults: ['error c.yaml:2:3: "-bot" is no name of a client'] },
  { title: "a user that is no e-mail address (G3)", text: "users:\n  alice: {max: 1}\n", faults: ['error c.yaml:2:3: "alice" is no e-mail address'] },
  { title: "a user twice but for capitals (G3)", text: "users:\n  a@b.c: {max: 1}\n  A@b.c: {max: 2}\n", faults: ["error c.yaml:3:3: The user a@b.c is here twice: first on line 2."] },
  { title: "an admin that is no e-mail address", text: "admins: [root]\n", faults: ["error c.yaml:1:10: admins[0] must be an e-mail address."] },
  { title: "an access word that is not known, with a suggestion (A5)", text: "defaults: {models: {access: whitelst}}\n", faults: [/^error c\.yaml:1:29: defaults\.models\.access must be one of .* Did you mean "whitelist"\?/] },
  { title: "a theme that is not there", text: "app: {theme: ui}\n", faults: ['error c.yaml:1:14: There is no theme "ui". Did you mean "uic"?'] },
  { title: "a theme that is not there, by address", text: "app: {email_themes: {'@x.edu': blue}}\n", faults: ['error c.yaml:1:32: There is no theme "blue". Themes: default, uic.'] },
  { title: "a rate limit of no window", text: "rate_limiting: {limit: 30 per fortnight}\n", faults: ["error c.yaml:1:24: rate_limiting.limit must be a rate such as"] },
  { title: "a rate limit of nothing, in a list", text: "rate_limiting: {limit: [10/second, 0 per minute]}\n", faults: ["error c.yaml:1:36: rate_limiting.limit[1] must be a rate such as"] },
  { title: "a footer link that runs a script", text: "app: {links: [{label: x, url: 'javascript:alert(1)'}]}\n", faults: ["error c.yaml:1:31: app.links[0].url must begin with https://"] },
  { title: "a header that brings another", text: "models: [{name: m, input_cost_per_million: 1, output_cost_per_million: 1, endpoints: [{url: 'demo:', headers: {X: \"a\\r\\nY: b\"}}]}]\n",
    faults: ["error c.yaml:1:115: A header must not hold line breaks"] },
  { title: "a store of an unknown kind", text: "store: {url: 'mysql://x'}\n", faults: ["error c.yaml:1:14: store.url must be empty for the embedded store, or begin with postgres://."] },
  { title: "a version that is not known", text: "version: 3\n", faults: ["error c.yaml:1:10: version must be 1 or 2"] },
  { title: "both names of clients", text: "projects: {}\nclients: {a: {max: 1}}\n", faults: ["error c.yaml:1:1: `projects` is the old name of `clients`, which is here too"] },
  { title: "an unset variable", text: "app:\n  name: ${NOBODY_SET_THIS}\n", faults: ["error c.yaml:2:9: The environment variable NOBODY_SET_THIS is not set. Set it, or write ${NOBODY_SET_THIS:-default}."] },
  { title: "an unset variable of a key that must be there, once", text: "models: [{name: '${NOBODY}', input_cost_per_million: 1, output_cost_per_million: 1, endpoints: [{url: 'demo:'}]}]\n", faults: ["error c.yaml:1:17: The environment variable NOBODY is not set."] },
  { title: "a variable without quotes where YAML reads its brace, with a hint", text: "api: {monitoring: {token: ${TOKEN}}}\nadmins: [x]\n",
    faults: ['error c.yaml:1:28: This is not valid YAML: Unexpected flow-map-start at node end. Within { } and [ ], a variable must be in quotes: "${NAME}".'] },
  { title: "a variable that is none", text: "app: {name: '${a b}'}\n", faults: ['error c.yaml:1:13: "${a b}" is no variable'] },
  { title: "a key that is no text", text: "? [a]\n: b\n", faults: ["error c.yaml:1:3: A key must be a plain text."] },
  { title: "a key that would reach into JavaScript", text: "groups: {__proto__: {max: 1}}\n", faults: ["error c.yaml:1:10: A key must be a plain text."] },
  { title: "an alias within itself", text: "groups: &a\n  x: *a\n", faults: [/^error c\.yaml:\d+:\d+: The file grows too large here/] },
];

describe("faults of config.yaml", () => {
  for (const { title, text, faults } of ERRORS) {
    it(`refuses ${title}, with its place`, () => {
      const found = faultsOf(text);
      expect(found, found.join("\n")).to.have.length(faults.length);
      faults.forEach((expected, index) => {
        if (typeof expected === "string") expect(found[index]?.slice(0, expected.length)).to.equal(expected);
        else expect(found[index]).to.match(expected);
      });
      expect(parseConfig(text, { file: "c.yaml", themes: ["default"] }).snapshot).to.equal(undefined);
    });
  }

  it("tells all faults at once, in the order of the file (R2)", () => {
    const text = [
      "app: {nam: x}", "api: {consent: perhaps}", "users: {default: {max: -1, groups: [nobody]}}", "clients: {Bad: {}}",
      "groups: {a: {rules: [{field: f}]}}", "models:", "  - {name: m}", "  - {name: m, endpoints: []}",
    ].join("\n");
    const lines = faultsOf(text).filter((fault) => fault.startsWith("error")).map((fault) => Number(/:(\d+):/.exec(fault)?.[1]));
    expect(lines).to.deep.equal([1, 2, 3, 3, 4, 5, 7, 8, 8]);
  });

  it("never repeats what a variable held, nor a secret", () => {
    const env = { SECRET: "hunter2" };
    const found = faultsOf("users: {default: {max: '${SECRET}'}}\nstore: {url: 'mysql://u:hunter2@h/d'}\napp: {debug: '${SECRET}', secret_key: [hunter2]}\n", env);
    expect(found).to.have.length(4);
    expect(found.join("\n")).not.to.include("hunter2");
  });

  it("reads a doubling alias in bounded time", () => {
    const levels = Array.from({ length: 30 }, (_, i) => `  l${i + 1}: &l${i + 1} [*l${i}, *l${i}]`);
    const found = faultsOf(["groups:", "  l0: &l0 [x]", ...levels].join("\n"));
    expect(found.some((fault) => fault.includes("The file grows too large here"))).to.equal(true);
  });
});
