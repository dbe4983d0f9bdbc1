import { expect } from "chai";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { request, type IncomingMessage } from "node:http";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { once } from "node:events";
import { StartRefused } from "../errors/startError";
import { serviceSnapshot } from "../services/testing/snapshots";
import { testKeys } from "../services/testing/keys";
import { plainPasswords } from "../services/testing/passwords";
import { createMemoryStore } from "../stores/memory";
import type { Store } from "../stores/types";
import { createCommands } from "./commandTable";
import { controlClient } from "./controlClient";
import { controlSocketPath, requirePrivateFolder } from "./controlSocket";
import { serveControl } from "./serveControl";
import { parseCandidate } from "../config/parseCandidate";
import { startControlServer, type ControlServer } from "./startControlServer";
import type { CommandResult, Commands } from "./types";

const parse = (text: string, file: string) => parseCandidate(text, file, { env: {} });

describe("control", () => {
  let folder: string;
  let store: Store;
  let commands: Commands;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "lumen-control-"));
    store = await createMemoryStore();
    const snapshot = serviceSnapshot({ models: [{ name: "dummy" }, { name: "asking", needsAck: true }], defaultPool: { max: "100" } });
    commands = createCommands({ store, keys: await testKeys(), passwords: plainPasswords(), config: { get: () => snapshot }, clock: () => 1_700_000_000_000, parseCandidate: parse });
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });
  const socket = () => path.join(folder, "control.sock");
  const withServer = async (work: (server: ControlServer) => Promise<void>, using: Commands = commands) => {
    const server = await startControlServer({ socketPath: socket(), commands: using });
    await work(server).finally(() => server.close());
  };
  const value = (result: CommandResult) => {
    if (!result.ok) throw new Error(result.message);
    return result.value as Record<string, unknown>;
  };

  describe("the command table", () => {
    it("makes owners and keys, and tells what they used", async () => {
      const bot = value(await commands.run("client.create", { name: "bot" }));
      expect(Object.keys(bot)).to.deep.equal(["id", "name"]);
      value(await commands.run("user.create", { email: "Ana@Example.edu" }));
      const key = value(await commands.run("key.create", { client: "bot", name: "nightly", models: ["dummy"], coinCap: "2.5" }));
      expect(Object.keys(key).slice(0, 3)).to.deep.equal(["id", "key", "hint"]);
      expect(key).to.deep.include({ owner: "bot", models: ["dummy"], coinCap: "2.5", expiresAt: null });
      const [listed] = value(await commands.run("key.list", { client: "bot" })) as unknown as object[];
      expect(listed).to.include({ id: key["id"], owner: "bot", status: "active", requests: 0, coins: "0", lastUsed: null });
      for (const secret of ["digest", "verifier", "key"]) expect(listed).to.not.have.property(secret);
      expect(value(await commands.run("usage", { client: "bot" }))).to.include({ requests: 0, tokens: 0, coins: "0", balance: "100" });
      expect(value(await commands.run("coins.grant", { user: "ana@example.edu", amount: "0.05", reason: "course" }))).to.deep.equal({
        owner: "ana@example.edu", kind: "grant", amount: "0.05", balance: "100.05",
      });
      expect(value(await commands.run("ledger.verify", {}))).to.include({ exact: true, pools: 1 });
      expect(value(await commands.run("client.unknown", { names: ["bot", "ghost"] }))).to.deep.equal(["ghost"]);
    });

    it("explains with the key and the consent as a call would be decided", async () => {
      value(await commands.run("client.create", { name: "bot" }));
      const key = value(await commands.run("key.create", { client: "bot", name: "k", models: ["asking"] }));
      const verdict = async (input: object) => value(await commands.run("explain", { client: "bot", ...input }))["verdict"];
      expect(await verdict({ model: "asking" })).to.equal("consent_required");
      value(await commands.run("consent.record", { client: "bot", model: "asking" }));
      expect(await verdict({ model: "asking", via: "chat" })).to.equal("allowed");
      expect(await verdict({ model: "dummy" })).to.equal("allowed");
      expect(await verdict({ model: "dummy", key: key["id"] })).to.equal("denied");
      value(await commands.run("consent.withdraw", { client: "bot", model: "asking" }));
      expect(await verdict({ model: "asking" })).to.equal("consent_required");
    });

    const refusals: [string, unknown, RegExp][] = [
      ["nothing", {}, /no command 'nothing'/],
      ["client.create", {}, /^client\.create: 'name' is missing\.$/],
      ["client.create", [], /JSON object/],
      ["client.create", "bot", /JSON object/],
      ["client.create", { name: 5 }, /'name' has to be a text/],
      ["client.create", { name: "bot", nmae: "x" }, /'nmae' is not taken; known: name/],
      ["client.create", { name: "Bot" }, /no client name/],
      ["client.rename", { old: "ghost", new: "b" }, /no client named 'ghost'/],
      ["client.manager.remove", { name: "ghost", email: "a@b" }, /no client named 'ghost'/],
      ["user.create", { email: "x" }, /no e-mail address/],
      ["key.create", { client: "ghost", name: "k" }, /no client named 'ghost'/],
      ["key.create", { name: "k" }, /either a client or a user/],
      ["key.list", { user: "ghost@x" }, /no user/],
      ["key.revoke", { id: "x" }, /no key/],
      ["consent.record", { client: "bot", model: "gone" }, /no model named 'gone' in config\.yaml/],
      ["consent.withdraw", { client: "bot", model: "gone" }, /given no consent/],
      ["explain", { client: "bot", model: "gone" }, /no model named/],
      ["explain", { client: "bot", model: "dummy", via: "mail" }, /api or chat/],
      ["explain", { client: "bot", model: "dummy", key: "x" }, /no key with the id 'x'/],
      ["coins.grant", { client: "bot", amount: "1e-12", reason: "r" }, /no amount of coins/],
      ["coins.grant", { client: "bot", amount: 5, reason: "r" }, /has to be a text/],
      ["coins.reset", { client: "bot", amount: "5", reason: "r" }, /'amount' is not taken/],
      ["key.create", { client: "bot", name: "k", models: "dummy" }, /list of texts/],
      ["key.create", { client: "bot", name: "k", expiresAt: "soon" }, /time in milliseconds/],
      ["backup", { folder: "here" }, /absolute path/],
    ];
    for (const [name, input, message] of refusals) {
      it(`refuses ${name} ${JSON.stringify(input)}`, async () => {
        value(await commands.run("client.create", { name: "bot" }));
        const result = await commands.run(name, input);
        expect(result.ok).to.equal(false);
        if (!result.ok) expect(result.message).to.match(message);
      });
    }
  });

  describe("over the socket", () => {
    it("does the same as in-process, for nobody else", async () => {
      await withServer(async () => {
        expect((await stat(socket())).mode & 0o777).to.equal(0o600);
        const client = controlClient(socket());
        expect(await client.isListening()).to.equal(true);
        expect(value(await client.run("client.create", { name: "bot" }))).to.include({ name: "bot" });
        expect(await client.run("client.create", { name: "bot" })).to.deep.include({ ok: false });
        expect(await client.run("client.list", undefined)).to.deep.equal(await commands.run("client.list", {}));
      });
      expect(existsSync(socket())).to.equal(false);
      expect(await controlClient(socket()).isListening()).to.equal(false);
    });

    it("answers malformed requests, and lives on", async () => {
      await withServer(async () => {
        const send = async (method: string, body: string | Buffer) => {
          const req = request({ socketPath: socket(), method, path: "/client.list", agent: false });
          req.end(body);
          const [res] = (await once(req, "response")) as [IncomingMessage];
          res.resume();
          await once(res, "end");
          return res.statusCode;
        };
        expect(await send("POST", "{")).to.equal(400);
        expect(await send("POST", Buffer.alloc(2_000_000, 32))).to.equal(400);
        expect(await send("GET", "")).to.equal(405);
        expect(await send("POST", "{}")).to.equal(200);
      });
    });

    it("tells what broke, as an answer", async () => {
      const broken: Commands = { run: () => Promise.reject(new Error("the disk is full")) };
      await withServer(async () => {
        expect(await controlClient(socket()).run("x", {})).to.deep.equal({ ok: false, message: "the disk is full" });
      }, broken);
    });

    it("replaces the socket that a dead server left, and refuses where one lives", async () => {
      const dead = createServer().listen(socket());
      await once(dead, "listening");
      // Its file is moved away while it closes, and so outlives it.
      const kept = path.join(folder, "kept.sock");
      await rename(socket(), kept);
      dead.close();
      await once(dead, "close");
      await rename(kept, socket());
      expect(existsSync(socket())).to.equal(true);
      await withServer(async () => {
        const second = await startControlServer({ socketPath: socket(), commands }).catch((error: unknown) => error);
        expect(second).to.be.instanceOf(StartRefused);
        expect(await controlClient(socket()).isListening(), "the first goes on").to.equal(true);
      });
    });

    it("lets running commands end at close, and waits for nobody who says nothing", async () => {
      let finish: (() => void) | undefined;
      const slow: Commands = {
        run: () => new Promise((resolve) => (finish = () => resolve({ ok: true, value: "x".repeat(3_000_000), warnings: [] }))),
      };
      const server = await startControlServer({ socketPath: socket(), commands: slow });
      const silent: Socket = connect(socket());
      const half = connect(socket());
      await Promise.all([once(silent, "connect"), once(half, "connect")]);
      half.write("POST /client.list HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{");
      const answered = controlClient(socket()).run("slow", {});
      while (!finish) await new Promise((resolve) => setImmediate(resolve));
      const gone = Promise.all([once(silent, "close"), once(half, "close")]);
      half.on("error", () => undefined);
      const closed = server.close();
      finish();
      expect((await answered).ok).to.equal(true);
      await closed;
      silent.resume();
      half.resume();
      await gone;
    });

    it("is told plainly when the server goes away in the middle", async () => {
      const rude = createServer((end) => end.destroy()).listen(socket());
      await once(rude, "listening");
      const thrown = await controlClient(socket()).run("x", {}).catch((error: unknown) => error);
      expect((thrown as Error).message).to.include(socket());
      rude.close();
      await once(rude, "close");
    });
  });

  describe("where the socket is", () => {
    it("in the data folder, whatever way leads there", async () => {
      const data = path.join(folder, "data");
      await mkdir(data);
      await symlink(data, path.join(folder, "link"));
      expect(controlSocketPath(data)).to.equal(path.join(data, "control.sock"));
      expect(controlSocketPath(path.join(folder, "link"))).to.equal(path.join(data, "control.sock"));
    });

    it("in a short folder of this user's alone, where that path is too long", async () => {
      const data = path.join(folder, "x".repeat(60), "y".repeat(60));
      await mkdir(data, { recursive: true });
      const short = controlSocketPath(data);
      expect(Buffer.byteLength(short)).to.be.at.most(100);
      expect(controlSocketPath(`${data}2`)).to.not.equal(short);
      const services = { store, keys: await testKeys(), passwords: plainPasswords(), clock: () => 0, parseCandidate: parse };
      const server = await serveControl({ environment: { dataFolder: data }, services, config: { get: () => serviceSnapshot() } });
      try {
        expect((await stat(path.dirname(short))).mode & 0o777).to.equal(0o700);
        expect((await controlClient(short).run("client.list", {})).ok).to.equal(true);
        await chmod(path.dirname(short), 0o755);
        expect(() => requirePrivateFolder(short, data)).to.throw(StartRefused, /mode 0700/);
      } finally {
        await server.close();
        await rm(path.dirname(short), { recursive: true });
      }
      await writeFile(path.dirname(short), "");
      expect(() => requirePrivateFolder(short, data)).to.throw();
      await rm(path.dirname(short));
    });
  });
});
