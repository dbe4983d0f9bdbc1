import { expect } from "chai";
import { displayCoins, parseCoins } from "../../core/domain/coins";
import { callApi, chatBody } from "../support/apiCall";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { signedIn, type PageVisitor } from "../support/pageVisitor";

const CONFIG = `version: 2
admins: [root@example.edu]
groups:
  staff: {max: 50, refresh: 1.5}
  bio-lab: {}
users:
  default: {model_access: {whitelist: [dummy, other]}}
  ana@example.edu: {groups: [staff, bio-lab]}
  bob@example.edu: {max: 50}
  una@example.edu: {max: -2}
  max@example.edu: {max: 0}
  zoe@example.edu: {max: 5, refresh: 0, starting: 0}
models:
  - {name: dummy, input_cost_per_million: 500, output_cost_per_million: 1000, endpoints: [{url: "demo:"}]}
  - {name: other, input_cost_per_million: 1, output_cost_per_million: 1, endpoints: [{url: "demo:"}]}
`;

interface Used {
  readonly requests: number;
  readonly tokens: number;
  readonly coins: string;
  readonly balance: string;
}

const plain = (html: string) => html.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ").trim();
const tilesOf = (html: string) =>
  Object.fromEntries([...html.matchAll(/<dt>([^<]*)<\/dt>\s*<dd>([\s\S]*?)<\/dd>/g)].map(([, name = "", value = ""]) => [name, plain(value.replace(/<svg[\s\S]*?<\/svg>/g, ""))]));
const chatRow = (html: string): [string, string][] => {
  const table = /<section class="table-card" id="web-chat"[\s\S]*?<\/section>/.exec(html)?.[0] ?? "";
  return [...table.matchAll(/data-label="([^"]*)"[^>]*>([\s\S]*?)<\/td>/g)].map(([, label = "", cell = ""]) => [label, plain(cell)]);
};
const coins = (text: string) => displayCoins(parseCoins(text) ?? -1n);

describe("the profile", function () {
  this.timeout(60_000);
  let lumen: LumenProcess;
  let ana: PageVisitor;
  let html: string;
  let used: Used;
  let anaKey: string;

  before(async () => {
    lumen = await startLumenProcess({ config: CONFIG });
    ana = await signedIn(lumen, "ana@example.edu");
    const { key } = await lumen.json<{ key: string }>("key", "create", "--user", "ana@example.edu", "--name", "notebook");
    anaKey = key;
    for (const model of ["dummy", "other", "dummy"]) await callApi(lumen.url, "/v1/chat/completions", { key, body: chatBody(model) });
    ({ html } = await ana.get("/profile"));
    used = await lumen.json<Used>("usage", "--user", "ana@example.edu");
  });
  after(() => lumen.remove());

  it("shows who one is, and nothing to somebody who is not signed in", async () => {
    expect(html).to.match(/<h1>ana@example\.edu<\/h1>|<h1>ana<\/h1>/i).and.to.include("ana@example.edu");
    expect((await fetch(`${lumen.url}/profile`, { redirect: "manual" })).headers.get("location")).to.equal("/sign-in?next=%2Fprofile");
  });

  it("P3, P6: has the six tiles with what the ledger says", () => {
    const tiles = tilesOf(html);
    expect(used.requests).to.equal(3);
    expect(Object.keys(tiles)).to.deep.equal(["Groups", "Coins Used", "Tokens Used", "Favorite Model", "Coins Available", "Refill Rate"]);
    expect(tiles["Groups"]).to.equal("staff bio-lab");
    expect(tiles["Coins Used"]).to.equal(`${coins(used.coins)} all time`);
    expect(tiles["Tokens Used"]).to.equal(`${used.tokens.toLocaleString("en-US")} all time`);
    expect(tiles["Favorite Model"]).to.equal("dummy 2 requests");
    expect(html).to.include('<a href="/models/dummy">dummy</a>');
    expect(tiles["Coins Available"]).to.match(new RegExp(`^${coins(used.balance)} of 50 \\d+ %$`));
    expect(tiles["Refill Rate"]).to.match(/^\+1\.50 per hour Next refill in (59|60) min$/);
    expect(html).to.include("Coins spent on each of the last 30 days");
  });

  it("refreshes the tiles alone for a refill that came due", async () => {
    const swapped = (await ana.swap("/profile")).html;
    expect(swapped).to.match(/^<dl class="tiles/).and.not.to.include("<html");
  });

  const pools: [string, string, string, string][] = [
    ["P1: Unlimited", "una@example.edu", "Unlimited", "—"],
    ["P1: a budget that is blocked", "max@example.edu", "0.00 The budget is blocked: every request is refused.", "—"],
    ["P3: no budget at all", "nora@example.edu", "— No budget is set up for this account.", "—"],
    ["P8: an empty budget that never refills", "zoe@example.edu", "0.00 of 5 0 % Requests are refused until a grant.", "— Does not refill by itself."],
  ];
  for (const [name, email, available, refill] of pools) {
    it(`shows ${name}`, async () => {
      const tiles = tilesOf((await (await signedIn(lumen, email)).get("/profile")).html);
      expect(tiles).to.include({ "Coins Available": available, "Refill Rate": refill, "Favorite Model": "None yet", "Coins Used": "0.00 all time", "Tokens Used": "0 all time" });
    });
  }

  it("has a picture, the name and the address on its card, and marks for the bar and the countdown", () => {
    const card = /<section class="card profile-card"[\s\S]*?<\/section>/.exec(html)?.[0] ?? "";
    expect(card).to.match(/<img src="\/avatars\/[^"]+" alt="">[\s\S]*<h1>[\s\S]*ana@<wbr>example\.edu/);
    const percent = /Coins Available[\s\S]*?<progress value="(\d+)" max="100" aria-label="Coins available">/.exec(html)?.[1];
    expect(Number(percent)).to.be.within(90, 100);
    const inMs = Number(/data-countdown="(\d+)"/.exec(html)?.[1]);
    expect(inMs).to.be.within(3_500_000, 3_600_000);
  });

  it("P3: shows the balance and the refill that the API tells the same key's owner", async () => {
    const me = await (await fetch(`${lumen.url}/v1/me`, { headers: { authorization: `Bearer ${anaKey}` } })).text();
    const balance = /"balance":\s*"?(-?[\d.]+)"?/.exec(me)?.[1] ?? "";
    expect(tilesOf(html)["Coins Available"], me).to.match(new RegExp(`^${coins(balance)} of 50 `));
  });

  it("has a row of web chat usage: nothing before the first message, then what the ledger has of the chat", async () => {
    const bob = await signedIn(lumen, "bob@example.edu");
    expect(chatRow((await bob.get("/profile")).html)).to.deep.equal([["Conversations", "0"], ["Requests", "0"], ["Tokens", "0"], ["Coins", "0.00"], ["Last Used", "–"]]);
    for (const text of ["Hello", "Hello again"]) {
      const { location = "" } = await bob.post("/chat", { text, model: "dummy" });
      const { messages } = JSON.parse((await bob.get(`${location}/export.json`)).html) as { messages: { id: string }[] };
      await bob.get(`${location}/events/${messages.at(-1)?.id}`);
    }
    const books = await lumen.json<Used>("usage", "--user", "bob@example.edu");
    const row = Object.fromEntries(chatRow((await bob.get("/profile")).html));
    expect(books.requests).to.equal(2);
    expect(row).to.deep.include({ Conversations: "2", Requests: "2", Tokens: books.tokens.toLocaleString("en-US"), Coins: coins(books.coins) });
    expect(row["Last Used"]).to.match(/UTC$/);
    expect(chatRow((await ana.get("/profile")).html).map(([, value]) => value), "calls of the API are not the chat's").to.deep.equal(["0", "0", "0", "0.00", "–"]);
  });

  it("serves a picture address that says nothing of who has one", async () => {
    const address = /<img src="(\/avatars\/[^"]+)" alt="">/.exec(html)?.[1] ?? "";
    const own = await ana.get(address);
    const nobody = await ana.get("/avatars/nobody");
    expect([own.status, own.headers.get("content-type"), own.headers.get("cache-control")]).to.deep.equal([200, "image/svg+xml", "private, max-age=300"]);
    expect(nobody.html).to.equal(own.html);
    expect((await fetch(`${lumen.url}${address}`, { redirect: "manual" })).status).to.equal(303);
  });
});
