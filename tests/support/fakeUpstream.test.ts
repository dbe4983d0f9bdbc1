import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import OpenAI from "openai";
import { answerWell, createGate, startFakeUpstream, type FakeUpstream } from "./fakeUpstream";

interface Seen {
  readonly status?: number;
  readonly headers: IncomingMessage["headers"];
  readonly bytes: Buffer;
  readonly complete: boolean;
  readonly error?: string;
}

describe("the fake upstream", () => {
  let fake: FakeUpstream;
  const agent = new Agent({ keepAlive: true });
  beforeEach(async () => {
    fake = await startFakeUpstream();
  });
  afterEach(async () => {
    await fake.close();
    agent.destroy();
  });

  const send = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    httpRequest(`${fake.url}${path}`, { method: "POST", agent, headers }).end(JSON.stringify(body));
  const ask = (path = "/chat/completions", body: unknown = { model: "m" }, headers: Record<string, string> = {}) =>
    new Promise<Seen>((resolve) => {
      const call = send(path, body, headers);
      call.on("error", (error: NodeJS.ErrnoException) => resolve({ headers: {}, bytes: Buffer.alloc(0), complete: false, error: error.code }));
      call.on("response", (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", () => undefined);
        answer.on("close", () => resolve({ status: answer.statusCode, headers: answer.headers, bytes: Buffer.concat(chunks), complete: answer.complete }));
      });
    });

  it("answers well unless told otherwise, so that the official client is happy", async () => {
    fake.always(answerWell({ text: "one two", promptTokens: 3, completionTokens: 2, usage: { prompt_tokens_details: { cached_tokens: 1 } } }));
    const client = new OpenAI({ baseURL: fake.url, apiKey: "secret", maxRetries: 0 });
    const messages = [{ role: "user" as const, content: "hi" }];
    const whole = await client.chat.completions.create({ model: "m", messages });
    expect(whole.choices[0]!.message.content).to.equal("one two");
    expect(whole.usage).to.deep.include({ prompt_tokens: 3, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 1 } });
    let text = "";
    let usage: unknown;
    for await (const chunk of await client.chat.completions.create({ model: "m", messages, stream: true, stream_options: { include_usage: true } })) {
      text += chunk.choices[0]?.delta.content ?? "";
      usage = chunk.usage ?? usage;
    }
    expect(text).to.equal("one two");
    expect(usage).to.include({ total_tokens: 5 });
    expect((await client.completions.create({ model: "m", prompt: "x" })).choices[0]!.text).to.equal("one two");
    expect((await client.embeddings.create({ model: "m", input: "x", encoding_format: "float" })).data[0]!.embedding).to.deep.equal([1, 0]);
    expect((await client.models.list()).data[0]!.id).to.equal("fake-model");
    expect(fake.requests).to.have.length(4);
    expect(fake.probes.map(({ path }) => path)).to.deep.equal(["/v1/models"]);
    fake.onProbe((_request, respond) => respond.json(503, {}));
    expect((await fetch(`${fake.url}/models`)).status).to.equal(503);
    expect(fake.requests[0]).to.include({ method: "POST", path: "/v1/chat/completions" });
    expect(fake.requests[0]!.headers["authorization"]).to.equal("Bearer secret");
    expect(fake.requests[0]!.json()).to.deep.equal({ model: "m", messages });
  });

  it("records bodies byte by byte, in one piece or in chunks, over one connection", async () => {
    await ask("/chat/completions", { text: "é€😀" });
    await ask("/chat/completions", { text: "x".repeat(200_000) }, { "transfer-encoding": "chunked", "X-Twice": "a" });
    const [first, second] = [await fake.received(), await fake.received()];
    expect(first.body.toString()).to.equal('{"text":"é€😀"}');
    expect(second.body).to.have.length(200_011);
    expect(second.rawHeaders).to.deep.include(["X-Twice", "a"]);
    expect([first.connection, second.connection, fake.connections]).to.deep.equal([1, 1, 1]);
    await ask("/models", {}, { connection: "close" });
    expect((await (await fake.received()).closed).at).to.be.greaterThan(0);
  });

  it("streams through gates that the test holds, and notes when the other side leaves", async () => {
    const gate = createGate();
    fake.next(async (_request, respond) => {
      await respond.stream();
      await respond.delta("first");
      await gate.opened;
      await respond.delta("second");
      await respond.finish();
      await respond.usage(1, 2);
      await respond.done();
    });
    const call = send("/chat/completions", {});
    const answer = await new Promise<IncomingMessage>((resolve) => call.on("response", resolve));
    const chunks = answer.setEncoding("utf8")[Symbol.asyncIterator]() as AsyncIterator<string>;
    expect((await chunks.next()).value).to.contain("first").and.not.to.contain("second");
    gate.open();
    let rest = "";
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) rest += next.value;
    expect(rest).to.contain("second").and.to.contain('"total_tokens":3').and.to.match(/data: \[DONE\]\n\n$/);

    fake.next(() => undefined);
    const hanging = send("/chat/completions", {}).on("error", () => undefined);
    await fake.received();
    const request = await fake.received();
    expect(request.isClosed).to.equal(false);
    hanging.destroy();
    await request.closed;
    expect(request.isClosed).to.equal(true);
  });

  it("breaks in all the ways that backends break", async () => {
    fake.next((_request, respond) => void respond.body("data: half").then(() => respond.cut()));
    expect((await ask()).error).to.match(/^HPE_|ECONNRESET/);
    fake.next(async (_request, respond) => {
      await respond.raw("HTTP/1.1 200 OK\r\ncontent-ty");
      respond.cut();
    });
    expect((await ask()).error).to.equal("ECONNRESET");
    fake.next((_request, respond) => respond.reset());
    expect((await ask()).error).to.equal("ECONNRESET");
    fake.next(async (_request, respond) => {
      await respond.head(200, { "content-length": 100 });
      await respond.body("too short");
      respond.cut();
    });
    expect(await ask()).to.deep.include({ status: 200, complete: false, bytes: Buffer.from("too short") });
    fake.next(async (_request, respond) => {
      await respond.stream({ "x-own": ["a", "b"] });
      await respond.delta("x");
      respond.cut();
    });
    expect(await ask()).to.include({ status: 200, complete: false });
    fake.next((_request, respond) => respond.gzip(200, { a: 1 }));
    expect(gunzipSync((await ask()).bytes).toString()).to.equal('{"a":1}');
    fake.next(() => {
      throw new Error("a crash");
    });
    expect((await ask()).error).to.equal("ECONNRESET");
    expect(await ask()).to.include({ status: 200, complete: true });
  });

  it("writes without end and sees that nobody reads", async () => {
    let unsent: () => number = () => 0;
    fake.next(async (_request, respond) => {
      unsent = () => respond.unsent;
      await respond.stream();
      await respond.endlessLine();
    });
    const call = send("/chat/completions", {});
    const answer = await new Promise<IncomingMessage>((resolve) => call.on("response", resolve));
    for (let seen = 0; seen < 2_000_000; ) seen += ((await once(answer)) as Buffer).length;
    answer.pause();
    expect(unsent()).to.be.lessThan(200_000);
    const { closed } = await fake.received();
    call.on("error", () => undefined).destroy();
    await closed;
  });

  it("refuses connections and takes them again on the same port", async () => {
    const { port } = fake;
    const own = { connection: "close" };
    await ask("/chat/completions", {}, own);
    await fake.refuse();
    expect((await ask("/chat/completions", {}, own)).error).to.equal("ECONNREFUSED");
    await fake.accept();
    expect(fake.port).to.equal(port);
    expect((await ask()).status).to.equal(200);
    expect(fake.connections).to.equal(2);
    const idle = fake.requests.at(-1)!;
    expect(idle.isClosed).to.equal(false);
    fake.closeIdle();
    await idle.closed;
  });

  it("answers at the head of a request whose body is still coming, and expects what it is told", async () => {
    fake.next((_request, respond) => respond.json(413, { error: { message: "too large" } }), { atHead: true });
    const socket = connect(fake.port, "127.0.0.1");
    socket.write("POST /v1/chat/completions HTTP/1.1\r\ncontent-length: 10\r\nexpect: 100-continue\r\n\r\n123");
    let text = "";
    while (!text.includes("too large")) text += String(await once(socket));
    expect(text).to.match(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 413 /);
    expect(fake.requests[0]!.body.toString()).to.equal("123");
    socket.write("4567890");
    await fake.requests[0]!.whole;
    expect(fake.requests[0]!.body.toString()).to.equal("1234567890");
    socket.destroy();
  });
});

const once = (stream: NodeJS.ReadableStream): Promise<unknown> => new Promise((resolve) => stream.once("data", resolve));
