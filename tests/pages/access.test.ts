import { expect } from "chai";
import { readFile, writeFile } from "node:fs/promises";
import { callApi, chatBody } from "../support/apiCall";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { signedIn, type PageVisitor } from "../support/pageVisitor";

const CONFIG = `version: 2
admins: [root@example.edu]
defaults: {models: {ack_message: "Send no <personal> data.\\n\\nAnswers may be kept."}}
users: {default: {max: 50, model_access: {whitelist: [dummy, half, gone, org/careful, off], graylist: [gray]}}}
clients: {default: {max: 50, model_access: {whitelist: [dummy, org/careful]}}}
models:
  - {name: dummy, input_cost_per_million: 500, output_cost_per_million: 1000, endpoints: [{url: "demo:"}]}
  - {name: org/careful, needs_ack: true, endpoints: [{url: "demo:"}]}
  - {name: gray, endpoints: [{url: "demo:"}]}
  - {name: closed, endpoints: [{url: "demo:"}]}
  - {name: half, input_cost_per_million: 1, output_cost_per_million: 1, endpoints: [{url: "demo:"}, {url: "http://127.0.0.1:9/v1"}]}
  - {name: gone, endpoints: [{url: "http://127.0.0.1:9/v1"}]}
  - {name: off, disabled: true, endpoints: [{url: "demo:"}]}
`;

const plain = (html: string) => html.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ").trim();
const table = (html: string) => /<section class="table-card" id="access"[\s\S]*?<\/section>/.exec(html)?.[0] ?? "";
const rowsOf = (html: string) =>
  new Map([...table(html).matchAll(/<tr>\s*(<td[\s\S]*?)<\/tr>/g)].map(([, row = ""]) => {
    const cells = Object.fromEntries([...row.matchAll(/data-label="([^"]*)"[^>]*>([\s\S]*?)<\/td>/g)].map(([, label = "", cell = ""]) => [label, plain(cell)]));
    return [cells["Model"] ?? "", cells] as const;
  }));
const CAREFUL = "/profile/access/org%2Fcareful";

describe("the pages of model access", function () {
  this.timeout(60_000);
  let lumen: LumenProcess;
  let ana: PageVisitor;
  let root: PageVisitor;
  let key: string;

  before(async () => {
    lumen = await startLumenProcess({ config: CONFIG });
    ana = await signedIn(lumen, "ana@example.edu");
    root = await signedIn(lumen, "root@example.edu");
    ({ key } = await lumen.json<{ key: string }>("key", "create", "--user", "ana@example.edu", "--name", "k"));
    await callApi(lumen.url, "/v1/chat/completions", { key, body: chatBody("dummy") });
  });
  after(() => lumen.remove());

  const access = async (query = "") => rowsOf((await ana.get(`/profile${query}`)).html);
  const call = async (model: string) => (await callApi(lumen.url, "/v1/chat/completions", { key, body: chatBody(model) })).status;
  const hashIn = (html: string) => /name="noticeHash" value="([^"]+)"/.exec(html)?.[1] ?? "";

  it("has every model with its use, its badge and its status; disabled ones under Show disabled (A1)", async () => {
    const rows = await access();
    const used = await lumen.json<{ tokens: number }>("usage", "--user", "ana@example.edu");
    expect([...rows.keys()]).to.deep.equal(["closed", "dummy", "gone", "gray", "half", "org/careful"]);
    expect(rows.get("dummy")).to.include({ Requests: "1", Tokens: used.tokens.toLocaleString("en-US"), Access: "Allowed", Status: "ok" });
    expect(rows.get("gray")).to.include({ Requests: "–", Tokens: "–", Coins: "–", "Last Used": "–", Access: "Needs consent" });
    expect(rows.get("org/careful")).to.include({ Access: "Needs consent" });
    expect(rows.get("closed")).to.include({ Access: "Blocked why?" });
    expect((await access("?access-disabled=1")).get("off")).to.include({ Status: "disabled", Access: "Blocked why?" });
    expect([...(await access("?access-q=CARE")).keys()]).to.deep.equal(["org/careful"]);
    expect([...(await access("?access-sort=-requests")).keys()][0]).to.equal("dummy");
    expect((await ana.get("/profile")).html).to.include('<a href="/models/org%2Fcareful">org/careful</a>');
  });

  it("has the four words of health: ok, degraded, down, disabled", async () => {
    const probed = async () => (await access("?access-disabled=1"));
    let rows = await probed();
    while (rows.get("gone")?.["Status"] !== "down" || rows.get("half")?.["Status"] !== "degraded") rows = await probed();
    expect(["dummy", "half", "gone", "off"].map((name) => rows.get(name)?.["Status"])).to.deep.equal(["ok", "degraded", "down", "disabled"]);
    const { html } = await ana.get("/profile?access-disabled=1");
    for (const [tone, word] of [["good", "ok"], ["warn", "degraded"], ["bad", "down"], ["quiet", "disabled"]]) expect(table(html), word).to.include(`badge-${tone}">${word}<`);
    for (const [tone, word] of [["good", "Allowed"], ["warn", "Needs consent"], ["bad", "Blocked"]]) expect(table(html), word).to.match(new RegExp(`badge-${tone}[^>]*>${word}<`));
  });

  it("sorts by every column, with numbers that add up to the ledger's", async () => {
    expect(await call("half")).to.equal(200);
    expect(await call("half")).to.equal(200);
    const rows = [...(await access()).values()];
    const numberIn = (text = "") => Number(text.replace(/[^\d.]/g, ""));
    const used = await lumen.json<{ requests: number; tokens: number }>("usage", "--user", "ana@example.edu");
    for (const [column, sum] of [["Requests", used.requests], ["Tokens", used.tokens]] as const) expect(rows.reduce((all, row) => all + numberIn(row[column]), 0), column).to.equal(sum);
    const first = async (sort: string) => [...(await access(`?access-sort=${sort}`)).keys()][0];
    expect([await first("model"), await first("-model")]).to.deep.equal(["closed", "org/careful"]);
    expect([await first("-requests"), await first("-tokens"), await first("-used")]).to.deep.equal(["half", "half", "half"]);
    expect(await first("-coins")).to.equal("dummy");
    const column = async (label: string, sort: string) => [...(await access(`?access-sort=${sort}`)).values()].map((row) => row[label] ?? "");
    for (const [label, key] of [["Access", "access"], ["Status", "status"]] as const) {
      const words = await column(label, key);
      expect(words, label).to.deep.equal([...words].sort());
      expect(await column(label, `-${key}`), label).to.deep.equal([...words].sort().reverse());
    }
  });

  it("S1, S5: consent is given to the notice that was shown, counts at once, and can be withdrawn", async () => {
    const shown = await ana.get(`${CAREFUL}/consent`);
    expect(shown.html).to.match(/<p>Send no &lt;personal&gt; data\.<\/p>\s*<p>Answers may be kept\.<\/p>/);
    expect(await call("org/careful")).to.equal(403);
    expect((await ana.post(`${CAREFUL}/consent`, { noticeHash: hashIn(shown.html) })).location).to.equal("/profile#access");
    expect((await access()).get("org/careful")).to.include({ Access: "Consented" });
    expect(await call("org/careful")).to.equal(200);
    expect(plain((await ana.get(`${CAREFUL}/consent`)).html)).to.match(/Accepted by you, .* UTC/);
    expect((await ana.post(`${CAREFUL}/withdraw`)).html).to.include("<h1>Withdraw the consent for org/careful?</h1>");
    expect(await call("org/careful"), "asked, and nothing done").to.equal(200);
    expect((await ana.postAndConfirm(`${CAREFUL}/withdraw`)).location).to.equal("/profile#access");
    expect((await access()).get("org/careful")).to.include({ Access: "Needs consent" });
    expect(await call("org/careful")).to.equal(403);
  });

  it("S2: a notice that changed since it was shown is shown again", async () => {
    const old = hashIn((await ana.get(`${CAREFUL}/consent`)).html);
    await ana.post(`${CAREFUL}/consent`, { noticeHash: old });
    await writeFile(lumen.configFile, (await readFile(lumen.configFile, "utf8")).replace("Answers may be kept", "Answers are kept"));
    let html = "";
    while (!html.includes("Answers are kept")) html = (await ana.get(`${CAREFUL}/consent`)).html;
    expect(html).to.include("The notice has changed since it was accepted");
    const late = await ana.post(`${CAREFUL}/consent`, { noticeHash: old });
    expect(late.status).to.equal(422);
    expect(late.html).to.include("The notice has changed since it was shown. Read it again.");
    expect((await ana.post(`${CAREFUL}/consent`, { noticeHash: hashIn(late.html) })).status).to.equal(303);
  });

  it("A6: says why a model is blocked; where that stands in the file is for administrators", async () => {
    const mine = plain((await ana.get("/profile/access/closed/why")).html);
    expect(mine).to.include("Why is closed blocked?").and.to.include("defaults.models has the default blacklist decides");
    expect(mine).not.to.match(/\.ya?ml:\d/);
    expect(plain((await root.get("/profile/access/org%2Fcareful/why")).html)).to.match(/config\.yaml:\d+\)/).and.not.to.match(/\/\S*config\.yaml/);
  });

  it("S3: a client's consent is its own, given by who manages it", async () => {
    await lumen.cli("client", "create", "bot");
    await lumen.cli("client", "manager", "add", "bot", "ana@example.edu");
    const id = (await lumen.json<{ id: string; name: string }[]>("client", "list"))[0]?.id ?? "";
    const place = `/clients/${id}/access/org%2Fcareful/consent`;
    const shown = await ana.get(place);
    expect(shown.html).to.include("This consent is for bot and all its keys.");
    expect((await ana.post(place, { noticeHash: hashIn(shown.html) })).location).to.equal(`/clients/${id}#access`);
    const consent = await lumen.json<{ verdict: string }>("explain", "--client", "bot", "--model", "org/careful");
    expect(consent.verdict).to.equal("allowed");
    expect((await (await signedIn(lumen, "sam@example.edu")).get(place)).status).to.equal(404);
  });

  it("finds nothing to consent to where none is asked", async () => {
    for (const model of ["dummy", "closed", "off", "nothing"]) expect((await ana.get(`/profile/access/${model}/consent`)).status, model).to.equal(404);
  });
});
