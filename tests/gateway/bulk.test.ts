import { expect } from "chai";
import http, { type IncomingMessage } from "node:http";
import { callApi, chatBody } from "../support/apiCall";
import { answerWell, startFakeUpstream, type FakeUpstream } from "../support/fakeUpstream";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { testConfig } from "../support/testConfig";

const MB = 2 ** 20;
const NUMBERS = Buffer.alloc(60_000, "0.1234567,");

/** A posted call whose answer is read by hand. */
function post(lumen: LumenProcess, key: string, path: string, body: unknown): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
    http.request(`${lumen.url}${path}`, { method: "POST", headers, agent: false }, resolve).on("error", reject).end(JSON.stringify(body));
  });
}

/** Reads everything and keeps nothing but its size and its last bytes. */
async function drain(answer: IncomingMessage): Promise<{ size: number; end: string }> {
  let size = 0;
  let end = "";
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    end = (end + chunk.subarray(-200).toString("latin1")).slice(-200);
  }
  return { size, end };
}

describe("large bodies", function () {
  this.timeout(120_000);
  let upstream: FakeUpstream;
  let lumen: LumenProcess;
  let key: string;

  before(async () => {
    upstream = await startFakeUpstream();
    lumen = await startLumenProcess({ config: testConfig({ urls: [upstream.url] }), env: { LUMEN_LOG_LEVEL: "warn" } });
    key = await lumen.newKey("bot");
    await callApi(lumen.url, "/v1/chat/completions", { key, body: chatBody("m") });
  });
  after(async () => {
    await lumen.remove();
    await upstream.close();
  });

  /** How much more resident memory the gateway had during the work than before it, at the most, in MB. */
  const grown = async (work: () => Promise<unknown>): Promise<number> => {
    const before = await lumen.held();
    let most = before.rss;
    let working = true;
    const worked = work().finally(() => (working = false));
    while (working) most = Math.max(most, (await lumen.held()).rss);
    await worked;
    return (most - before.rss) / MB;
  };

  const bookedOnce = async (answer: IncomingMessage) => {
    const { json } = await callApi<{ cost?: unknown }>(lumen.url, `/v1/requests/${String(answer.headers["x-request-id"])}`, { key });
    expect(json).to.have.property("cost");
  };

  it("W13, W14: 20 MB go up, several times at once, byte for byte", async () => {
    const image = { type: "image_url", image_url: { url: `data:image/png;base64,${"iVBORw0KGgo/+A0b".repeat((20 * MB) / 16)}` } };
    const body = JSON.stringify(chatBody("m", "x", { max_tokens: 5, messages: [{ role: "user", content: [image] }] }));
    upstream.always((request, respond) => answerWell({ text: request.body.toString("latin1") === body ? "the same" : "another" })(request, respond));
    const megabytes = await grown(async () => {
      const answers = await Promise.all([1, 2, 3].map(() => callApi<{ choices: { message: { content: string } }[] }>(lumen.url, "/v1/chat/completions", { key, body })));
      for (const { status, json } of answers) {
        expect(status).to.equal(200);
        expect(json.choices[0]?.message.content).to.equal("the same");
      }
    });
    upstream.always(answerWell());
    // A body, its text and what is parsed of it, three times, and nothing like the hundreds of a body that is copied about.
    expect(megabytes).to.be.lessThan(450);
  });

  it("W22: a JSON answer of 100 MB comes down whole, in bounded memory", async () => {
    const head = '{"object":"list","data":[{"object":"embedding","index":0,"embedding":[';
    const tail = '0]}],"model":"fake-model","usage":{"prompt_tokens":7,"total_tokens":7}}';
    upstream.next(async (_request, respond) => {
      await respond.head(200, { "content-type": "application/json" });
      await respond.body(head);
      for (let sent = 0; sent < 100 * MB; sent += NUMBERS.length) await respond.body(NUMBERS);
      await respond.end(tail);
    });
    const megabytes = await grown(async () => {
      const answer = await post(lumen, key, "/v1/embeddings", { model: "m", input: "x" });
      expect(answer.statusCode).to.equal(200);
      const { size, end } = await drain(answer);
      expect(size).to.be.greaterThan(100 * MB);
      expect(end.endsWith(tail)).to.equal(true);
      await bookedOnce(answer);
    });
    expect(megabytes).to.be.lessThan(100);
  });

  it("W24: a stream of 100 MB comes down whole, in bounded memory", async () => {
    const text = "x".repeat(16_384);
    upstream.next(async (_request, respond) => {
      await respond.stream();
      for (let sent = 0; sent < 100 * MB; sent += text.length) await respond.delta(text);
      await respond.finish();
      await respond.usage(7, 11);
      await respond.done();
    });
    const megabytes = await grown(async () => {
      const answer = await post(lumen, key, "/v1/chat/completions", chatBody("m", "x", { stream: true }));
      const { size, end } = await drain(answer);
      expect(size).to.be.greaterThan(100 * MB);
      expect(end).to.match(/"finish_reason":"stop".*\n\ndata: \[DONE\]\n\n$/s);
      await bookedOnce(answer);
    });
    expect(megabytes).to.be.lessThan(100);
  });

  it("W32: an event of 1 MB passes, wherever the network cuts it", async () => {
    const content = "0123456789abcdef".repeat(MB / 16);
    upstream.next(async (_request, respond) => {
      await respond.stream();
      await respond.delta("before ");
      const event = Buffer.from(`data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", model: "fake-model", choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`);
      for (let at = 0; at < event.length; at += 9_973) await respond.body(event.subarray(at, at + 9_973));
      await respond.finish();
      await respond.done();
    });
    const { status, text } = await callApi(lumen.url, "/v1/chat/completions", { key, body: chatBody("m", "x", { stream: true }) });
    expect(status).to.equal(200);
    const large = text.split("\n\n").find((event) => event.length > MB)!;
    expect((JSON.parse(large.slice(6)) as { choices: { delta: { content: string } }[] }).choices[0]?.delta.content).to.equal(content);
    expect(text).to.match(/data: \[DONE\]\n\n$/);
  });

  it("W30: whoever reads slowly pauses a fast upstream; memory stays bounded, and nothing is lost", async () => {
    let written = 0;
    const text = "y".repeat(16_384);
    upstream.next(async (_request, respond) => {
      await respond.stream();
      for (; written < 100 * MB; written += text.length) await respond.delta(text);
      await respond.finish();
      await respond.done();
    });
    const answer = await post(lumen, key, "/v1/chat/completions", chatBody("m", "x", { stream: true }));
    const megabytes = await grown(async () => {
      // What the upstream could write has come to rest when the gateway, asked in between, takes no more of it.
      for (let before = -1; before !== written; await lumen.held()) before = written;
    });
    expect(written).to.be.greaterThan(0).and.to.be.lessThan(30 * MB);
    expect(megabytes).to.be.lessThan(60);
    const { size, end } = await drain(answer);
    expect(size).to.be.greaterThan(100 * MB);
    expect(end).to.match(/data: \[DONE\]\n\n$/);
  });
});
