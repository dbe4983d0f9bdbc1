import { expect } from "chai";
import path from "node:path";
import { prepareLumen, type LumenProcess } from "../tests/support/lumenProcess";
import { createDatabase, describeOnPostgres, type TestDatabase } from "../tests/support/postgresDatabases";
import { placeOf } from "./storePlaces";

const CONFIG = `version: 2
defaults: {models: {access: whitelist}, tokens: {max: 100, refresh: 1}}
models:
  - {name: dummy, input_cost_per_million: 0.5, output_cost_per_million: 1.0, endpoints: [{url: "demo:"}]}
`;

interface Digest { readonly sha256: string; readonly kinds: readonly { readonly kind: string; readonly count: number }[] }

describe("placeOf", () => {
  const url = "postgres://lumen:s%40cret@db.example:5432/lumen?sslmode=require";

  it("shows an address without user and password, also one that a variable holds", () => {
    expect(placeOf(url)).to.deep.equal({ url, shown: "postgres://db.example:5432/lumen" });
    expect(placeOf("env:STORE", { STORE: url })).to.deep.equal({ url, shown: "postgres://db.example:5432/lumen" });
    expect(placeOf("data")).to.deep.equal({ folder: path.resolve("data"), shown: path.resolve("data") });
  });

  it("refuses a variable that is not set, and an address that cannot be read, without saying it", () => {
    expect(() => placeOf("env:STORE", {})).to.throw("the variable STORE is not set");
    expect(() => placeOf("postgres://lumen:s#cr[et@:x/y")).to.throw(/cannot be read/).with.property("message").that.does.not.include("cr[et");
  });
});

describeOnPostgres("lumen store", function () {
  this.timeout(60_000);
  let lumen: LumenProcess;
  let database: TestDatabase;
  beforeEach(async () => {
    [lumen, database] = await Promise.all([prepareLumen({ config: CONFIG, store: "embedded" }), createDatabase()]);
    lumen.env["THERE"] = database.url;
    await lumen.json("client", "create", "bot");
    await lumen.json("coins", "grant", "--client", "bot", "--amount", "0.000000001", "--reason", "course");
  });
  afterEach(async () => {
    await lumen.remove();
    await database.drop();
  });
  const inFolder = (name: string) => path.join(lumen.folder, name);

  it("copies a data folder into an empty database and back, and tells the hash that both have in common", async () => {
    const data = inFolder("data");
    const there = await lumen.cli("store", "copy", "--from", data, "--to", "env:THERE");
    expect(there.stderr).to.equal("");
    expect(there.stdout).to.match(/^KIND +COUNT/).and.to.include("both hold the same").and.to.include("pepper").and.to.not.include(database.url);
    const before = await lumen.json<Digest>("store", "digest", "--of", data);
    expect(before.kinds.filter(({ count }) => count > 0).map(({ kind }) => kind)).to.deep.equal(["pools", "adjustments", "auditEvents", "clients"]);
    expect(await lumen.json("store", "digest", "--of", "env:THERE")).to.deep.equal(before);
    expect(await lumen.json("store", "copy", "--from", "env:THERE", "--to", inFolder("back"))).to.deep.include(before);
    expect(await lumen.json("store", "digest", "--of", inFolder("back"))).to.deep.equal(before);
    const again = await lumen.cli("store", "copy", "--from", data, "--to", "env:THERE");
    expect(again).to.include({ code: 1, stdout: "" });
    expect(again.stderr).to.include("not empty");
  });

  it("copies nothing while a server runs on the source", async () => {
    await lumen.start();
    const refused = await lumen.cli("store", "copy", "--from", inFolder("data"), "--to", "env:THERE");
    expect(refused.code).to.equal(1);
    expect(refused.stderr).to.include("in use");
  });

  it("backs up a database while a gateway runs on it, and restores it into an empty one", async () => {
    await lumen.cli("store", "copy", "--from", inFolder("data"), "--to", "env:THERE");
    lumen.env["LUMEN_STORE_URL"] = database.url;
    await lumen.start();
    const backup = await lumen.json<Digest>("backup", inFolder("backup"));
    await lumen.stop();
    const empty = await createDatabase();
    try {
      expect((await lumen.cli("restore", inFolder("backup"))).stderr, "into a filled one").to.include("not empty");
      lumen.env["LUMEN_STORE_URL"] = empty.url;
      expect(await lumen.json("restore", inFolder("backup"))).to.include({ pools: 1, exact: true });
      expect(await lumen.json("store", "digest", "--of", "env:LUMEN_STORE_URL")).to.include({ sha256: backup.sha256 });
      expect(await lumen.json("ledger", "verify")).to.include({ exact: true });
    } finally {
      await empty.drop();
    }
  });
});
