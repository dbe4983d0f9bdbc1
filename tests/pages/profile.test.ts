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
const coins = (text: string) => displayCoins(parseCoins(text) ?? -1n);

describe("the profile", function () {
  this.timeout(60_000);
  let lumen: LumenProcess;
  let ana: PageVisitor;
  let html: string;
  let used: Used;

  before(async () => {
    lumen = await startLumenProcess({ config: CONFIG });
    ana = await signedIn(lumen, "ana@example.edu");
    const { key } = await lumen.json<{ key: string }>("key", "create", "--user", "ana@example.edu", "--name", "notebook");
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

  it("has a row of web chat usage", () => {
    const table = /<section class="table-card" id="web-chat"[\s\S]*?<\/section>/.exec(html)?.[0] ?? "";
    expect([...table.matchAll(/data-label="([^"]*)"[^>]*>([\s\S]*?)<\/td>/g)].map(([, label = "", cell = ""]) => [label, plain(cell)])).to.deep.equal([
      ["Conversations", "0"], ["Requests", "0"], ["Tokens", "0"], ["Coins", "0.00"], ["Last Used", "–"],
    ]);
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
