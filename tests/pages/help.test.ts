import { expect } from "chai";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { keyTable } from "../../core/config/keyTable";
import { withKeyTables } from "../../core/config/keyTableMarkdown";
import { projectRoot } from "../../core/environment";
import { ERROR_CODES } from "../../core/errors/codes";
import { HELP_GROUPS, helpAddress, helpDocument, linkInHelp } from "../../plugins/web-ui/help/helpPages";
import { ROUTES } from "../../plugins/web-ui/routes";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { PageVisitor } from "../support/pageVisitor";

const CONFIG = `version: 2
app:
  name: Prairie
  support_email: help@example.edu
  github_url: https://git.example.edu/lumen
  about: |
    Run by the **Computing Centre**. <script>alert(1)</script>
models:
  - name: dummy
    input_cost_per_million: 0.5
    output_cost_per_million: 1.0
    endpoints: [{url: "demo:"}]
`;

const slugs = HELP_GROUPS.flatMap(({ pages }) => pages.map(({ slug }) => slug));
const source = (slug: string) => readFileSync(path.join(projectRoot(), "docs", "help", `${slug}.md`), "utf8");
const decoded = (html: string) => html.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");

describe("the help", function () {
  this.timeout(60_000);
  let lumen: LumenProcess;
  let visitor: PageVisitor;
  before(async () => {
    lumen = await startLumenProcess({ config: CONFIG });
    visitor = new PageVisitor(lumen.url);
  });
  after(() => lumen.remove());

  it("has every file of docs/help in its contents, and no other", () => {
    expect(readdirSync(path.join(projectRoot(), "docs", "help")).map((file) => file.replace(/\.md$/, "")).sort()).to.deep.equal([...slugs].sort());
  });

  it("shows every page to everybody, each with one main heading and the contents at the side", async () => {
    for (const slug of slugs) {
      const { status, html } = await visitor.get(helpAddress(slug));
      expect(status, slug).to.equal(200);
      expect(html.match(/<h1>/g), slug).to.have.length(1);
      expect(html, slug).to.include(`href="${helpAddress(slug)}" aria-current="page"`);
      expect(html, slug).to.not.match(/ style="|<!--/);
    }
    expect((await visitor.get("/help/nothing")).status).to.equal(404);
    expect((await visitor.get("/help/introduction")).location).to.equal("/help");
  });

  it("M2: explains what a call costs, by the example of 0.0008 coins", async () => {
    const { html } = await visitor.get("/help");
    expect(html).to.include("= 0.0008 coins").and.to.include("0.0005 + 0.0003");
  });

  it("ends its introduction with the institution's own words, made safe, and where to ask", async () => {
    const { html } = await visitor.get("/help");
    expect(html).to.include("About Prairie</h2>").and.to.include("<strong>Computing Centre</strong>").and.to.include("mailto:help@example.edu");
    expect(html).to.include('href="https://git.example.edu/lumen/issues/new"');
    expect(html).to.not.include("<script>alert");
    expect((await visitor.get("/help/chat")).html).to.not.include("About Prairie</h2>");
  });

  it("describes every key of config.yaml, as the schema does", async () => {
    expect(withKeyTables(source("configuration")) === source("configuration"), "run `node dist/scripts/writeConfigSchema.js` after a build").to.equal(true);
    const html = decoded((await visitor.get("/help/configuration")).html);
    expect(keyTable().map(({ path: key }) => key).filter((key) => !html.includes(`<code>${key}</code>`))).to.deep.equal([]);
  });

  it("describes every error code, with its status", () => {
    const rows = source("api").split("\n").filter((line) => /^\| \d{3} /.test(line)).map((line) => line.split("|").slice(1, 3).map((cell) => cell.trim().replaceAll("`", "")).join(" "));
    expect(rows).to.have.members(Object.entries(ERROR_CODES).map(([code, { status }]) => `${status} ${code}`));
  });

  it("leads from page to page, to headings that are there", () => {
    const dead: string[] = [];
    const anchors = (slug: string) => new Set([...(helpDocument(slug)?.html ?? "").matchAll(/<h\d id="([^"]+)"/g)].map(([, id]) => id));
    for (const slug of slugs) {
      for (const [, href = ""] of (helpDocument(slug)?.html ?? "").matchAll(/href="([^"]+)"/g)) {
        const [, target = "", anchor] = /^\/help(?:\/([\w-]+))?(?:#(.*))?$/.exec(href) ?? [];
        if (!href.startsWith("/help")) continue;
        const page = target || "introduction";
        if (!slugs.includes(page) || (anchor !== undefined && !anchors(page).has(anchor))) dead.push(`${slug}: ${href}`);
      }
    }
    expect(dead).to.deep.equal([]);
    expect(linkInHelp("chat.md#files-and-images")).to.equal("/help/chat#files-and-images");
    expect(linkInHelp("introduction.md")).to.equal("/help");
  });

  it("names pages of the product that there are", () => {
    const gets = new Set(ROUTES.filter(({ method }) => method === "GET").map((route) => route.path));
    const named = new Set(slugs.flatMap((slug) => [...source(slug).matchAll(/\]\(page:([^)]+)\)/g)].map(([, to = ""]) => to)));
    expect([...named].filter((to) => !gets.has(to))).to.deep.equal([]);
  });
});
