import { expect } from "chai";
import { displayCoins, parseCoins } from "../../core/domain/coins";
import { callApi, chatBody } from "../support/apiCall";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { signedIn, type PageAnswer, type PageVisitor } from "../support/pageVisitor";

const CONFIG = `version: 2
admins: [root@example.edu]
users: {default: {max: 50, refresh: 1, model_access: {whitelist: [dummy, other]}}}
clients: {default: {max: 50, model_access: {whitelist: [dummy]}}}
models:
  - {name: dummy, input_cost_per_million: 500, output_cost_per_million: 1000, endpoints: [{url: "demo:"}]}
  - {name: other, input_cost_per_million: 1, output_cost_per_million: 1, endpoints: [{url: "demo:"}]}
  - {name: closed, endpoints: [{url: "demo:"}]}
`;

interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly hint: string;
  readonly status: string;
  readonly requests: number;
  readonly tokens: number;
  readonly coins: string;
  readonly models: readonly string[] | null;
  readonly coinCap: string | null;
  readonly expiresAt: string | null;
}

const plain = (html: string) => html.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ").trim();
const table = (html: string) => /<section class="table-card" id="keys"[\s\S]*?<\/section>/.exec(html)?.[0] ?? "";
const rowsOf = (html: string) =>
  [...table(html).matchAll(/<tr id="key-[^"]*"( class="struck")?>([\s\S]*?)<\/tr>/g)].map(([, struck, row = ""]) => ({
    struck: struck !== undefined,
    cells: Object.fromEntries([...row.matchAll(/data-label="([^"]*)"[^>]*>([\s\S]*?)<\/td>/g)].map(([, label = "", cell = ""]) => [label, plain(cell)])),
  }));
const names = (html: string) => rowsOf(html).map(({ cells }) => cells["Name"]);
const secretIn = (html: string) => /name="key" value="(sk_[^"]+)"/.exec(html)?.[1] ?? "";
const keyIdIn = (html: string) => /keys\/([^/"]+)\/save"/.exec(html)?.[1] ?? "";

describe("the pages of API keys", function () {
  this.timeout(60_000);
  let lumen: LumenProcess;
  let ana: PageVisitor;
  let bob: PageVisitor;

  before(async () => {
    lumen = await startLumenProcess({ config: CONFIG });
    ana = await signedIn(lumen, "ana@example.edu");
    bob = await signedIn(lumen, "bob@example.edu");
  });
  after(() => lumen.remove());

  const listed = async () => lumen.json<KeyRow[]>("key", "list", "--user", "ana@example.edu");
  const works = async (key: string) => (await callApi(lumen.url, "/v1/chat/completions", { key, body: chatBody("dummy") })).status;
  const make = async (fields: Record<string, string | string[]>, visitor = ana, base = "/profile") => {
    const shown = await visitor.post(`${base}/keys`);
    const [secret, id] = [secretIn(shown.html), keyIdIn(shown.html)];
    const saved = await visitor.post(`${base}/keys/${id}/save`, { key: secret, expiry: "never", ...fields });
    return { shown, secret, id, saved };
  };

  it("K1: shows a key once, on a page that no cache keeps; it is good once it is saved", async () => {
    const shown = await ana.post("/profile/keys");
    const [secret, id] = [secretIn(shown.html), keyIdIn(shown.html)];
    expect(shown.status).to.equal(200);
    expect(shown.headers.get("cache-control")).to.equal("no-store");
    expect(await works(secret)).to.equal(401);
    const refused = await ana.post(`/profile/keys/${id}/save`, { key: secret, name: " ", expiry: "date", date: "" });
    expect(refused.status).to.equal(422);
    expect(secretIn(refused.html)).to.equal(secret);
    const saved = await ana.post(`/profile/keys/${id}/save`, { key: secret, name: "first", expiry: "never" });
    expect(saved.html).to.include("first is ready");
    expect(await works(secret)).to.equal(200);
    expect((await ana.get("/profile")).html).not.to.include(secret);
    expect(lumen.output()).not.to.include(secret.slice(15, 40));
  });

  it("K1: a discarded key never was, and nothing of it is listed", async () => {
    const before = await listed();
    const shown = await ana.post("/profile/keys");
    const [secret, id] = [secretIn(shown.html), keyIdIn(shown.html)];
    expect((await ana.post(`/profile/keys/${id}/discard`)).location).to.equal("/profile#keys");
    const late = await ana.post(`/profile/keys/${id}/save`, { key: secret, name: "late", expiry: "never" });
    expect(late.status).to.equal(303);
    expect(await works(secret)).to.equal(401);
    expect(await listed()).to.deep.equal(before);
  });

  it("K2: carries the expiry, the models and the cap that were chosen, and says so under its name", async () => {
    const { id } = await make({ name: "narrow", expiry: "30", models: ["dummy"], coinCap: "2.5" });
    const row = (await listed()).find((one) => one.id === id)!;
    expect(row).to.deep.include({ name: "narrow", models: ["dummy"], coinCap: "2.5" });
    expect(Math.round((Date.parse(row.expiresAt ?? "") - Date.now()) / 86_400_000)).to.equal(30);
    const shown = rowsOf((await ana.get("/profile")).html).find(({ cells }) => cells["Name"]?.startsWith("narrow"));
    expect(shown?.cells["Name"]).to.match(/^narrow Expires .* Only dummy At most 2\.50 coins$/);
  });

  it("K2: offers the models that its owner may use, and no others", async () => {
    const { shown } = await make({ name: "offered" });
    expect([...shown.html.matchAll(/name="models" value="([^"]*)"/g)].map(([, name]) => name)).to.deep.equal(["dummy", "other"]);
  });

  it("gives a curl line with this address, this key and a model that the key may use", async () => {
    const { secret, saved } = await make({ name: "curl", models: ["other"] });
    const line = plain(/<pre class="key-curl"[^>]*>([\s\S]*?)<\/pre>/.exec(saved.html)?.[1] ?? "").replaceAll("&#x27;", "'").replaceAll("&quot;", '"');
    expect(line).to.include(`curl '${lumen.url}/v1/chat/completions'`).and.to.include(`Bearer ${secret}`).and.to.include('"model":"other"');
  });

  it("never echoes a key that is not the one of the dialog", async () => {
    const shown = await ana.post("/profile/keys");
    const other = (await make({ name: "echo" })).secret;
    const saved = await ana.post(`/profile/keys/${keyIdIn(shown.html)}/save`, { key: other, name: "echoed", expiry: "never" });
    expect(saved.html).to.include("echoed is ready").and.not.to.include(other);
  });

  it("counts what was used through each key as the ledger does, sorts and finds", async () => {
    const { secret, id } = await make({ name: "zz-busy" });
    for (let call = 0; call < 3; call++) expect(await works(secret)).to.equal(200);
    const row = (await listed()).find((one) => one.id === id)!;
    const { html } = await ana.get("/profile?keys-sort=-requests");
    const [first] = rowsOf(html);
    expect(row.requests).to.equal(3);
    expect(first?.cells).to.deep.include({
      Name: "zz-busy", Hint: row.hint, Requests: "3", Tokens: row.tokens.toLocaleString("en-US"), Coins: displayCoins(parseCoins(row.coins) ?? 0n), Actions: "Rename Rotate Revoke",
    });
    expect(first?.cells["Last Used"]).to.match(/UTC$/);
    for (const key of ["tokens", "coins", "used"]) expect(names((await ana.get(`/profile?keys-sort=-${key}`)).html)[0], key).to.equal("zz-busy");
    expect(names((await ana.get("/profile?keys-q=ZZ-b")).html)).to.deep.equal(["zz-busy"]);
    const swapped = await ana.swap("/profile/keys?keys-q=zz");
    expect(swapped.headers.get("hx-push-url")).to.equal("/profile?keys-q=zz");
    expect(swapped.html).to.match(/^<section class="table-card" id="keys"/m).and.not.to.include("<html");
    expect((await ana.get("/profile/keys?keys-q=zz")).location).to.equal("/profile?keys-q=zz#keys");
  });

  it("sorts by name, requests, tokens, coins and last use, both ways, as the ledger has them", async () => {
    const visitor = await signedIn(lumen, "sorter@example.edu");
    for (const [name, model, calls] of [["b-cheap", "other", 3], ["c-dear", "dummy", 2], ["a-idle", "dummy", 0]] as const) {
      const { key } = await lumen.json<{ key: string }>("key", "create", "--user", "sorter@example.edu", "--name", name);
      for (let call = 0; call < calls; call++) expect((await callApi(lumen.url, "/v1/chat/completions", { key, body: chatBody(model) })).status).to.equal(200);
      const hint = (await lumen.json<KeyRow[]>("key", "list", "--user", "sorter@example.edu")).find((one) => one.name === name)?.hint ?? "";
      expect(hint.startsWith(key.slice(0, 4)) && hint.endsWith(key.slice(-4)), `${hint}: the first 4 and the last 4`).to.equal(true);
      expect(hint).to.have.length.below(12);
    }
    const rows = await lumen.json<KeyRow[]>("key", "list", "--user", "sorter@example.edu");
    const by = (value: (row: KeyRow) => number) => [...rows].sort((one, other) => value(one) - value(other)).map(({ name }) => name);
    const expected: Record<string, string[]> = {
      name: ["a-idle", "b-cheap", "c-dear"], requests: by((row) => row.requests), tokens: by((row) => row.tokens), coins: by((row) => Number(row.coins)), used: ["a-idle", "b-cheap", "c-dear"],
    };
    expect(expected["coins"]).to.deep.equal(["a-idle", "b-cheap", "c-dear"]);
    for (const [column, order] of Object.entries(expected)) {
      expect(names((await visitor.get(`/profile?keys-sort=${column}`)).html), column).to.deep.equal(order);
      expect(names((await visitor.get(`/profile?keys-sort=-${column}`)).html), `-${column}`).to.deep.equal([...order].reverse());
      expect(table((await visitor.get("/profile")).html), column).to.match(new RegExp(`href="/profile/keys\\?keys-sort(?:=|&#x3D;)-?${column}["&]`));
    }
  });

  it("K3: asks before it revokes; a revoked key is struck through under Show deleted keys", async () => {
    const { secret, id } = await make({ name: "leaving" });
    const asked = await ana.get(`/profile/keys/${id}/revoke`);
    expect(asked.html).to.include("<h1>Revoke leaving?</h1>");
    expect(await works(secret)).to.equal(200);
    expect((await ana.post(`/profile/keys/${id}/revoke`)).location).to.equal("/profile#keys");
    expect(await works(secret)).to.equal(401);
    expect(names((await ana.get("/profile")).html)).not.to.include("leaving");
    const deleted = rowsOf((await ana.get("/profile?keys-deleted=1")).html).find(({ cells }) => cells["Name"] === "leaving");
    expect(deleted).to.deep.include({ struck: true });
    expect(deleted?.cells).to.include({ Requests: "1", Actions: "" });
  });

  it("K5: rotates with an overlap: both keys work, under one row", async () => {
    const { secret, id } = await make({ name: "turning" });
    expect((await ana.get(`/profile/keys/${id}/rotate`)).html).to.include("7 days").and.to.not.include("still works until");
    const rotated = await ana.post(`/profile/keys/${id}/rotate`, { overlap: "1h" });
    const second = secretIn(rotated.html);
    expect([await works(secret), await works(second)]).to.deep.equal([200, 200]);
    const row = (await listed()).find((one) => one.id === id)!;
    expect(row).to.include({ requests: 2, name: "turning" });
    const warned = plain((await ana.get(`/profile/keys/${id}/rotate`)).html);
    expect(warned, "one would end before its time").to.include(`The key before it, ${secret.slice(0, 4)}`).and.to.include("It ends as soon as you make the new key.");
    expect((await lumen.cli("key", "rotate", id, "--overlap", "0")).stdout).to.include("The old key is refused from now on.");
    expect([await works(secret), await works(second)]).to.deep.equal([401, 401]);
  });

  it("renames a key", async () => {
    const { id } = await make({ name: "befor" });
    expect((await ana.post(`/profile/keys/${id}/rename`, { name: "" })).status).to.equal(422);
    expect((await ana.post(`/profile/keys/${id}/rename`, { name: "after" })).status).to.equal(303);
    expect((await listed()).find((one) => one.id === id)?.name).to.equal("after");
  });

  it("Roles: somebody else's key is not there, whatever one does to it", async () => {
    const { secret, id } = await make({ name: "mine" });
    const answers: PageAnswer[] = [
      await bob.get(`/profile/keys/${id}/revoke`), await bob.get(`/profile/keys/${id}/rename`), await bob.get(`/profile/keys/${id}/rotate`),
      await bob.post(`/profile/keys/${id}/rename`, { name: "his" }), await bob.post(`/profile/keys/${id}/rotate`),
    ];
    expect(answers.map(({ status }) => status)).to.deep.equal([404, 404, 404, 404, 404]);
    await bob.post(`/profile/keys/${id}/revoke`);
    expect(await works(secret)).to.equal(200);
  });

  it("Roles: a client's manager makes its keys; a stranger finds nothing", async () => {
    await lumen.cli("client", "create", "bot");
    await lumen.cli("client", "manager", "add", "bot", "ana@example.edu");
    const id = (await lumen.json<{ id: string; name: string }[]>("client", "list")).find(({ name }) => name === "bot")?.id ?? "";
    const { secret } = await make({ name: "production" }, ana, `/clients/${id}`);
    expect(await works(secret)).to.equal(200);
    expect((await lumen.json<KeyRow[]>("key", "list", "--client", "bot")).map(({ name }) => name)).to.deep.equal(["production"]);
    expect((await bob.post(`/clients/${id}/keys`)).status).to.equal(404);
  });
});
