import { expect } from "chai";
import { existsSync } from "node:fs";
import { readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { openKeyMaterial } from "../core/adapters/keys/openKeyMaterial";
import { serveControl } from "../core/control/serveControl";
import { parseCandidate } from "../core/config/parseCandidate";
import { loadConfig } from "../core/config/loadConfig";
import { authenticateApiKey } from "../core/services/authenticateApiKey";
import { plainPasswords } from "../core/services/testing/passwords";
import type { BooksReport, Store } from "../core/stores/types";
import { prepareLumen, type LumenProcess } from "../tests/support/lumenProcess";
import { openStoreOf, withStoreOf } from "../tests/support/storeOf";

type Row = Record<string, unknown>;

const CONFIG = `version: 2
defaults:
  models: {access: whitelist}
  tokens: {max: 100, refresh: 1}
clients:
  shut: {model_access: {blacklist: [dummy], default: whitelist}}
models:
  - name: dummy
    input_cost_per_million: 0.5
    output_cost_per_million: 1.0
    endpoints: [{url: "demo:"}]
  - name: asking
    needs_ack: true
    ack_message: Be kind.
    input_cost_per_million: 0.5
    output_cost_per_million: 1.0
    endpoints: [{url: "demo:"}]
`;

/** What every way of running commands has to do, step by step. */
async function wholeLife(lumen: LumenProcess): Promise<{ key: string }> {
  const bot = await lumen.json("client", "create", "bot");
  expect(Object.keys(bot)).to.deep.equal(["id", "name"]);
  const again = await lumen.cli("client", "create", "bot");
  expect(again).to.deep.include({ code: 1, stdout: "", stderr: "lumen: There is already a client named 'bot'.\n" });
  await lumen.json("user", "create", "Ana@Example.edu", "--name", "Ana Ruiz");
  expect((await lumen.cli("client", "manager", "add", "bot", "ANA@example.edu")).stdout).to.equal("ana@example.edu manages bot.\n");
  expect(await lumen.json<Row[]>("client", "list")).to.have.nested.property("[0].managers", 1);
  expect((await lumen.cli("client", "manager", "remove", "bot", "ana@example.edu")).stdout).to.equal("ana@example.edu no longer manages bot.\n");
  expect(await lumen.json("client", "deactivate", "bot")).to.include({ name: "bot", active: false });
  expect(await lumen.json("client", "activate", "bot")).to.include({ active: true });
  const renamed = await lumen.cli("client", "rename", "bot", "shut");
  expect(renamed).to.deep.include({ code: 0, stdout: "Client bot is now shut.\n" });
  expect(renamed.stderr).to.match(/^warning: config\.yaml has an entry for 'shut' \(line \d+\): it holds for this client from now on\.\n$/);
  expect((await lumen.cli("client", "rename", "shut", "bot")).stderr).to.match(/still has an entry for 'shut'/);
  const key = await lumen.json<Row & { key: string; id: string }>("key", "create", "--client", "bot", "--name", "nightly", "--expires", "30d", "--models", "dummy, asking", "--coin-cap", "2.5");
  expect(Object.keys(key).slice(0, 3)).to.deep.equal(["id", "key", "hint"]);
  expect(key).to.deep.include({ models: ["dummy", "asking"], coinCap: "2.5" });
  expect(key.key).to.match(/^sk_[0-9A-Za-z]{61}$/);
  const listed = await lumen.cli("key", "list");
  expect(listed.stdout).to.match(/^NAME +OWNER +HINT/).and.to.include("nightly").and.to.not.include(key.key);
  expect((await lumen.cli("explain", "--client", "bot", "--model", "asking")).stdout).to.match(/^bot has to give consent before using asking: .*config\.yaml:\d+\)\./);
  await lumen.json("consent", "record", "--client", "bot", "--model", "asking");
  expect(await lumen.json("explain", "--client", "bot", "--model", "asking", "--key", key.id)).to.include({ verdict: "allowed" });
  expect(await lumen.json("coins", "grant", "--client", "bot", "--amount", "0.000000001", "--reason", "course")).to.include({ balance: "100.000000001" });
  const usage = await lumen.json("usage", "--client", "bot");
  expect(usage).to.deep.include({ requests: 0, tokens: 0, coins: "0", balance: "100.000000001" });
  const verified = await lumen.cli("ledger", "verify");
  expect(verified).to.include({ code: 0, stderr: "" });
  expect(verified.stdout).to.include("exact");
  return key;
}

describe("lumen", function () {
  this.timeout(60_000);
  let lumen: LumenProcess;
  let dataFolder: string;
  beforeEach(async () => {
    lumen = await prepareLumen({ config: CONFIG });
    dataFolder = path.join(lumen.folder, "data");
  });
  afterEach(() => lumen.remove());
  const inFolder = (name: string) => path.join(lumen.folder, name);

  it("does everything on the store itself where no server runs", async () => {
    const { key } = await wholeLife(lumen);
    expect(existsSync(path.join(dataFolder, "lock")), "the folder is free again").to.equal(false);
    const keys = await openKeyMaterial({ secretsFolder: `${dataFolder}.secrets` });
    await withStoreOf(lumen, async (store) => {
      expect((await authenticateApiKey({ store, keys, clock: Date.now }, key)).ok).to.equal(true);
    });
  });

  it("waits for its turn where several run at once", async () => {
    const runs = await Promise.all(["a", "b", "c", "d"].map((name) => lumen.cli("client", "create", name)));
    expect(runs.map(({ code, stderr }) => `${code} ${stderr}`)).to.deep.equal(["0 ", "0 ", "0 ", "0 "]);
    expect(await lumen.json<Row[]>("client", "list")).to.have.length(4);
  });

  it("takes the pepper from LUMEN_PEPPER, and leaves no file then", async () => {
    await lumen.json("client", "create", "bot");
    const pepper = "0123456789abcdef0123456789abcdef";
    lumen.env["LUMEN_PEPPER"] = pepper;
    const { id, key } = await lumen.json<{ id: string; key: string }>("key", "create", "--client", "bot", "--name", "k");
    const keys = await openKeyMaterial({ secretsFolder: "/nonexistent", pepper });
    const row = await withStoreOf(lumen, (store) => store.keys.get(id));
    expect(row?.digest).to.equal(keys.digest(key));
  });

  it("backs up and restores a data folder", async () => {
    delete lumen.env["LUMEN_STORE_URL"];
    await lumen.json("client", "create", "bot");
    await lumen.json("coins", "grant", "--client", "bot", "--amount", "5", "--reason", "r");
    expect((await lumen.cli("backup", inFolder("copy"))).code).to.equal(0);
    expect((await lumen.cli("backup", inFolder("copy"))).code, "not into a filled folder").to.equal(1);
    const over = await lumen.cli("restore", inFolder("copy"));
    expect(over).to.deep.equal({ code: 1, stdout: "", stderr: `lumen: ${dataFolder} is not empty: move it away first, so that nothing is lost\n` });
    await rm(dataFolder, { recursive: true });
    expect(await lumen.json("restore", inFolder("copy"))).to.include({ pools: 1, exact: true });
    expect(await lumen.json("usage", "--client", "bot")).to.include({ balance: "105" });
  });

  describe("where a server runs", () => {
    let store: Store;
    /** What the server says of its books, in place of the truth. */
    let books: Partial<BooksReport>;
    let close: () => Promise<void>;
    beforeEach(async () => {
      books = {};
      const keys = await openKeyMaterial({ secretsFolder: `${dataFolder}.secrets` });
      store = await openStoreOf(lumen);
      const { snapshot } = await loadConfig(lumen.configFile, {});
      const served = { ...store, verifyBooks: async () => ({ ...(await store.verifyBooks()), ...books }) };
      const control = await serveControl({ environment: { dataFolder }, services: { store: served, keys, passwords: plainPasswords(), clock: Date.now, parseCandidate: (text, file) => parseCandidate(text, file, { env: {} }) }, config: { get: () => snapshot! } });
      close = async () => {
        await control.close();
        await keys.close();
        await store.close();
      };
    });
    afterEach(() => close());

    it("does everything through it", async () => {
      const { key } = await wholeLife(lumen);
      const found = await store.keys.get(key.slice(3, 15));
      expect(found?.name, "it is the server's at once").to.equal("nightly");
      expect((await lumen.cli("backup", inFolder("copy"))).code).to.equal(0);
      expect(await readdir(inFolder("copy"))).to.include("journal");
    });

    it("names each difference of books that do not balance, and exits with 1", async () => {
      books = { exact: false, differences: ["pool a: the balance is 7, its history makes it 5", "pool b: 1 is held for nobody"] };
      const { code, stdout, stderr } = await lumen.cli("ledger", "verify");
      expect({ code, stdout }).to.deep.equal({ code: 1, stdout: `${books.differences?.join("\n")}\n` });
      expect(stderr).to.equal("lumen: the books do not balance\n");
    });

    it("refuses to restore a data folder under it", async () => {
      delete lumen.env["LUMEN_STORE_URL"];
      const { code, stderr } = await lumen.cli("restore", inFolder("copy"));
      expect(code).to.equal(1);
      expect(stderr).to.match(/^lumen: a server runs on .*: stop it first\n$/);
    });

    it("loads nothing that only a store needs, so that it starts quickly", async () => {
      const probe = inFolder("probe.js");
      await writeFile(probe, 'process.on("exit", () => console.error(Object.keys(require.cache).join("\\n")));');
      lumen.env["NODE_OPTIONS"] = `--require ${probe}`;
      const { stderr } = await lumen.cli("client", "list");
      expect(stderr).to.include("commander");
      expect(stderr).to.not.match(/node_modules\/(argon2|zod|yaml|chokidar|lowdb|pino|express)|core\/(stores\/lowdb|config\/loadConfig)/);
    });
  });

  describe("config check", () => {
    it("is content with a good file, warnings or not", async () => {
      const { code, stdout } = await lumen.cli("config", "check");
      expect(code).to.equal(0);
      expect(stdout).to.match(/config\.yaml is valid: 2 models, .*1 client /);
      await lumen.json("client", "create", "bot");
      const warned = await lumen.cli("config", "check");
      expect(warned.code).to.equal(0);
      expect(warned.stdout).to.include(`${lumen.configFile}:6:`).and.to.match(/warning: clients\.shut: there is no such client/);
    });

    it("names every fault with file, line and column, and exits with 1", async () => {
      const broken = inFolder("broken.yaml");
      await writeFile(broken, "version: 2\ndefaults:\n  tokens: {max: -1}\nmodles: []\nmodels:\n  - name: dummy\n");
      const { code, stdout, stderr } = await lumen.cli("config", "check", broken);
      expect({ code, stderr }).to.deep.equal({ code: 1, stderr: "" });
      for (const line of [3, 4]) expect(stdout).to.match(new RegExp(`^${broken}:${line}:\\d+: \\S`, "m"));
      const json = await lumen.cli("config", "check", broken, "--json");
      expect(json.code).to.equal(1);
      const report = JSON.parse(json.stdout) as { valid: boolean; faults: Row[] };
      expect(report.valid).to.equal(false);
      expect(report.faults[0]).to.include.keys("severity", "file", "line", "column", "message");
      expect((await lumen.cli("config", "check", inFolder("missing.yaml"))).code).to.equal(1);
    });

    it("does not keep a broken file from what does not need it", async () => {
      await writeFile(lumen.configFile, "models: 5\n");
      expect((await lumen.cli("client", "create", "bot")).code).to.equal(0);
      const { code, stderr } = await lumen.cli("usage", "--client", "bot");
      expect(code).to.equal(1);
      expect(stderr).to.match(/^\S+config\.yaml:1:\d+: /);
    });
  });

  const usage: [string, string[], RegExp][] = [
    ["an unknown command", ["clinet"], /unknown command 'clinet'/],
    ["an unknown option", ["client", "list", "--all"], /unknown option '--all'/],
    ["a missing argument", ["client", "create"], /missing required argument 'name'/],
    ["no owner", ["usage"], /give --client NAME or --user EMAIL/],
    ["two owners", ["usage", "--client", "a", "--user", "b@c"], /not both/],
    ["a key without a name", ["key", "create", "--client", "bot"], /'--name <label>' not specified/],
    ["an expiry that is none", ["key", "create", "--client", "b", "--name", "k", "--expires", "soon"], /span \(12h, 30d, 4w\)/],
    ["an expiry in the past", ["key", "create", "--client", "b", "--name", "k", "--expires", "2020-01-01"], /in the past/],
    ["an amount that is none", ["coins", "grant", "--client", "b", "--amount", "many", "--reason", "r"], /amount above 0/],
    ["an amount that is too fine", ["coins", "grant", "--client", "b", "--amount", "1e-10", "--reason", "r"], /nine decimals/],
    ["a grant without a reason", ["coins", "grant", "--client", "b", "--amount", "1"], /'--reason <text>' not specified/],
    ["a way that is none", ["explain", "--client", "b", "--model", "m", "--via", "mail"], /choices are api, chat/],
  ];
  for (const [name, args, message] of usage) {
    it(`exits with 2 at ${name}`, async () => {
      const { code, stdout, stderr } = await lumen.cli(...args);
      expect({ code, stdout }).to.deep.equal({ code: 2, stdout: "" });
      expect(stderr).to.match(/^error: /).and.to.match(message);
      expect(existsSync(dataFolder), "and has touched nothing").to.equal(false);
    });
  }

  it("explains itself", async () => {
    const help = await lumen.cli("--help");
    expect(help).to.include({ code: 0, stderr: "" });
    for (const command of ["start", "config", "client", "user", "key", "consent", "coins", "explain", "usage", "ledger", "backup", "restore", "plugin"]) {
      expect(help.stdout).to.match(new RegExp(`^  ${command} `, "m"));
    }
    const one = await lumen.cli("key", "create", "--help");
    expect(one.stdout).to.include("Examples:\n  $ lumen key create --client");
    expect((await lumen.cli("--version")).stdout).to.match(/^\d+\.\d+\.\d+\n$/);
    expect((await lumen.cli()).code).to.equal(2);
  });
});
