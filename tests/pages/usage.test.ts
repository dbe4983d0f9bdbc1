import { expect } from "chai";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { parseCoins } from "../../core/domain/coins";
import { projectRoot } from "../../core/environment";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { signedIn, type PageVisitor } from "../support/pageVisitor";

const ADA = "ada@example.org";

describe("the usage page", function () {
  this.timeout(120_000);
  let lumen: LumenProcess;
  let ada: PageVisitor;
  let admin: PageVisitor;
  let key: string;

  before(async () => {
    const shipped = await readFile(path.join(projectRoot(), "config.yaml"), "utf8");
    lumen = await startLumenProcess({ config: `${shipped.replace(/^admins:.*(\n\s+- .*)*$/m, "")}\nadmins: [root@example.org]\n` });
    ada = await signedIn(lumen, ADA);
    admin = await signedIn(lumen, "root@example.org");
    ({ key } = await lumen.json<{ key: string }>("key", "create", "--user", ADA, "--name", "=HYPERLINK(1)"));
    for (let call = 0; call < 3; call += 1) await complete(key);
    await complete(await lumen.newKey("robot"));
  });
  after(() => lumen.remove());

  async function complete(bearer: string): Promise<void> {
    const answer = await fetch(`${lumen.url}/v1/chat/completions`, {
      method: "POST", headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "dummy", messages: [{ role: "user", content: "How many coins is this?" }] }),
    });
    expect(answer.status).to.equal(200);
    await answer.text();
  }

  const tile = (html: string, name: string) => new RegExp(`<dt>${name}</dt><dd>\\s*([^<]*?)\\s*[<]`).exec(html)?.[1];
  const ledger = (owner: string) => lumen.json<{ requests: number; tokens: number; coins: string }>("usage", ...(owner === "robot" ? ["--client", owner] : ["--user", owner]));

  for (const period of ["week", "month", "year", "all"]) {
    it(`shows the numbers of the ledger for the period ${period}`, async () => {
      const { html, status } = await ada.get(`/usage?period=${period}`);
      const books = await ledger(ADA);
      expect(status).to.equal(200);
      expect(books.requests).to.equal(3);
      expect(tile(html, "Requests")).to.equal("3");
      expect(tile(html, "Tokens")).to.equal(books.tokens.toLocaleString("en-US"));
      expect(html).to.include(`<option value="${period}" selected>`);
      expect(html).to.match(/<th scope="row">dummy<\/th><td class="numeric">3<\/td>/);
      expect(html).to.match(/<th scope="row">&#x3D;HYPERLINK\(1\)<\/th><td class="numeric">3<\/td>/);
    });
  }

  it("has a table for each picture, and no style attribute", async () => {
    const { html } = await ada.get("/usage");
    expect(html.match(/<svg class="(chart-plot|heat-plot)"/g)).to.have.lengthOf(3);
    expect(html.match(/<details class="chart-table">/g)).to.have.lengthOf(5);
    expect(html).to.not.match(/\sstyle=/);
  });

  it("is the report alone for a swap", async () => {
    const { html } = await ada.swap("/usage?period=week");
    expect(html).to.match(/^<div class="stack usage-report"/);
  });

  it("shows hours in the zone that the browser told, and UTC where it is none", async () => {
    ada.setCookie("lumen_zone", "Asia/Tokyo");
    expect((await ada.get("/usage")).html).to.include("your time (Asia/Tokyo)");
    ada.setCookie("lumen_zone", "Nowhere/Land");
    expect((await ada.get("/usage")).html).to.include("hour, UTC");
  });

  it("M1: the CSV has a line for each call, whose exact coins are those of the ledger, and no formula", async () => {
    const { html, headers } = await ada.get("/usage/download.csv?period=week");
    expect(headers.get("content-disposition")).to.include("usage-ada-example.org-week.csv");
    const [head, ...lines] = html.replace("\uFEFF", "").trim().split("\r\n").map((line) => line.split(","));
    const column = (name: string) => lines.map((line) => line[head?.indexOf(name) ?? -1] ?? "");
    expect(lines).to.have.lengthOf(3);
    expect(new Set(column("key"))).to.deep.equal(new Set(["'=HYPERLINK(1)"]));
    expect(column("coins").reduce((sum, coins) => sum + (parseCoins(coins) ?? 0n), 0n)).to.equal(parseCoins((await ledger(ADA)).coins));
    expect(new Set(column("owner"))).to.deep.equal(new Set([ADA]));
  });

  it("an owner sees nobody else's, nor learns that there is anybody", async () => {
    for (const owner of ["everyone", "root@example.org", "robot", "nobody@example.org"]) {
      expect((await ada.get(`/usage?owner=${owner}`)).status, owner).to.equal(404);
      expect((await ada.get(`/usage/download.csv?owner=${owner}`)).status, owner).to.equal(404);
    }
    expect((await ada.get("/usage")).html).to.not.include('name="owner"');
    expect((await ada.get(`/usage?owner=${ADA}`)).status).to.equal(200);
  });

  it("administrators see everyone together, and any one owner", async () => {
    const everyone = await admin.get("/usage?owner=everyone&period=week");
    expect(tile(everyone.html, "Requests")).to.equal("4");
    expect(everyone.html).to.include("Spending by owner").and.match(/<th scope="row">robot<\/th>/);
    expect(tile((await admin.get("/usage?owner=robot")).html, "Requests")).to.equal("1");
    expect(tile((await admin.get(`/usage?owner=${ADA}`)).html, "Requests")).to.equal("3");
    expect((await admin.get("/usage")).html).to.include("Nothing was used in this period.");
    expect((await admin.get("/usage/download.csv?owner=everyone")).html.trim().split("\r\n")).to.have.lengthOf(5);
  });

  it("offers the balance alone, for pages that spend of it", async () => {
    const { html } = await ada.swap("/coin-pill");
    expect(html).to.match(/^<a class="coin-pill[^>]*id="coin-pill"/);
    expect((await ada.get("/coin-pill")).status).to.equal(303);
  });
});
