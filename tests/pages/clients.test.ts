import { expect } from "chai";
import { displayCoins, parseCoins } from "../../core/domain/coins";
import { callApi, chatBody } from "../support/apiCall";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { PageVisitor, signedIn } from "../support/pageVisitor";

const CONFIG = `version: 2
admins: [root@example.edu]
users:
  default: {max: 50, refresh: 1, model_access: {whitelist: [dummy, asking]}}
clients:
  default: {max: 100, refresh: 0.05, model_access: {whitelist: [dummy, asking]}}
  free: {max: -2, model_access: {whitelist: [dummy]}}
  bare: {model_access: {whitelist: [dummy]}}
  old-name: {max: 7}
models:
  - name: dummy
    input_cost_per_million: 500
    output_cost_per_million: 1000
    endpoints: [{url: "demo:"}]
  - name: asking
    needs_ack: true
    ack_message: Be kind.
    input_cost_per_million: 0.5
    output_cost_per_million: 1.0
    endpoints: [{url: "demo:"}]
`;

interface Used {
  readonly requests: number;
  readonly tokens: number;
  readonly coins: string;
}

/** The text of an element's inside, tags taken out. */
const plain = (html: string) => html.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ").trim();
const tiles = (html: string) =>
  Object.fromEntries([...html.matchAll(/<dt>([^<]*)<\/dt><dd>([\s\S]*?)<\/dd>/g)].map(([, name = "", value = ""]) => [name, plain(value)]));
const rowsOf = (html: string) =>
  [...html.matchAll(/<tr(?: [^>]*)?>([\s\S]*?)<\/tr>/g)]
    .map(([, row = ""]) => [...row.matchAll(/<td[^>]*>([\s\S]*?)<\/td>/g)].map(([, cell = ""]) => plain(cell)))
    .filter((cells) => cells.length > 1);
const number = (value: number) => value.toLocaleString("en-US");
const coins = (text: string) => displayCoins(parseCoins(text) ?? 0n);

describe("the pages of clients", function () {
  this.timeout(60_000);
  let lumen: LumenProcess;
  let admin: PageVisitor;
  let manager: PageVisitor;
  let stranger: PageVisitor;
  let id: string;
  const idOf = async (name: string) => (await lumen.json<{ id: string; name: string }[]>("client", "list")).find((client) => client.name === name)?.id ?? "";
  const used = (name: string) => lumen.json<Used>("usage", "--client", name);

  before(async () => {
    lumen = await startLumenProcess({ config: CONFIG });
    admin = await signedIn(lumen, "root@example.edu");
    manager = await signedIn(lumen, "mia@example.edu");
    stranger = await signedIn(lumen, "sam@example.edu");
    const keys = [await lumen.newKey("bot"), await lumen.newKey("free"), await lumen.newKey("bare")];
    for (const [index, calls] of [3, 2].entries()) {
      for (let call = 0; call < calls; call++) await callApi(lumen.url, "/v1/chat/completions", { key: keys[index] ?? "", body: chatBody("dummy", `Question ${call}`) });
    }
    await lumen.cli("client", "manager", "add", "bot", "mia@example.edu");
    id = await idOf("bot");
  });
  after(() => lumen.remove());

  it("Roles: an administrator sees every client, with what the ledger has of each", async () => {
    const { status, html } = await admin.get("/clients");
    expect(status).to.equal(200);
    const [bot, free] = [await used("bot"), await used("free")];
    expect(bot.requests).to.equal(3);
    expect(tiles(html)).to.deep.equal({
      "Total Clients": "3", "Total Requests": number(bot.requests + free.requests), "Total Tokens Used": number(bot.tokens + free.tokens),
      "Coins Spent": displayCoins((parseCoins(bot.coins) ?? 0n) + (parseCoins(free.coins) ?? 0n)),
    });
    const rows = rowsOf(html);
    expect(rows.map(([name]) => name)).to.deep.equal(["bare", "bot", "free"]);
    expect(rows[1]?.slice(0, 6)).to.deep.equal(["bot", "1", "✓ Active", "3", number(bot.tokens), coins(bot.coins)]);
    expect(rows[1]?.[6]).to.match(/^\d+ \w+ 2\d{3}, \d\d:\d\d UTC$/);
    expect(rows[0]?.slice(1, 6)).to.deep.equal(["0", "✓ Active", "0", "0", "0.00"]);
    expect(html).to.include("New client");
  });

  it("Roles: a manager sees their own clients alone, and cannot make one", async () => {
    const { html } = await manager.get("/clients");
    expect(rowsOf(html).map(([name]) => name)).to.deep.equal(["bot"]);
    expect(tiles(html)).to.include({ "Total Clients": "1", "Total Requests": "3" });
    expect(html).to.include('href="/clients" aria-current="page"');
    expect(html).to.not.include("New client");
    expect((await manager.get("/clients/new")).status).to.equal(404);
    expect((await manager.post("/clients", { name: "mine" })).status).to.equal(404);
    expect(await idOf("mine")).to.equal("");
  });

  it("Roles: who manages none finds no such page; who is not signed in is asked to", async () => {
    const lost = await stranger.get("/clients");
    expect(lost.status).to.equal(404);
    expect(lost.html).to.not.include('href="/clients"');
    for (const path of [`/clients/${id}`, `/clients/${await idOf("free")}`, "/clients/gone"]) expect((await stranger.get(path)).status, path).to.equal(404);
    expect((await manager.get(`/clients/${await idOf("free")}`)).status, "not theirs").to.equal(404);
    for (const path of ["/clients", `/clients/${id}`]) {
      expect((await new PageVisitor(lumen.url).get(path)).location).to.equal(`/sign-in?next=${encodeURIComponent(path)}`);
    }
  });

  it("sorts by every column, numbers and dates descending first, and filters by name", async () => {
    const { html } = await admin.get("/clients");
    const sorts = [...html.replaceAll("&#x3D;", "=").matchAll(/<th[^>]*><a href="\/clients\?clients-sort=([^"]+)"/g)].map(([, sort]) => sort);
    expect(sorts).to.deep.equal(["-name", "-managers", "active", "-requests", "-tokens", "-coins", "-created"]);
    const names = async (query: string) => rowsOf((await admin.get(`/clients?${query}`)).html).map(([name]) => name);
    expect(await names("clients-sort=-requests")).to.deep.equal(["bot", "free", "bare"]);
    expect(await names("clients-sort=coins")).to.deep.equal(["bare", "free", "bot"]);
    expect(await names("clients-sort=created")).to.deep.equal(["bot", "free", "bare"]);
    expect(await names("clients-q=RE")).to.deep.equal(["bare", "free"]);
    const swap = await admin.swap("/clients?clients-q=bot");
    expect(swap.html).to.match(/<section class="table-card" id="clients"/).and.not.to.include("<html");
    expect((await admin.get("/clients?clients-q=zzz")).html).to.include("No client has this name.");
  });

  it("P5: makes a client and goes to it; a bad name comes back filled in with the reason", async () => {
    expect((await admin.get("/clients/new")).html).to.include('action="/clients"');
    const refusals: [string, string][] = [["Bad Name", "no client name"], ["bot", "already a client named"], ["default", "clients.default"], ["", "needs a name"]];
    for (const [name, reason] of refusals) {
      const { status, html } = await admin.post("/clients", { name });
      expect(status, name).to.equal(422);
      expect(html).to.include(`value="${name}"`).and.to.include(reason);
      const swap = await admin.swap("/clients", { name });
      expect(swap.status).to.equal(200);
      expect(swap.html).to.match(/^<form/).and.to.include(reason);
    }
    const made = await admin.post("/clients", { name: "my-service-app" });
    expect(made.status).to.equal(303);
    expect(made.location).to.equal(`/clients/${await idOf("my-service-app")}`);
    expect((await admin.get(made.location ?? "")).html).to.include("<h1>my-service-app</h1>").and.to.include("The client my-service-app was made.");
  });

  it("P3, P6: a client's cards agree with the ledger: a number, Unlimited or Not configured", async () => {
    const { html } = await manager.get(`/clients/${id}`);
    const account = await lumen.json<Used & { balance: string }>("usage", "--client", "bot");
    const shown = tiles(html);
    expect(shown).to.include({
      "Total Tokens Used": number(account.tokens), "Coins Spent": coins(account.coins), "Coin Pool": `${coins(account.balance)} of 100`,
    });
    expect(shown["Coin Refill"]).to.match(/^\+0\.05 per hour, next in \d+ min$/);
    expect(tiles((await admin.get(`/clients/${await idOf("free")}`)).html)).to.include({ "Coin Pool": "Unlimited", "Coin Refill": "None" });
    expect(tiles((await admin.get(`/clients/${await idOf("bare")}`)).html)).to.include({ "Coin Pool": "Not configured", "Coin Refill": "None" });
  });

  it("Roles: a manager sees managers but changes neither them nor the client", async () => {
    const { html } = await manager.get(`/clients/${id}`);
    expect(html).to.include("mia@example.edu");
    for (const word of ["Add manager", "Deactivate", "rename-client", "/remove"]) expect(html, word).to.not.include(word);
    const mia = (await lumen.json<{ id: string; email: string }[]>("user", "list")).find(({ email }) => email === "mia@example.edu");
    for (const path of ["rename", "activate", "deactivate", "managers", `managers/${mia?.id}/remove`]) {
      expect((await manager.post(`/clients/${id}/${path}`, { name: "stolen", who: "sam@example.edu" })).status, path).to.equal(404);
    }
    for (const path of ["rename", "managers/new?who=sam"]) expect((await manager.get(`/clients/${id}/${path}`)).status, path).to.equal(404);
    expect((await admin.get(`/clients/${id}`)).html).to.include("<h1>bot</h1>").and.to.include("mia@example.edu");
  });

  it("finds people as one types, adds one by choice or by address, and removes them again", async () => {
    const target = await idOf("free");
    const found = await admin.swap(`/clients/${target}/managers/new?who=SA`);
    expect(found.html).to.include("1 person found").and.to.include('value="sam@example.edu"').and.not.to.include("<html");
    const byName = await admin.post(`/clients/${target}/managers`, { who: "sam" });
    expect(byName.status).to.equal(422);
    expect(byName.html).to.include("Choose one of the people found").and.to.include('name="chosen" value="sam@example.edu"').and.to.include('value="sam"');
    expect((await admin.post(`/clients/${target}/managers`, { who: "nobody@example.edu" })).html).to.include("They have to sign in once");
    expect((await admin.post(`/clients/${target}/managers`, { who: "sam", chosen: "sam@example.edu" })).location).to.equal(`/clients/${target}`);
    const sees = await stranger.get(`/clients/${target}`);
    expect(sees.status, "a manager now, on the next page").to.equal(200);
    expect(sees.html).to.include('<a href="/clients"');
    expect((await admin.swap(`/clients/${target}/managers/new?who=sam`)).html, "who manages it is not offered").to.include("Nobody with this name");
    const [, remove = ""] = /action="(\/clients\/[^"]+\/remove)"/.exec((await admin.get(`/clients/${target}`)).html) ?? [];
    expect((await admin.post(remove)).html).to.match(/<h1>Remove [^<]+ from the managers of [^<]+\?<\/h1>/);
    expect((await stranger.get(`/clients/${target}`)).status, "asked, and nothing done").to.equal(200);
    expect((await admin.postAndConfirm(remove)).status).to.equal(303);
    expect((await stranger.get(`/clients/${target}`)).status).to.equal(404);
    expect((await stranger.get("/clients")).status).to.equal(404);
  });

  it("K4: deactivating refuses the client's calls and says so; activating lets them through", async () => {
    const key = await lumen.newKey("paused");
    const target = await idOf("paused");
    const call = () => callApi<{ error?: { code: string } }>(lumen.url, "/v1/chat/completions", { key, body: chatBody("dummy") });
    expect((await admin.post(`/clients/${target}/deactivate`)).html).to.include("<h1>Deactivate paused?</h1>");
    expect((await call()).status, "asked, and nothing done").to.equal(200);
    expect((await admin.postAndConfirm(`/clients/${target}/deactivate`)).location).to.equal(`/clients/${target}`);
    const refused = await call();
    expect([refused.status, refused.json.error?.code]).to.deep.equal([403, "account_disabled"]);
    expect((await admin.get(`/clients/${target}`)).html).to.include("This client is deactivated");
    expect(rowsOf((await admin.get("/clients?clients-q=paused")).html)[0]?.[2]).to.equal("✕ Deactivated");
    await admin.post(`/clients/${target}/activate`);
    expect((await call()).status).to.equal(200);
  });

  it("P5: a rename keeps everything, and warns where the file knows the old name", async () => {
    const key = await lumen.newKey("old-name");
    const target = await idOf("old-name");
    expect((await admin.post(`/clients/${target}/rename`, { name: "bot" })).status).to.equal(422);
    const renamed = await admin.post(`/clients/${target}/rename`, { name: "new-name" });
    expect(renamed.location).to.equal(`/clients/${target}?renamed=old-name`);
    const { html } = await admin.get(renamed.location ?? "");
    expect(html).to.include("<h1>new-name</h1>").and.to.match(/config\.yaml still has an entry for &#x27;old-name&#x27; \(line \d+\)/);
    expect((await callApi<{ name: string }>(lumen.url, "/v1/me", { key })).json.name).to.equal("new-name");
    const quiet = await admin.post(`/clients/${await idOf("bare")}/rename`, { name: "bare" });
    expect(quiet.status).to.equal(303);
  });

  it("K1: a manager makes a key for the client, which is in its table with what was used, and revokes it", async () => {
    const made = await manager.post(`/clients/${id}/keys`);
    const [, key = ""] = /value="(sk_\w+)"/.exec(made.html) ?? [];
    const [, save = ""] = new RegExp(`action="(/clients/${id}/keys/[^"]+/save)"`).exec(made.html) ?? [];
    const call = async () => (await callApi(lumen.url, "/v1/chat/completions", { key, body: chatBody("dummy") })).status;
    expect(await call(), "not saved yet").to.equal(401);
    await manager.post(save, { name: "ci-runner", key, expiry: "never", coinCap: "" });
    expect(await call()).to.equal(200);
    const row = rowsOf((await manager.get(`/clients/${id}?keys-q=ci-runner`)).html).find(([name]) => name === "ci-runner");
    expect(row?.slice(1, 3)).to.deep.equal([`${key.slice(0, 4)}…${key.slice(-4)}`, "1"]);
    await manager.post(save.replace(/save$/, "revoke"));
    expect(await call(), "K3").to.equal(401);
    const names = async (query: string) => rowsOf((await manager.get(`/clients/${id}${query}`)).html).map(([name]) => name);
    expect(await names("")).to.not.include("ci-runner");
    expect(await names("?keys-deleted=1")).to.include("ci-runner");
  });

  it("S3: a manager's consent for the client holds for its keys; their own does not, nor the reverse", async () => {
    const { key } = await lumen.json<{ key: string }>("key", "create", "--client", "bot", "--name", "consenting");
    const call = async () => (await callApi(lumen.url, "/v1/chat/completions", { key, body: chatBody("asking") })).status;
    const access = async (path: string) => rowsOf((await manager.get(path)).html).find(([model]) => model === "asking")?.[5];
    const accept = async (base: string) => {
      const { html } = await manager.get(`${base}/access/asking/consent`);
      await manager.post(`${base}/access/asking/consent`, { noticeHash: /name="noticeHash" value="([^"]+)"/.exec(html)?.[1] ?? "" });
    };
    await accept("/profile");
    expect([await access("/profile"), await access(`/clients/${id}`), await call()]).to.deep.equal(["Consented", "Needs consent", 403]);
    await accept(`/clients/${id}`);
    expect([await access(`/clients/${id}`), await call()]).to.deep.equal(["Consented", 200]);
    await manager.postAndConfirm("/profile/access/asking/withdraw");
    expect([await access("/profile"), await call()]).to.deep.equal(["Needs consent", 200]);
  });
});
