import { expect } from "chai";
import { createGate, startFakeUpstream, type FakeUpstream } from "../support/fakeUpstream";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { PageVisitor, signedIn } from "../support/pageVisitor";
import { testConfig } from "../support/testConfig";

interface Exported {
  readonly messages: readonly {
    readonly id: string; readonly parent: string | null; readonly role: string; readonly text: string; readonly status?: string; readonly reasoning?: string;
    readonly request_id?: string; readonly coins?: string; readonly output_tokens?: number; readonly error?: { readonly code: string };
    readonly attachments?: readonly { readonly name: string; readonly text?: string }[];
  }[];
}

describe("the chat", () => {
  let upstream: FakeUpstream;
  let lumen: LumenProcess;
  let ada: PageVisitor;
  let token: string;

  before(async () => {
    upstream = await startFakeUpstream();
    const endpoints = [{ url: upstream.url }];
    lumen = await startLumenProcess({
      config: testConfig({
        urls: [upstream.url], model: { context_window: 1_000 },
        models: [
          { name: "careful", input_cost_per_million: 1, output_cost_per_million: 1, needs_ack: true, access: "graylist", endpoints },
          { name: "secret", input_cost_per_million: 1, output_cost_per_million: 1, access: "blacklist", endpoints },
          { name: "seeing", input_cost_per_million: 1, output_cost_per_million: 1, input_modalities: ["text", "image"], endpoints },
        ],
        more: {
          api: { consent: false },
          users: { default: { max: 100, refresh: 0, starting: 100 }, "poor@example.org": { max: 1, refresh: 0, starting: 0 }, "low@example.org": { max: 100, refresh: 0, starting: 9 }, "enough@example.org": { max: 100, refresh: 0, starting: 10 } },
          chat: { upload: { max_size_mb: 1, max_text_chars: 50 } },
        },
      }),
    });
    ada = await signedIn(lumen, "ada@example.org");
    token = await ada.csrfToken();
  });
  after(async () => {
    await lumen?.remove();
    await upstream?.close();
  });

  const start = async (who: PageVisitor, text: string, model = "m"): Promise<string> => {
    const answer = await who.post("/chat", { text, model });
    expect(answer.status, answer.html.slice(0, 300)).to.equal(303);
    return answer.location ?? "";
  };
  const exported = async (path: string) => JSON.parse((await ada.get(`${path}/export.json`)).html) as Exported;
  /** The stream of the last answer, read to its end: then it is saved. */
  const finished = async (path: string): Promise<Exported["messages"]> => {
    const last = (await exported(path)).messages.at(-1);
    await ada.get(`${path}/events/${last?.id}`);
    return (await exported(path)).messages;
  };
  const entryOf = async (requestId: string | undefined) =>
    JSON.parse(await lumen.printed(new RegExp(`"request_id":"${requestId}".*"msg":"exchange"`))) as { via?: string; cost?: string; flags?: string[]; key?: string };

  const upload = async (name: string, content: string | Buffer, headers: Record<string, string> = { "x-csrf-token": token }) => {
    const form = new FormData();
    form.set("file", new Blob([new Uint8Array(Buffer.from(content))]), name);
    const answer = await fetch(`${lumen.url}/chat/uploads`, { method: "POST", body: form, headers: { cookie: ada.cookieHeader(), ...headers } });
    return { status: answer.status, text: await answer.text() };
  };
  const uploaded = async (name: string, content: string | Buffer) => {
    const { status, text } = await upload(name, content);
    expect(status, text).to.equal(200);
    return JSON.parse(text) as { id: string; name: string; kind: string };
  };
  const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg==", "base64");

  it("C7: an answer goes through the pipeline, is saved whole, and its cost is the ledger's, told as chat", async () => {
    const path = await start(ada, "What is light?");
    const [question, answer] = await finished(path);
    expect(question).to.include({ role: "user", text: "What is light?" });
    expect(answer).to.include({ role: "assistant", text: "Hello from the fake upstream", status: "done", output_tokens: 5, coins: "0.00001" });
    const line = await entryOf(answer?.request_id);
    expect(line).to.include({ via: "chat", cost: answer?.coins }).and.not.to.have.property("key");
    expect((await ada.get(path)).html).to.include("Hello from the fake upstream").and.to.include("What is light?");
    expect(upstream.requests.at(-1)?.headers).not.to.have.any.keys("x-api-key", "cookie");
  });

  it("C3: Stop closes the upstream within 200 ms, and what came is saved with the ledger's cost", async () => {
    const waits: number[] = [];
    // Others may use this machine: the quickest of three tells what Stop takes.
    while (waits.length < 3 && !waits.some((ms) => ms < 200)) waits.push(await stopped());
    expect(Math.min(...waits), waits.join(", ")).to.be.lessThan(200);
  });
  const stopped = async (): Promise<number> => {
    let came: () => void = () => undefined;
    const streaming = new Promise<void>((resolve) => (came = resolve));
    upstream.next(async (_request, respond) => {
      await respond.stream();
      await respond.delta("Once upon");
      came();
    });
    const path = await start(ada, "Tell a story");
    await streaming;
    const answer = (await exported(path)).messages.at(-1);
    const events = ada.get(`${path}/events/${answer?.id}`);
    const left = performance.now();
    expect((await ada.post(`${path}/stop/${answer?.id}`)).status).to.equal(303);
    const closed = await upstream.requests.at(-1)?.closed;
    await events;
    const saved = (await exported(path)).messages.at(-1);
    expect(saved).to.include({ status: "stopped", text: "Once upon" });
    expect(Number(saved?.coins)).to.be.greaterThan(0);
    const entry = await entryOf(saved?.request_id);
    expect(entry.flags).to.include("aborted");
    expect(entry.cost).to.equal(saved?.coins);
    return (closed?.at ?? Infinity) - left;
  };

  it("a reload finds the running answer, which goes on when its tab is closed", async () => {
    const gate = createGate();
    upstream.next(async (_request, respond) => {
      await respond.stream();
      await respond.delta("<think>hm</think>one");
      await gate.opened;
      await respond.delta(" two");
      await respond.finish();
      await respond.done();
    });
    const path = await start(ada, "Count");
    const gone = new AbortController();
    const id = (await exported(path)).messages.at(-1)?.id;
    await fetch(`${lumen.url}${path}/events/${id}`, { headers: { cookie: ada.cookieHeader() }, signal: gone.signal });
    gone.abort();
    expect((await ada.get(path)).html).to.include(`${path}/events/${id}`);
    expect((await ada.post(`${path}/messages`, { text: "again", model: "m" })).html).to.include("still being written");
    gate.open();
    const answer = (await finished(path)).at(-1);
    expect(answer).to.include({ status: "done", text: "one two", reasoning: "hm" });
  });

  const refusals: [string, string, string][] = [
    ["careful", "consent_required", "S4: consent is asked for in the chat also where the API is free of it"],
    ["secret", "model_access_denied", "A: a model that is closed is closed here too"],
    ["nowhere", "model_not_found", "a model that is not there is not found"],
  ];
  for (const [model, code, title] of refusals) {
    it(title, async () => {
      const answer = (await finished(await start(ada, "Hello", model))).at(-1);
      expect(answer?.status).to.equal("failed");
      expect(answer?.error?.code).to.equal(code);
    });
  }

  it("H1: an empty pool refuses with the API's own code", async () => {
    const poor = await signedIn(lumen, "poor@example.org");
    const path = await start(poor, "Hello");
    const id = /data-events="[^"]*\/events\/([^"]+)"|id="(?:message-)?([0-9a-f-]{36})"/.exec((await poor.get(path)).html)?.[0];
    expect(id).not.to.equal(undefined);
    for (let tries = 0; tries < 100; tries++) {
      const { messages } = JSON.parse((await poor.get(`${path}/export.json`)).html) as Exported;
      if (messages.at(-1)?.status === "failed") return expect(messages.at(-1)?.error?.code).to.equal("insufficient_quota");
    }
    throw new Error("the answer did not end");
  });

  it("warns below a tenth of the pool, with the balance of the ledger, and not at a tenth", async () => {
    const low = await signedIn(lumen, "low@example.org");
    const told = async () => /<p class="composer-low" role="status">([\s\S]*?)<\/p>/.exec((await low.get("/chat")).html)?.[1];
    expect(await told()).to.match(/^9\.00 coins are left/).and.include('href="/usage"');
    await lumen.json("coins", "take", "--user", "low@example.org", "--amount", "2.5", "--reason", "test");
    const { balance } = await lumen.json<{ balance: string }>("usage", "--user", "low@example.org");
    expect(Number(balance)).to.equal(6.5);
    expect(await told()).to.match(/^6\.50 coins are left/);
    expect((await (await signedIn(lumen, "enough@example.org")).get("/chat")).html).not.to.include("composer-low");
    expect((await ada.get("/chat")).html).not.to.include("composer-low");
  });

  it("regenerates beside the old answer, edits beside the old question, and sends the active branch alone", async () => {
    const path = await start(ada, "First wording");
    const [question, answer] = await finished(path);
    await ada.post(`${path}/regenerate/${answer?.id}`);
    expect((await finished(path)).filter(({ parent }) => parent === question?.id)).to.have.length(2);
    expect((await ada.get(path)).html).to.match(/2\s*\/\s*2/);
    await ada.post(`${path}/edit/${question?.id}`, { text: "Second wording" });
    await finished(path);
    expect(upstream.requests.at(-1)?.json()["messages"]).to.deep.equal([{ role: "user", content: "Second wording" }]);
    await ada.post(`${path}/branch/${question?.id}`);
    const { html } = await ada.get(`${path}/export.md`);
    expect(html).to.include("First wording").and.not.to.include("Second wording");
  });

  it("keeps system prompt, temperature and title, and refuses what is out of bounds", async () => {
    const path = await start(ada, "A question about settings");
    await finished(path);
    expect((await ada.post(`${path}/settings`, { system_prompt: "Be brief.", temperature: "0.5" })).status).to.equal(303);
    expect((await ada.post(`${path}/settings`, { system_prompt: "", temperature: "3" })).status).to.equal(422);
    expect((await ada.post(`${path}/rename`, { title: "<b>Mine</b>" })).status).to.equal(303);
    await ada.post(`${path}/messages`, { text: "More", model: "m" });
    await finished(path);
    const body = upstream.requests.at(-1)?.json();
    expect(body).to.include({ temperature: 0.5, stream: true });
    expect((body?.["messages"] as { role: string }[]).map(({ role }) => role)).to.deep.equal(["system", "user", "assistant", "user"]);
    const { html } = await ada.get(path);
    expect(html).to.include("&lt;b&gt;Mine&lt;/b&gt;").and.not.to.include("<b>Mine</b>");
    expect((await ada.get("/chat/search?q=about+SETTINGS")).html).to.include(path);
    expect((await ada.get("/chat/search?q=nowhere-at-all")).html).not.to.include(`href="${path}"`);
  });

  it("A6: the picker marks models that need consent, and lists those that are closed with the reason and no way to choose them", async () => {
    const { html } = await ada.get("/chat");
    expect(html).to.match(/value="careful"[^>]*data-needs-consent/).and.to.include("Needs consent");
    const closed = html.slice(html.indexOf("Not available to you"));
    expect(closed).to.match(/<span class="model-option-name">secret<\/span><span class="model-option-line">[^<]*blacklist[^<]*</);
    expect(html).not.to.include('value="secret"');
  });

  it("a new conversation takes system prompt and temperature with its first message, and keeps what was typed where they are wrong", async () => {
    const first = { text: "Begin", model: "m", system_prompt: "Be <kind>.", temperature: "0,25" };
    const wrong = await ada.post("/chat", { ...first, temperature: "9" });
    expect(wrong.status).to.equal(422);
    expect(wrong.html).to.include("Be &lt;kind&gt;.").and.to.include('value="9"').and.to.include("from 0 to 2");
    const path = (await ada.post("/chat", first)).location ?? "";
    await finished(path);
    const body = upstream.requests.at(-1)?.json();
    expect(body).to.include({ temperature: 0.25 });
    expect(body?.["messages"]).to.deep.equal([{ role: "system", content: "Be <kind>." }, { role: "user", content: "Begin" }]);
    expect((await ada.get(path)).html).to.include("Be &lt;kind&gt;.");
  });

  it("never cuts a history that is too long for the model: it says so", async () => {
    const answer = await ada.post("/chat", { text: "word ".repeat(3_000), model: "m" });
    expect(answer.status).to.equal(422);
    expect(answer.html).to.include("m takes 1,000");
  });

  it("shows nothing of a conversation to others, and nothing at all once it is deleted", async () => {
    const path = await start(ada, "Private");
    const id = (await finished(path)).at(-1)?.id;
    const bob = await signedIn(lumen, "bob@example.org");
    for (const part of ["", "/export.md", "/export.json", `/events/${id}`, `/messages/${id}`]) expect((await bob.get(path + part)).status, part).to.equal(404);
    for (const part of ["/messages", "/rename", "/delete", "/settings", `/stop/${id}`, `/edit/${id}`, `/regenerate/${id}`, `/branch/${id}`]) {
      expect((await bob.post(path + part, { text: "x", title: "x" })).status, part).to.equal(404);
    }
    expect((await ada.post(`${path}/delete`)).html).to.match(/<h1>Delete “[^<]*”\?<\/h1>/);
    expect((await ada.get(path)).status, "asked, and nothing done").to.equal(200);
    expect((await ada.postAndConfirm(`${path}/delete`)).status).to.equal(303);
    expect((await ada.get(path)).status).to.equal(404);
    const written = JSON.stringify(await lumen.json("audit", "--action", "conversation.delete"));
    expect(written).to.include("conversation.delete").and.to.include(path.slice("/chat/".length)).and.not.to.include("Private");
  });

  it("takes files by what they hold, whatever they are called, and sends their text or image upstream", async () => {
    const text = await uploaded("../../etc/\u202Epasswd.txt", "root:x");
    expect(text).to.include({ kind: "text", name: "passwd.txt" });
    const image = await uploaded("a.png", PNG);
    const answer = await ada.post("/chat", { text: "See", model: "seeing", upload: [text.id, image.id] });
    expect(answer.status).to.equal(303);
    const path = answer.location ?? "";
    await finished(path);
    const content = (upstream.requests.at(-1)?.json()["messages"] as { content: unknown }[])[0]?.content as { text?: string; image_url?: { url: string } }[];
    expect(content[0]?.text).to.include("root:x").and.to.include("See");
    expect(content[1]?.image_url?.url).to.equal(`data:image/png;base64,${PNG.toString("base64")}`);
    const served = await ada.get(`${path}/files/${image.id}`);
    expect(served.headers.get("content-type")).to.equal("image/png");
    expect(served.headers.get("x-content-type-options")).to.equal("nosniff");
    expect((await new PageVisitor(lumen.url).get(`${path}/files/${image.id}`)).status).to.equal(303);
    expect((await ada.post("/chat", { text: "See", model: "m", upload: (await uploaded("b.png", PNG)).id })).html).to.include("takes no images");
  });

  const hostile: [string, string, string | Buffer][] = [
    ["an image that says it is text", "a.txt", PNG],
    ["a page that says it is an image", "a.png", "<script>alert(1)</script>"],
    ["a kind that is not taken", "a.exe", "MZ"],
    ["bytes that are no UTF-8", "a.txt", Buffer.from([0xff, 0xfe, 0x41])],
    ["text that is too long", "a.txt", "x".repeat(51)],
    ["a broken PDF", "a.pdf", "%PDF-1.7 nothing"],
    ["an empty file", "a.txt", ""],
  ];
  for (const [what, name, content] of hostile) {
    it(`refuses ${what}`, async () => {
      const { status, text } = await upload(name, content);
      expect(status, text).to.equal(422);
      expect(text).to.include(name);
    });
  }

  it("reads no file without the page's token, and none above the limit", async () => {
    expect((await upload("a.txt", "x", {})).status).to.equal(403);
    expect((await upload("a.txt", "x".repeat(1_100_000))).status).to.equal(413);
  });

  it("K1: a made-up pass is no key, and no pass is ever logged", async () => {
    const answer = await fetch(`${lumen.url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer chatpass_${"A".repeat(43)}` }, body: "{}" });
    expect(answer.status).to.equal(401);
    expect(lumen.output()).not.to.include("chatpass_");
  });
});
