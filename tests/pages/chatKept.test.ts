import { expect } from "chai";
import { startFakeUpstream, type FakeUpstream } from "../support/fakeUpstream";
import { keepLongConversation } from "../support/longConversation";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { PageVisitor, signedIn } from "../support/pageVisitor";
import { testConfig } from "../support/testConfig";
import { until } from "../support/until";

const ADA = "ada@example.org";

describe("what is kept of a conversation", function () {
  // The gateway starts three times.
  this.timeout(120_000);
  let upstream: FakeUpstream;
  let lumen: LumenProcess;
  let cookies: string;
  let cutOff: string;

  before(async () => {
    upstream = await startFakeUpstream();
    lumen = await startLumenProcess({
      config: testConfig({ urls: [upstream.url], more: { server: { grace_seconds: 1 }, users: { default: { max: 100, refresh: 0, starting: 100, model_access: { default: "whitelist" } } } } }),
    });
    cookies = (await signedIn(lumen, ADA)).cookieHeader();
    cutOff = await halfway("Before the crash");
    await lumen.kill();
    await keepLongConversation(lumen, ADA);
    await lumen.start();
  });
  after(async () => {
    await lumen?.remove();
    await upstream?.close();
  });

  /** The same person, wherever the gateway listens now. */
  const again = (): PageVisitor => {
    const visitor = new PageVisitor(lumen.url);
    for (const pair of cookies.split("; ")) visitor.setCookie(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
    return visitor;
  };
  const messagesOf = async (path: string) => {
    const ada = again();
    return (JSON.parse((await ada.get(`${path}/export.json`)).html) as { messages: { id: string; status?: string; text: string; coins?: string; error?: { code: string } }[] }).messages;
  };
  /** Asks, and resolves when the first words of an answer that does not end have come to a page. */
  const halfway = async (text: string): Promise<string> => {
    upstream.next(async (_request, respond) => {
      await respond.stream();
      await respond.delta("Half an answer");
    });
    const ada = again();
    const path = (await ada.post("/chat", { text, model: "m" })).location ?? "";
    const id = (await messagesOf(path)).at(-1)?.id;
    const leaves = new AbortController();
    const events = await fetch(`${lumen.url}${path}/events/${id}`, { headers: { cookie: ada.cookieHeader() }, signal: leaves.signal });
    const reader = events.body?.getReader();
    let heard = "";
    while (!heard.includes("Half an answer")) heard += Buffer.from((await reader?.read())?.value ?? []).toString();
    leaves.abort();
    return path;
  };

  it("H6: an answer that a crash cut off is shown as interrupted, and can be asked for again", async () => {
    const path = cutOff;
    const ada = again();
    // On PostgreSQL another node may be writing it: that is believed for ten seconds.
    await until(async () => (await messagesOf(path))[1]?.status !== "running");
    const [, cut] = await messagesOf(path);
    expect(cut).to.include({ status: "failed" });
    expect(cut?.error?.code).to.equal("interrupted");
    expect((await ada.get(path)).html).to.include("was interrupted").and.to.include("Try again").and.not.to.include("data-running");
    expect((await ada.post(`${path}/regenerate/${cut?.id}`)).status).to.equal(303);
    const another = (await messagesOf(path)).at(-1);
    await ada.get(`${path}/events/${another?.id}`);
    expect((await messagesOf(path)).at(-1)).to.include({ status: "done", text: "Hello from the fake upstream" });
  });

  it("a conversation of 2,000 messages shows its last 60 turns within 300 ms, and those above part by part", async () => {
    const path = "/chat/long";
    const ada = again();
    const took: number[] = [];
    let html = "";
    // Others may use this machine: the quickest of five tells what the page takes.
    for (let round = 0; round < 5; round += 1) {
      const from = performance.now();
      ({ html } = await ada.get(path));
      took.push(performance.now() - from);
    }
    expect(Math.min(...took), took.map(Math.round).join(", ")).to.be.lessThan(300);
    const shown = () => [...html.matchAll(/id="message-m(\d+)"/g)].map(([, id]) => Number(id));
    const earlier = () => /href="([^"]*\?before=[^"]*)"/.exec(html.replaceAll("&#x3D;", "="))?.[1] ?? "";
    expect(shown()).to.deep.equal(Array.from({ length: 120 }, (_, at) => 1_880 + at));
    expect(html).not.to.include("Show the newest messages");
    ({ html } = await ada.get(earlier()));
    expect(shown()).to.deep.equal(Array.from({ length: 120 }, (_, at) => 1_760 + at));
    expect(html).to.include("Show the newest messages");
    ({ html } = await ada.get(earlier(), { "hx-request": "true" }));
    expect(shown()[0]).to.equal(1_640);
    expect(html).not.to.include("<html");
  });

  it("a link to a message leads to the page that holds it, however far up it is", async () => {
    const ada = again();
    for (const at of [1_999, 1_880, 1_879, 700, 0]) {
      const { status, location = "" } = await ada.get(`/chat/long/messages/m${at}`);
      expect([status, location.endsWith(`#message-m${at}`)], location).to.deep.equal([303, true]);
      expect((await ada.get(location)).html, location).to.include(`id="message-m${at}"`);
    }
    expect((await ada.get("/chat/long/messages/m1999")).location).to.equal("/chat/long#message-m1999");
    expect((await ada.get("/chat/long/messages/nothing")).status).to.equal(404);
  });

  it("C3: SIGTERM in the middle of an answer saves what was there, with what it cost", async () => {
    const path = await halfway("Before the end");
    expect(await lumen.stop()).to.equal(0);
    await lumen.start();
    const answer = (await messagesOf(path)).at(-1);
    expect(answer).to.include({ status: "stopped", text: "Half an answer" });
    expect(answer?.error?.code).to.equal("shutting_down");
    expect(Number(answer?.coins)).to.be.greaterThan(0);
  });
});
