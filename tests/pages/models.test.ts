import { expect } from "chai";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { signedIn, type PageVisitor } from "../support/pageVisitor";

const CONFIG = `
admins: [root@example.org]
users:
  default: {max: 50, model_access: {default: blacklist, whitelist: [dummy, "lab/embed:1"], graylist: [asks]}}
models:
  - name: dummy
    description: "A *first* model. <script>alert(1)</script>"
    input_cost_per_million: 0.5
    output_cost_per_million: 1.0
    request_cost: 0.001
    context_window: 32768
    max_output_tokens: 4096
    capabilities: [chat, completions]
    endpoints: [{url: "demo:"}]
  - name: "lab/embed:1"
    input_cost_per_million: 0.1
    output_cost_per_million: 0
    capabilities: [embeddings]
    endpoints: [{url: "demo:"}, {url: "http://127.0.0.1:9/v1"}]
  - name: asks
    input_cost_per_million: 1
    output_cost_per_million: 1
    endpoints: [{url: "demo:"}]
  - name: forbidden
    input_cost_per_million: 1
    output_cost_per_million: 1
    endpoints: [{url: "demo:"}]
  - name: retired
    disabled: true
    input_cost_per_million: 1
    output_cost_per_million: 1
    endpoints: [{url: "demo:"}]
`;

describe("the pages of models and of connecting", function () {
  this.timeout(120_000);
  let lumen: LumenProcess;
  let ada: PageVisitor;
  let admin: PageVisitor;

  before(async () => {
    lumen = await startLumenProcess({ config: CONFIG });
    ada = await signedIn(lumen, "ada@example.org");
    admin = await signedIn(lumen, "root@example.org");
    const { key } = await lumen.json<{ key: string }>("key", "create", "--user", "ada@example.org", "--name", "mine");
    for (let call = 0; call < 2; call += 1) {
      const answer = await fetch(`${lumen.url}/v1/chat/completions`, {
        method: "POST", headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify({ model: "dummy", messages: [{ role: "user", content: "Hello" }] }),
      });
      expect(answer.status).to.equal(200);
      await answer.text();
    }
  });
  after(() => lumen.remove());

  const rowsOf = (html: string) => [...html.matchAll(/<td data-label="Model"><a href="([^"]*)">([^<]*)<\/a>/g)].map(([, href, name]) => [name, href]);

  it("the list shows every model with access and use, disabled ones when asked, and sorts and searches by the address", async () => {
    const { html } = await ada.get("/models");
    expect(rowsOf(html).map(([name]) => name)).to.deep.equal(["asks", "dummy", "forbidden", "lab/embed:1"]);
    expect(html).to.match(/>dummy<\/a>[\s\S]*?data-label="Requests" class="numeric">2<[\s\S]*?>Allowed</);
    expect(html).to.match(/>asks<\/a>[\s\S]*?>Needs consent</).and.match(/>forbidden<\/a>[\s\S]*?>Blocked</);
    expect(rowsOf((await ada.get("/models?models-disabled=1")).html).map(([name]) => name)).to.include("retired");
    expect(rowsOf((await ada.swap("/models?models-sort=-requests&models-q=m")).html).map(([name]) => name)).to.deep.equal(["dummy", "lab/embed:1"]);
  });

  it("A1 to A6: a model's page says the access and its reason, the line of the file to admins alone", async () => {
    expect((await ada.get("/models/dummy")).html).to.include(">Allowed<").and.include("users.default has it on its whitelist").and.not.include("config.yaml:");
    expect((await admin.get("/models/dummy")).html).to.match(/config\.yaml:\d+/);
    expect((await ada.get("/models/forbidden")).html).to.include(">Blocked<").and.include('href="/profile/access/forbidden/why"');
    expect((await ada.get("/models/asks")).html).to.include('href="/profile/access/asks/consent"');
    expect((await ada.get("/models/nothing")).status).to.equal(404);
  });

  it("a name with a slash and a colon has a page, whose endpoints have addresses for admins alone", async () => {
    const href = rowsOf((await ada.get("/models")).html).find(([name]) => name === "lab/embed:1")?.[1] ?? "";
    expect(href).to.equal("/models/lab%2Fembed%3A1");
    const { html } = await ada.get(href);
    expect(html).to.include("<h1>lab/embed:1</h1>").and.include("Endpoint 2").and.include("/v1/embeddings").and.not.include("127.0.0.1:9/v1");
    expect((await admin.get(href)).html).to.include("http://127.0.0.1:9/v1");
  });

  it("M2, M3: prices of each kind, and the visitor's own numbers", async () => {
    const { html } = await ada.get("/models/dummy");
    expect(html).to.match(/<dt>Input<\/dt><dd>0\.50 <small>per million tokens/).and.match(/<dt>Request<\/dt><dd>0\.001 <small>each/);
    expect(html).to.match(/<dt>Requests<\/dt><dd>2</).and.include('class="sparkline"');
    expect((await admin.get("/models/dummy")).html).to.match(/<dt>Requests<\/dt><dd>0</);
    expect(html).to.include("<em>first</em>").and.not.include("<script>alert");
  });

  it("connect gives the base URL and configuration without a key, by what the model can do", async () => {
    const { html } = await ada.get("/connect");
    expect(html).to.include(`value="${lumen.url}/v1"`).and.not.match(/sk_(?!your-key)/);
    for (const tool of ["curl", "Python", "JavaScript", "OpenCode", "Codex", "Claude Code", "Continue", "Open WebUI"]) expect(html, tool).to.include(`>${tool}</h2>`);
    expect(html).to.include("served for messages").and.include("served for responses").and.not.include("forbidden");
    const embeds = (await ada.get("/connect?model=lab%2Fembed%3A1")).html;
    expect(embeds).to.include("client.embeddings.create").and.include("roles: [embed]").and.include("needs a model that chats");
    expect((await ada.get("/connect?model=asks")).html).to.include("You cannot use asks yet");
    expect((await ada.get("/connect?model=nothing")).status).to.equal(404);
  });
});
