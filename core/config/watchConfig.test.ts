import { expect } from "chai";
import { EventEmitter, once } from "node:events";
import { mkdtemp, readFile, rename, rm, stat, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { StartRefused } from "../errors/startError";
import { silentLogger, type Logger } from "../logger";
import { lastGoodFile } from "./lastGood";
import { openConfig, type OpenConfig, type OpenConfigOptions } from "./openConfig";

const WATCH = { settleMs: 5, pollMs: 3_600_000, missingMs: 30 };
const good = (name: string, more = "") =>
  `app: {name: ${name}}\n${more}\nmodels: [{name: m, input_cost_per_million: 0, output_cost_per_million: 0, endpoints: [{url: 'demo:'}]}]\n`;

interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

describe("the configuration in force", () => {
  let root: string;
  let file: string;
  let lines: Line[];
  let logged: EventEmitter;
  let logger: Logger;
  let config: OpenConfig | undefined;

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), "lumen-config-"));
    file = path.join(root, "config.yaml");
    lines = [];
    logged = new EventEmitter();
    const level = (name: string) => (fields: object, message: string) => {
      lines.push({ level: name, message, fields: { ...fields } });
      logged.emit("line");
    };
    logger = { ...silentLogger, error: level("error"), warn: level("warn"), info: level("info") };
  });

  afterEach(async () => {
    await config?.close();
    config = undefined;
    await rm(root, { recursive: true, force: true });
  });

  const open = async (more: Partial<OpenConfigOptions> = {}): Promise<OpenConfig> => {
    const environment = { root, configFile: file, dataFolder: path.join(root, "data") };
    return (config = await openConfig({ environment, env: {}, logger, watch: WATCH, ...more }));
  };

  const refusal = async (more: Partial<OpenConfigOptions> = {}): Promise<readonly string[]> => {
    const refused = await open(more).then(() => undefined, (error: unknown) => error);
    expect(refused).to.be.instanceOf(StartRefused);
    return (refused as StartRefused).faults;
  };

  /** The next log line of a level, also one that came already; lines are taken in their order. */
  const next = async (level: string): Promise<Line> => {
    for (;;) {
      const index = lines.findIndex((line) => line.level === level);
      if (index >= 0) return lines.splice(0, index + 1)[index]!;
      await once(logged, "line");
    }
  };

  const replace = async (text: string): Promise<void> => {
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
  };

  it("follows the file in one step, and who began before keeps what they had (R1)", async () => {
    await writeFile(file, good("one"));
    const { get, subscribe } = await open().then((opened) => ({ get: () => opened.get(), subscribe: opened.subscribe.bind(opened) }));
    const before = get();
    const heard: string[] = [];
    const end = subscribe((now, then) => heard.push(`${then.app.name} → ${now.app.name}`));
    await replace(good("two"));
    await next("info");
    expect(get().app.name).to.equal("two");
    expect(before.app.name).to.equal("one");
    end();
    await writeFile(file, good("three"));
    await next("info");
    expect(get().app.name).to.equal("three");
    expect(heard).to.deep.equal(["one → two"]);
  });

  for (const [title, text, fault] of [
    ["an invalid file", "app: {nam: x}\napi: {consent: 7}\n", /config\.yaml:1:7: There is no key "nam".*config\.yaml:2:16: api\.consent must be/],
    ["an empty file", "", /config\.yaml:1:1: The file is empty\./],
    ["a half-written file", good("two").slice(0, -20), /config\.yaml:\d+:\d+: This is not valid YAML/],
  ] as const) {
    it(`stays as it was under ${title}: one error line, stale, and current again once it is right (R2)`, async () => {
      await writeFile(file, good("one"));
      const opened = await open();
      const before = opened.get();
      await writeFile(file, text);
      expect((await next("error")).message).to.match(fault);
      expect(opened.get()).to.equal(before);
      expect(opened.status()).to.include({ stale: true, revision: before.revision });
      expect(opened.status().faults.length).to.be.greaterThan(0);
      await writeFile(file, good("one"));
      await next("info");
      expect(opened.status()).to.deep.include({ stale: false, faults: [] });
    });
  }

  it("stays as it was while the file is away (R2)", async () => {
    await writeFile(file, good("one"));
    const opened = await open();
    await unlink(file);
    expect((await next("error")).message).to.include("The file cannot be read");
    expect(opened.get().app.name).to.equal("one");
    await writeFile(file, good("two"));
    await next("info");
    expect(opened.get().app.name).to.equal("two");
  });

  it("names what a reload cannot change, and leaves it as it is (R3)", async () => {
    const provider = (id: string, hint: string) => `oauth2: {client_id: ${id}, server_metadata_url: 'https://idp.example', params: {idphint: ${hint}}}\n`;
    await writeFile(file, good("one", provider("a", "x")));
    const opened = await open();
    await replace(good("two", `${provider("b", "y")}store: {url: 'postgres://u:secret@h/d'}\nserver: {workers: 2, grace_seconds: 9}`));
    const line = await next("warn");
    expect(line.fields["keys"]).to.deep.equal(["store.url", "server.workers", "oauth2.client_id"]);
    expect(JSON.stringify(line)).not.to.include("secret");
    await next("info");
    const { app, store, server, sections } = opened.get();
    expect([app.name, store.url, server.workers, server.graceMs]).to.deep.equal(["two", "", 1, 9000]);
    expect(sections.oauth2).to.deep.include({ clientId: "a", params: { idphint: "y" } });
  });

  it("tells the others although one part cannot follow", async () => {
    await writeFile(file, good("one"));
    const opened = await open();
    let heard = "";
    opened.subscribe(() => {
      throw new Error("not mine");
    });
    opened.subscribe((now) => (heard = now.app.name));
    await replace(good("two"));
    expect((await next("error")).fields["cause"]).to.equal("Error: not mine");
    await next("info");
    expect(heard).to.equal("two");
  });

  it("logs warnings once a load, on one line", async () => {
    await writeFile(file, good("one", "projects: {}\nchat: {remove: x}"));
    await open();
    const { message, fields } = await next("warn");
    expect(fields["warnings"]).to.have.length(2);
    expect(message).to.include("config.yaml:2:1: `projects` is called `clients` now.; ");
  });

  it("follows the level of its log", async () => {
    const levels: string[] = [];
    await writeFile(file, good("one"));
    await open({ logger: { ...logger, setLevel: (level) => levels.push(level) } });
    await replace("app: {logs: {level: debug}}\n");
    await next("info");
    expect(levels).to.deep.equal(["info", "debug"]);
  });

  it("survives 200 changes, of which every other is broken (R1, R2)", async () => {
    await writeFile(file, good("n0"));
    const opened = await open({ watch: { ...WATCH, settleMs: 1 } });
    for (let i = 1; i <= 100; i++) {
      await replace(`app: {name: [${i}]}\n`);
      await next("error");
      expect(opened.get().app.name).to.equal(`n${i - 1}`);
      await replace(good(`n${i}`));
      await next("info");
      expect(opened.get().app.name).to.equal(`n${i}`);
    }
    expect(opened.status().stale).to.equal(false);
  });

  it("refuses to start with a broken file, with every fault", async () => {
    await writeFile(file, "app: {nam: x}\napi: {consent: 7}\n");
    expect(await refusal()).to.have.length(2);
  });

  it("refuses to start without a file", async () => {
    const [fault] = await refusal();
    expect(fault).to.match(/config\.yaml:1:1: The file cannot be read: ENOENT/);
  });

  describe("kept for bad times", () => {
    const kept = () => lastGoodFile(path.join(root, "data"));

    it("is the text with its variables not put in, for this user alone", async () => {
      const text = good("'${NAME}'");
      await writeFile(file, text);
      await open({ env: { NAME: "top secret" } });
      expect(await readFile(kept(), "utf8")).to.equal(text);
      expect((await stat(kept())).mode & 0o777).to.equal(0o600);
    });

    it("is the last that was in force: a refused one is not kept", async () => {
      await writeFile(file, good("one"));
      await open();
      await replace("app: {nam: x}\n");
      await next("error");
      expect(await readFile(kept(), "utf8")).to.equal(good("one"));
    });

    it("is started with where one asks for it, stale until the file is right", async () => {
      await writeFile(file, good("one"));
      await open();
      await config?.close();
      await writeFile(file, "app: {nam: x}\n");
      expect((await refusal()).at(-1)).to.include("lumen start --last-good");
      const opened = await open({ lastGood: true });
      expect(opened.get()).to.deep.include({ file: kept() });
      expect(opened.get().app.name).to.equal("one");
      expect(opened.status().stale).to.equal(true);
      lines.length = 0;
      await replace(good("two"));
      await next("info");
      expect([opened.get().app.name, opened.get().file, opened.status().stale]).to.deep.equal(["two", file, false]);
    });

    it("is no help where it is not there", async () => {
      await writeFile(file, "");
      const faults = await refusal({ lastGood: true });
      expect(faults[1]).to.equal("Nor can the last good configuration be used:");
      expect(faults[2]).to.include("ENOENT");
    });
  });
});
