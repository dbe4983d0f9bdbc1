import { expect } from "chai";
import { readFile, writeFile } from "node:fs/promises";
import { displayCoins, parseCoins } from "../../core/domain/coins";
import { callApi, chatBody } from "../support/apiCall";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { PageVisitor, signedIn } from "../support/pageVisitor";

const CONFIG = `version: 2
admins: [root@example.edu]
groups:
  staff: {max: 200, refresh: 5, model_access: {default: whitelist}}
users:
  default: {max: 50, refresh: 1, model_access: {whitelist: [dummy]}}
  ana@example.edu: {groups: [staff]}
clients:
  default: {max: 100, model_access: {whitelist: [dummy]}}
models:
  - name: dummy
    input_cost_per_million: 500
    output_cost_per_million: 1000
    endpoints: [{url: "demo:"}]
  - name: big
    input_cost_per_million: 500
    output_cost_per_million: 1000
    endpoints: [{url: "demo:"}]
`;
const HOSTILE = `<script>alert("x")</script>`;
const plain = (html: string) => html.replaceAll("<wbr>", "").replace(/<[^>]+>/g, " ").replace(/\s+/g, " ").trim();
const coins = (text: string) => displayCoins(parseCoins(text) ?? 0n);

describe("the pages of administrators", function () {
  this.timeout(60_000);
  let lumen: LumenProcess;
  let admin: PageVisitor;
  let member: PageVisitor;
  let ana: string;
  const usage = () => lumen.json<{ requests: number; coins: string; balance: string }>("usage", "--user", "ana@example.edu");

  before(async () => {
    lumen = await startLumenProcess({ config: CONFIG, env: { SECRET_OF_THE_HOUSE: "pst-do-not-tell" } });
    admin = await signedIn(lumen, "root@example.edu");
    await lumen.json("user", "create", "ana@example.edu", "--name", HOSTILE);
    member = await signedIn(lumen, "ana@example.edu");
    const { key } = await lumen.json<{ key: string }>("key", "create", "--user", "ana@example.edu", "--name", "test");
    const answer = await callApi(lumen.url, "/v1/chat/completions", { key, body: chatBody("dummy") });
    expect(answer.status).to.equal(200);
    const users = await lumen.json<{ id: string; email: string }[]>("user", "list");
    ana = users.find(({ email }) => email === "ana@example.edu")?.id ?? "";
  });
  after(() => lumen.remove());

  for (const path of ["/admin/users", "/admin/users/new", "/admin/configuration", "/admin/endpoints", "/admin/audit", "/admin/audit.csv"]) {
    it(`Roles: ${path} is there for administrators alone`, async () => {
      expect((await admin.get(path)).status).to.equal(200);
      expect((await member.get(path)).status).to.equal(404);
      expect((await new PageVisitor(lumen.url).get(path)).status).to.equal(303);
    });
  }

  it("Roles: what administrators do, others find nothing at", async () => {
    for (const path of [`/admin/users/${ana}/active`, `/admin/users/${ana}/coins`, `/admin/users/${ana}/link`, `/admin/users/${ana}/password`, "/admin/configuration/candidate", "/admin/endpoints/probe"]) {
      expect((await member.post(path)).status, path).to.equal(404);
    }
  });

  it("shows people with the numbers of the ledger, and hostile names as text", async () => {
    const { html } = await admin.get("/admin/users?users-q=ana");
    const { requests, coins: used, balance } = await usage();
    const row = plain(/<tbody>([\s\S]*?)<\/tbody>/.exec(html)?.[1] ?? "");
    expect(html).to.not.contain(HOSTILE);
    expect(row).to.contain("ana@example.edu staff").and.to.contain(`${coins(balance)} ${coins(used)} ${requests} Active`);
    expect(row).to.not.contain("root@example.edu");
  });

  it("P7: grants, takes and resets with a reason, each an entry of the ledger, with who and from where in the log", async () => {
    const before = parseCoins((await usage()).balance) ?? 0n;
    const refused = await admin.post(`/admin/users/${ana}/coins`, { kind: "grant", amount: "5", reason: " " });
    expect(refused.status).to.equal(422);
    expect(plain(refused.html)).to.contain("A reason is needed");
    expect(refused.html).to.contain('value="5"');
    expect((await admin.post(`/admin/users/${ana}/coins`, { kind: "grant", amount: "2.5", reason: "autumn course" })).status).to.equal(303);
    expect(parseCoins((await usage()).balance)).to.equal(before + 2_500_000_000n);
    await admin.post(`/admin/users/${ana}/coins`, { kind: "reset", reason: "new term" });
    expect((await usage()).balance).to.equal("200");
    const { html } = await admin.get("/admin/audit?subject=ana@example.edu&action=coins.");
    expect(plain(html)).to.contain("root@example.edu coins.grant ana@example.edu 127.0.0.1").and.to.contain("autumn course");
    expect((await lumen.json<{ exact: boolean }>("ledger", "verify")).exact).to.equal(true);
  });

  it("K4: deactivates with a reason and ends the sessions, but never oneself", async () => {
    const users = await lumen.json<{ id: string; email: string }[]>("user", "list");
    const root = users.find(({ email }) => email === "root@example.edu")?.id ?? "";
    const self = await admin.post(`/admin/users/${root}/active`, { active: "0", reason: "by mistake", confirmed: "1" });
    expect(self.status).to.equal(422);
    const ben = await signedIn(lumen, "ben@example.edu");
    const id = (await lumen.json<{ id: string; email: string }[]>("user", "list")).find(({ email }) => email === "ben@example.edu")?.id ?? "";
    expect((await ben.get("/profile")).status).to.equal(200);
    for (const [action, fields] of [["active", { active: "0", reason: "left" }], ["sign-out", {}], ["password", {}]] as const) {
      expect((await admin.post(`/admin/users/${id}/${action}`, fields)).html, action).to.match(/<h1>[^<]*ben@example\.edu[^<]*\?<\/h1>/);
    }
    expect((await ben.get("/profile")).status, "asked, and nothing done").to.equal(200);
    expect((await admin.postAndConfirm(`/admin/users/${id}/active`, { active: "0", reason: "left" })).status).to.equal(303);
    expect((await ben.get("/profile")).location).to.match(/^\/sign-in/);
    expect((await admin.post(`/admin/users/${id}/active`, { active: "1", reason: "back" })).status).to.equal(303);
  });

  it("makes a sign-in link that is shown once and works once", async () => {
    const { html } = await admin.post(`/admin/users/${ana}/link`);
    const path = /(\/sign-in\/link\/[\w-]+)/.exec(html)?.[1] ?? "";
    const visitor = new PageVisitor(lumen.url);
    expect((await visitor.post(path, { _csrf: await visitor.csrfToken() })).status).to.equal(303);
    expect((await visitor.get("/profile")).status).to.equal(200);
    expect((await new PageVisitor(lumen.url).get(path)).status).to.equal(410);
  });

  it("A6: explains as the command line does, with the line", async () => {
    const { html } = await admin.get("/admin/configuration?owner=ana@example.edu&model=big");
    const explained = await lumen.json<{ reasons: { layer: string }[]; decidedBy: { line: number } }>("explain", "--user", "ana@example.edu", "--model", "big");
    expect(html).to.contain(`config.yaml:${explained.decidedBy.line}`);
    for (const { layer } of explained.reasons) expect(plain(html)).to.contain(layer);
    expect(plain(html)).to.contain("200 at most, +5 per hour");
    const unknown = await admin.get(`/admin/configuration?owner=${encodeURIComponent(HOSTILE)}`);
    expect(unknown.status).to.equal(200);
    expect(unknown.html).to.not.contain(HOSTILE);
  });

  it("shows what a candidate would change and for whom, and puts nothing in force", async () => {
    const text = CONFIG.replace("  ana@example.edu: {groups: [staff]}\n", "").replace("output_cost_per_million: 1000", "output_cost_per_million: 2000");
    const { status, html } = await admin.post("/admin/configuration/candidate", { text });
    expect(status).to.equal(200);
    expect(plain(html)).to.contain("Lost big 1 user : ana@example.edu").and.to.contain("output_cost_per_million 1000 → becomes 2000");
    expect(plain(html)).to.contain("200 at most, +5 per hour, 200 to start → becomes 50 at most, +1 per hour, 50 to start");
    expect(plain((await admin.get("/admin/configuration?owner=ana@example.edu")).html)).to.contain("given by groups.staff");
    const file = `${lumen.folder}/candidate.yaml`;
    await writeFile(file, text);
    const told = await lumen.cli("config", "diff", file);
    expect(told.code).to.equal(0);
    expect(told.stdout).to.contain("1 user (ana@example.edu) lose big");
    await writeFile(file, CONFIG);
    expect(await lumen.cli("config", "diff", file)).to.deep.include({ code: 0, stdout: `${file} changes nothing.\n` });
  });

  it("R2: names the faults of a candidate with line and column, and no secret", async () => {
    const text = `${CONFIG}surprise: ${HOSTILE}\napi:\n  prometheus: {enabled: perhaps, token: sk-very-secret}\napp:\n  name: \${SECRET_OF_THE_HOUSE}\n  tagline: [\${NOT_SET_ANYWHERE}\n`;
    const { status, html } = await admin.post("/admin/configuration/candidate", { text });
    expect(status).to.equal(422);
    expect(html).to.match(/candidate\.yaml:\d+:\d+/).and.to.not.contain(HOSTILE);
    const named = await admin.post("/admin/configuration/candidate", { text: CONFIG.replace("name: big", "name: ${SECRET_OF_THE_HOUSE}").replace("root@example.edu]", "root@example.edu, \"x@${SECRET_OF_THE_HOUSE}.edu\"]") });
    expect(named.status).to.equal(200);
    expect(named.html).to.not.contain("pst-do-not-tell");
    expect(plain(named.html)).to.contain("Added ${SECRET_OF_THE_HOUSE}");
    const file = `${lumen.folder}/broken.yaml`;
    await writeFile(file, `${CONFIG}surprise: 1\n`);
    const told = await lumen.cli("config", "diff", file);
    expect(told.code).to.equal(1);
    expect(told.stdout).to.match(/broken\.yaml:\d+:1: /);
  });

  it("R2: shows the change that was refused, with the text of its line, and R3: what takes a restart", async () => {
    const text = await readFile(lumen.configFile, "utf8");
    await writeFile(lumen.configFile, `${text}surprise: yes\n`);
    await lumen.printed("was changed and refused");
    const stale = await admin.get("/admin/configuration");
    expect(plain(stale.html)).to.contain("Stale").and.to.contain("surprise: yes").and.to.match(/config\.yaml:\d+:1/);
    await writeFile(lumen.configFile, `${text}server: {trust_proxy: true}\n`);
    await lumen.printed("takes a restart");
    await lumen.printed("was changed and is in force");
    const current = plain((await admin.get("/admin/configuration")).html);
    expect(current).to.contain("Current").and.to.contain("server.trust_proxy").and.to.contain("The last refused change");
  });

  it("shows endpoints with their served calls, and probes them when asked", async () => {
    const { html } = await admin.get("/admin/endpoints?endpoints-q=dummy");
    expect(plain(html)).to.contain("built-in demo server as dummy Up 0 / ∞ 1 0");
    const probed = await admin.swap("/admin/endpoints/probe", { endpoint: "" });
    expect(probed.headers.get("hx-trigger")).to.contain("All 2 endpoints are well.");
    expect((await admin.post("/admin/endpoints/probe", { endpoint: "nothing" })).status).to.equal(404);
  });

  it("gives the audit log as CSV that no spreadsheet takes for formulas, filtered and in pages", async () => {
    await lumen.cli("coins", "grant", "--user", "ana@example.edu", "--amount", "1", "--reason", '=HYPERLINK("http://evil")');
    const csv = await admin.get("/admin/audit.csv?actor=cli&action=coins.");
    expect(csv.headers.get("content-type")).to.contain("text/csv");
    const [head, row] = csv.html.split("\r\n");
    expect(head).to.contain("time,actor,actor_id,action");
    expect(row).to.contain("coins.grant,ana@example.edu");
    const rows = await lumen.json<{ action: string }[]>("audit", "--actor", "cli", "--limit", "3");
    expect(rows).to.have.length(3);
    expect((await lumen.cli("audit", "--limit", "0")).code).to.equal(2);
  });
});
