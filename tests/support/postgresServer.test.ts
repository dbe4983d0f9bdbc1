import { expect } from "chai";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, watch } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { Client } from "pg";
import { schemaState } from "../../core/stores/postgres/schema";
import { createDatabase, createStoreDatabase, describeOnPostgres } from "./postgresDatabases";
import { describeOnOwnPostgres, startPostgresServer, type PostgresServer } from "./postgresServer";

const open: Client[] = [];

async function connected(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on("error", () => undefined);
  open.push(client);
  await client.connect();
  return client;
}

const one = async (client: Client) => (await client.query<{ one: number }>("SELECT 1 AS one")).rows[0]?.one;

const failure = (work: Promise<unknown>) => work.then(() => undefined, (error: Error) => error.message);

afterEach(async () => {
  for (const client of open.splice(0)) await failure(client.end());
});

describeOnPostgres("a database for a test", () => {
  it("is its own, and is removed", async () => {
    const [mine, other] = await Promise.all([createDatabase(), createDatabase()]);
    await (await connected(mine.url)).query("CREATE TABLE mine (id int)");
    expect(await failure((await connected(other.url)).query("SELECT * FROM mine"))).to.match(/does not exist/);
    await Promise.all([mine.drop(), other.drop()]);
    expect(await failure(connected(mine.url))).to.match(/does not exist/);
  });

  it("has the schema of a store where one is asked for", async () => {
    const database = await createStoreDatabase();
    expect(await schemaState(database.url)).to.deep.equal({ is: "current" });
    await database.drop();
  });
});

describeOnOwnPostgres("a PostgreSQL of our own", () => {
  let server: PostgresServer;

  before(async () => void (server = await startPostgresServer({ durable: true, settings: { max_connections: "10" } })));
  after(() => server.close());

  it("has the settings that were asked for, and sorts by a language, as production may", async () => {
    const { rows } = await (await connected(server.url)).query("SELECT current_setting('max_connections') AS most, current_setting('fsync') AS fsync, 'a' < 'B' AS by_language");
    expect(rows).to.deep.equal([{ most: "10", fsync: "on", by_language: true }]);
  });

  for (const how of ["fast", "kill"] as const) {
    it(`stops (${how}) and starts over the same data at the same place`, async () => {
      const client = await connected(server.url);
      await client.query(`CREATE TABLE kept_${how} AS SELECT 7 AS seven`);
      const cut = once(client, "error");
      await server.stop(how);
      await cut;
      expect(await failure(connected(server.url))).to.match(/ECONNREFUSED/);
      await server.start();
      expect((await (await connected(server.url)).query(`SELECT seven FROM kept_${how}`)).rows).to.deep.equal([{ seven: 7 }]);
    });
  }

  it("stands still until it is woken, and answers then", async () => {
    const client = await connected(server.url);
    server.pause();
    const events: string[] = [];
    const answer = one(client).then((row) => events.push(`answered ${row}`));
    // The server of another test's pace: by the time a whole new one has answered, this one would have too.
    const meanwhile = await startPostgresServer();
    events.push("another one started");
    server.resume();
    await answer;
    await meanwhile.close();
    expect(events).to.deep.equal(["another one started", "answered 1"]);
  });

  it("is gone, and its folder with it, when the process that started it was killed", async () => {
    const script = `require(${JSON.stringify(path.join(__dirname, "postgresServer.js"))}).startPostgresServer().then(({ url, folder }) => { console.log(JSON.stringify({ url, folder })); setInterval(() => {}, 1e6); })`;
    const owner = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(createInterface({ input: owner.stdout }), "line")) as [string];
    const { url, folder } = JSON.parse(line) as { url: string; folder: string };
    const client = await connected(url);
    const cut = once(client, "error");
    const removed = new Promise<void>((resolve) => {
      const watcher = watch(path.dirname(folder), () => {
        if (existsSync(folder)) return;
        watcher.close();
        resolve();
      });
    });
    owner.kill("SIGKILL");
    await Promise.all([cut, removed]);
    expect(await failure(connected(url))).to.match(/ECONNREFUSED/);
  });
});
