import { expect } from "chai";
import { faultLine } from "./fault";
import { parseConfig } from "./parseConfig";

const MODEL = "models: [{name: m, input_cost_per_million: 1, output_cost_per_million: 1, endpoints: [{url: 'demo:'}]}]";

const read = (text: string, more = MODEL) => parseConfig(`${text}\n${more}`, { file: "c.yaml" });

/** The blocks of the help pages that operators copy from. */
const PAGES: Readonly<Record<string, string>> = {
  "global defaults of clients": `
clients:
  default:
    max: 100.0            # coin budget (-2 = unlimited, 0 = blocked)
    refresh: 0.05         # coins added per hour
    starting: 100.0       # coins when pool is first created
    model_access:
      default: blacklist   # deny everything not explicitly listed
      blacklist: []        # always-deny list
      whitelist: [dummy]   # always-allow list
`,
  "overrides of one client": `
clients:
  default:
    max: 100.0
    refresh: 0.05
    starting: 100.0
    model_access:
      default: blacklist

  research-bot:
    max: 500.0
    refresh: 1.0
    starting: 500.0
    model_access:
      default: whitelist
      whitelist: [gpt-4o, llama3, qwen3.5-9b-q5]
`,
};

describe("files as people have them", () => {
  for (const [title, block] of Object.entries(PAGES)) {
    it(`load as the help pages show them: ${title}`, () => {
      const { snapshot, faults } = parseConfig(block, { file: "c.yaml" });
      expect(faults.map(faultLine)).to.deep.equal(["c.yaml:1:1: There are no models: nobody can use anything."]);
      expect(snapshot?.clients.default?.pool.refresh?.value).to.equal(50_000_000n);
      expect(snapshot?.clients.default?.access?.default?.value).to.equal("blacklist");
    });
  }

  it("of a named client hold only what the entry says (P4)", () => {
    const bot = parseConfig(PAGES["overrides of one client"] ?? "", { file: "c.yaml" }).snapshot?.clients.byName.get("research-bot");
    expect(bot?.pool.max?.value).to.equal(500_000_000_000n);
    expect([...(bot?.access?.models.keys() ?? [])]).to.deep.equal(["gpt-4o", "llama3", "qwen3.5-9b-q5"]);
  });
});

describe("files of older versions", () => {
  it("call clients projects", () => {
    const { snapshot, faults } = read("projects: {default: {max: 1}, bot: {max: 2}}");
    expect(faults.map(faultLine)).to.deep.equal(["c.yaml:1:1: `projects` is called `clients` now."]);
    expect(snapshot?.clients.byName.get("bot")?.pool.max).to.deep.equal({ value: 2_000_000_000n, at: { file: "c.yaml", line: 1, column: 42 } });
  });

  it("name faults under the old names at their lines", () => {
    expect(read("projects:\n  bot:\n    max: -1").faults.map(faultLine)[1]).to.match(/^c\.yaml:3:10: -1 is no size/);
  });

  it("keep the notice under app, which a notice under defaults goes before", () => {
    expect(read("app: {graylist_default_notice: Old.}").snapshot?.models.get("m")?.notice).to.equal("Old.");
    const both = read("app: {graylist_default_notice: Old.}\ndefaults: {models: {ack_message: New.}}");
    expect(both.faults).to.have.length(1);
    expect(both.snapshot?.models.get("m")?.notice).to.equal("New.");
  });

  it("put a user's coins and models one step deeper", () => {
    const { snapshot, faults } = read("users:\n  a@b.c:\n    pool: {max: 3, refresh: 0.5}\n    models: [m]");
    expect(faults.map(({ at, severity }) => [severity, at.line])).to.deep.equal([["warning", 3], ["warning", 4]]);
    const user = snapshot?.users.byEmail.get("a@b.c");
    expect(user?.pool.max).to.deep.equal({ value: 3_000_000_000n, at: { file: "c.yaml", line: 3, column: 17 } });
    expect(user?.access?.models.get("m")?.value).to.equal("whitelist");
  });

  it("price audio by the minute", () => {
    const { snapshot, faults } = read("", MODEL.replace("name: m", "name: m, audio_cost_per_minute: 0.006"));
    expect(faults.map(({ severity }) => severity)).to.deep.equal(["warning"]);
    expect(snapshot?.models.get("m")?.price.audioPerHourNano).to.equal(360_000_000n);
  });

  it("say that a model sees", () => {
    const { snapshot } = read("", MODEL.replace("name: m", "name: m, supports_vision: true"));
    expect(snapshot?.models.get("m")?.inputModalities).to.deep.equal(["text", "image"]);
  });

  it("hold keys that have no use here", () => {
    const { snapshot, faults } = read([
      "version: 1", "app: {encryption_key: x, config_editor: false, database: {url: 'postgresql://x', pool_timeout: 10}, dev_user: Dev@example.com, debug: true}",
      "chat: {remove: hide}", "rate_limiting: {storage_url: 'redis://x', limit: 30 per minute}", "api: {prometheus: {enabled: false, token: '', multiproc_dir: ''}}",
      "oauth2: {client_id: , client_secret: , server_metadata_url: , redirect_uri: 'http://localhost:5000/callback'}",
    ].join("\n"));
    expect(faults.map(({ severity, at }) => [severity, at.line])).to.deep.equal([2, 2, 2, 3, 4, 5].map((line) => ["warning", line]));
    expect(snapshot?.sections.devUser).to.deep.equal({ email: "dev@example.com", groups: [] });
    expect(snapshot?.rateLimiting.windows.map(({ text }) => text)).to.deep.equal(["30 per minute"]);
    expect(snapshot?.sections.oauth2).to.equal(undefined);
  });
});
