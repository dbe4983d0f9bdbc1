import { expect } from "chai";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { StartRefused } from "../../errors/startError";
import { KEY_LENGTH, keyHint } from "./keyText";
import { openKeyMaterial } from "./openKeyMaterial";

describe("openKeyMaterial", () => {
  let folder: string;
  const secretsFolder = () => path.join(folder, "data.secrets");
  beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), "lumen-keys-"))));
  afterEach(() => rm(folder, { recursive: true }));

  const refusal = async (work: Promise<unknown>) => {
    try {
      await work;
    } catch (error) {
      return error;
    }
    return undefined;
  };

  it("makes the pepper once, readable by nobody else", async () => {
    const first = await openKeyMaterial({ secretsFolder: secretsFolder() });
    const file = path.join(secretsFolder(), "pepper");
    expect((await readFile(file, "utf8")).trim()).to.match(/^[0-9a-f]{64}$/);
    expect((await stat(file)).mode & 0o777).to.equal(0o600);
    expect((await stat(secretsFolder())).mode & 0o777).to.equal(0o700);
    const second = await openKeyMaterial({ secretsFolder: secretsFolder() });
    expect(second.pepperId).to.equal(first.pepperId);
    expect(await readdir(secretsFolder())).to.deep.equal(["pepper"]);
  });

  it("gives one pepper to many that open at once", async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => openKeyMaterial({ secretsFolder: secretsFolder() })));
    expect(new Set(all.map((keys) => keys.pepperId)).size).to.equal(1);
    expect(await readdir(secretsFolder())).to.deep.equal(["pepper"]);
  });

  it("takes LUMEN_PEPPER in place of the file, which gives the same digests where it says the same", async () => {
    const fromFile = await openKeyMaterial({ secretsFolder: secretsFolder() });
    const pepper = (await readFile(path.join(secretsFolder(), "pepper"), "utf8")).trim();
    const other = path.join(folder, "other");
    const given = await openKeyMaterial({ secretsFolder: other, pepper });
    expect(given.pepperId).to.equal(fromFile.pepperId);
    expect(given.digest("x")).to.equal(fromFile.digest("x"));
    expect(await readdir(folder)).to.not.include("other");
  });

  it("refuses a damaged pepper file, an unreadable one and a short LUMEN_PEPPER, naming them", async () => {
    await openKeyMaterial({ secretsFolder: secretsFolder() });
    const file = path.join(secretsFolder(), "pepper");
    await writeFile(file, "abc");
    const damaged = await refusal(openKeyMaterial({ secretsFolder: secretsFolder() }));
    expect(damaged).to.be.instanceOf(StartRefused);
    expect((damaged as Error).message).to.include(file);
    const unmade = await refusal(openKeyMaterial({ secretsFolder: path.join(file, "below") }));
    expect(unmade).to.be.instanceOf(StartRefused);
    expect((unmade as Error).message).to.include("ENOTDIR");
    expect(await refusal(openKeyMaterial({ secretsFolder: folder, pepper: "short" }))).to.be.instanceOf(StartRefused);
  });

  describe("with a pepper", () => {
    const open = () => openKeyMaterial({ secretsFolder: secretsFolder(), pepper: "0123456789abcdef" });

    it("issues keys without separators that it parses itself", async () => {
      const keys = await open();
      const seen = new Set<string>();
      for (let i = 0; i < 2_000; i++) {
        const { id, secret } = keys.issue();
        expect(secret).to.match(/^sk_[0-9A-Za-z]{61}$/);
        expect(secret.length).to.equal(KEY_LENGTH);
        expect(keys.parse(secret)).to.deep.equal({ id });
        seen.add(id);
      }
      expect(seen.size).to.equal(2_000);
    });

    it("parses nothing else: each single changed character is found", async () => {
      const keys = await open();
      const { secret } = keys.issue();
      for (let at = 0; at < secret.length; at++) {
        const changed = secret[at] === "a" ? "b" : "a";
        expect(keys.parse(secret.slice(0, at) + changed + secret.slice(at + 1)), `at ${at}`).to.equal(undefined);
      }
      const others = ["", "sk_", secret.slice(1), `${secret} `, ` ${secret}`, secret.repeat(20_000), secret.slice(0, -1),
        `sk_${"é".repeat(61)}`, `sk_${"\u0000".repeat(61)}`, `sk_${"😀".repeat(31)}`, "sk_".padEnd(KEY_LENGTH, "0")];
      for (const text of others) expect(keys.parse(text), JSON.stringify(text.slice(0, 70))).to.equal(undefined);
    });

    it("matches a key with its own digest alone", async () => {
      const keys = await open();
      const [one, two] = [keys.issue().secret, keys.issue().secret];
      expect(keys.matches(one, keys.digest(one))).to.equal(true);
      expect(keys.matches(two, keys.digest(one))).to.equal(false);
      for (const stored of ["", "zz", keys.digest(one).slice(2)]) expect(keys.matches(one, stored)).to.equal(false);
      const elsewhere = await openKeyMaterial({ secretsFolder: folder, pepper: "fedcba9876543210" });
      expect(elsewhere.matches(one, keys.digest(one))).to.equal(false);
      expect(elsewhere.pepperId).to.not.equal(keys.pepperId);
    });

    it("hints at a key by its first four and last four characters", () => {
      expect(keyHint("sk_abcdefgh1234")).to.equal("sk_a…1234");
    });

    it("makes argon2id verifiers that any pepper can check", async () => {
      const keys = await open();
      const { secret } = keys.issue();
      const verifier = await keys.makeVerifier(secret);
      expect(verifier).to.match(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
      const elsewhere = await openKeyMaterial({ secretsFolder: folder, pepper: "fedcba9876543210" });
      expect(await elsewhere.checkVerifier(verifier, secret)).to.equal(true);
      expect(await elsewhere.checkVerifier(verifier, keys.issue().secret)).to.equal(false);
    });

    it("runs one check for many calls of one key", async () => {
      const keys = await open();
      const { secret } = keys.issue();
      const verifier = await keys.makeVerifier(secret);
      const shared = Array.from({ length: 500 }, () => keys.checkVerifier(verifier, secret));
      expect(new Set(shared).size).to.equal(1);
      expect(await shared[0]).to.equal(true);
    });

    it("ends its running work at close, and takes no more", async () => {
      const keys = await open();
      const running = keys.makeVerifier("sk_one");
      await keys.close();
      expect(await running).to.match(/^\$argon2id/);
      expect((await refusal(keys.makeVerifier("sk_two")) as { code?: string }).code).to.equal("shutting_down");
    });
  });
});
