import { request } from "node:http";
import { expect } from "chai";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { startDemoServer, type DemoServer } from "./startDemoServer";
import { countDemoTokens } from "./demoTokens";

describe("the demo model server", () => {
  let server: DemoServer;
  let client: OpenAI;
  before(async () => {
    server = await startDemoServer({ paceMs: 0, models: ["org/listed"] });
    client = new OpenAI({ baseURL: server.url, apiKey: "unused", maxRetries: 0 });
  });
  after(() => server.close());

  const ask = (content: string, more: object = {}) =>
    client.chat.completions.create({ model: "dummy", messages: [{ role: "user", content }], stream: false, ...more }) as
      Promise<OpenAI.Chat.ChatCompletion>;
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/chat/completions`, { method: "POST", body: JSON.stringify(body), headers });
  const readBroken = (body: unknown) =>
    new Promise<{ text: string; whole: boolean }>((resolve, reject) => {
      const call = request(`${server.url}/chat/completions`, { method: "POST" }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (part: string) => (text += part));
        answer.on("error", () => undefined).on("close", () => resolve({ text, whole: answer.complete }));
      });
      call.on("error", reject).end(JSON.stringify(body));
    });
  const said = (content: string) => ({ model: "dummy", stream: true, messages: [{ role: "user", content }] });

  it("lists dummy, the names it was told of and the names it was asked for", async () => {
    await ask("hello", { model: "asked-for" });
    const ids: string[] = [];
    for await (const model of client.models.list()) ids.push(model.id);
    expect(ids).to.include.members(["dummy", "org/listed", "asked-for"]);
    expect((await client.models.retrieve("any/name")).id).to.equal("any/name");
  });

  it("answers a chat with the same text each time and counts its tokens honestly", async () => {
    const first = await ask("What is a gateway?");
    const again = await ask("What is a gateway?");
    const text = first.choices[0]!.message.content!;
    expect(text).to.contain("> What is a gateway?").and.contain("demo model");
    expect(again.choices[0]!.message.content).to.equal(text);
    expect(first.usage!.completion_tokens).to.equal(countDemoTokens(text));
    expect(first.usage!.prompt_tokens).to.equal(countDemoTokens("What is a gateway?") + 6);
    expect(first.usage!.total_tokens).to.equal(first.usage!.prompt_tokens + first.usage!.completion_tokens);
  });

  it("streams the text of the whole answer, with usage in a chunk of its own when asked", async () => {
    const whole = await ask("Show me code, a table and a formula");
    const stream = await client.chat.completions.create({
      model: "dummy",
      messages: [{ role: "user", content: "Show me code, a table and a formula" }],
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    const chunks: OpenAI.Chat.ChatCompletionChunk[] = [];
    for await (const chunk of stream) {
      chunks.push(chunk);
      text += chunk.choices[0]?.delta.content ?? "";
    }
    expect(text).to.equal(whole.choices[0]!.message.content);
    expect(chunks.length).to.be.greaterThan(20);
    expect(chunks.at(-1)!.choices).to.deep.equal([]);
    expect(chunks.at(-1)!.usage).to.deep.equal(whole.usage);
    expect(chunks.at(-2)!.choices[0]!.finish_reason).to.equal("stop");
  });

  it("sends no usage chunk to who did not ask, and runs with continuous usage to who did", async () => {
    const plain = await (await post(said("hello"))).text();
    expect(plain).not.to.contain("usage");
    expect(plain.endsWith("data: [DONE]\n\n")).to.equal(true);
    const asked = { ...said("hello"), stream_options: { include_usage: true, continuous_usage_stats: true } };
    const continuous = await (await post(asked)).text();
    expect(continuous.match(/"completion_tokens":/g)!.length).to.be.greaterThan(20);
  });

  it("stops at the output limit, at a stop word, and gives as many choices as asked", async () => {
    const short = await ask("hello", { max_tokens: 5, n: 3 });
    expect(short.choices).to.have.length(3);
    expect(short.choices.map((choice) => choice.finish_reason)).to.deep.equal(["length", "length", "length"]);
    expect(short.usage!.completion_tokens).to.equal(15);
    const newer = await ask("hello", { max_completion_tokens: 2 });
    expect(newer.usage!.completion_tokens).to.equal(2);
    const stopped = await ask("hello", { stop: ["You wrote"] });
    expect(stopped.choices[0]!.message.content).to.equal("Hello! ");
    expect(stopped.choices[0]!.finish_reason).to.equal("stop");
  });

  it("completes several prompts, streamed and not", async () => {
    const whole = await client.completions.create({ model: "dummy", prompt: ["one", "two"], max_tokens: 40 });
    expect(whole.choices).to.have.length(2);
    expect(whole.choices[1]!.text).to.contain("> two");
    const stream = await client.completions.create({ model: "dummy", prompt: ["one", "two"], max_tokens: 40, stream: true });
    const texts = ["", ""];
    for await (const chunk of stream) texts[chunk.choices[0]!.index] += chunk.choices[0]!.text;
    expect(texts).to.deep.equal(whole.choices.map(({ text }) => text));
  });

  it("embeds texts as unit vectors, equal in base64 and in numbers, of the asked length", async () => {
    const input = ["the cat sat on the mat", "the cat sat on a mat", "quarterly budget report"];
    const coded = await client.embeddings.create({ model: "dummy", input, dimensions: 64 });
    const plain = await client.embeddings.create({ model: "dummy", input, dimensions: 64, encoding_format: "float" });
    const [a, b, c] = plain.data.map(({ embedding }) => embedding);
    const dot = (x: number[], y: number[]) => x.reduce((sum, value, at) => sum + value * y[at]!, 0);
    expect(a).to.have.length(64);
    expect(dot(a!, a!)).to.be.closeTo(1, 1e-6);
    expect(dot(a!, b!)).to.be.greaterThan(dot(a!, c!));
    expect([...coded.data[0]!.embedding]).to.deep.equal([...a!]);
    expect(coded.usage.prompt_tokens).to.equal(input.reduce((sum, text) => sum + countDemoTokens(text), 0));
    expect((await client.embeddings.create({ model: "dummy", input: "" })).data[0]!.embedding).to.have.length(256);
  });

  it("refuses malformed calls with the error shape of the API", async () => {
    for (const body of [[], { model: "dummy" }, { model: "dummy", messages: [] }, { ...said("x"), n: 0 }, { ...said("x"), max_tokens: -1 }]) {
      const answer = await post(body);
      expect(answer.status).to.equal(400);
      expect(await answer.json()).to.have.nested.property("error.message").that.is.a("string");
    }
    expect((await fetch(`${server.url}/nothing`)).status).to.equal(404);
    expect((await fetch(`${server.url}/chat/completions`)).status).to.equal(405);
  });

  it("answers responses, whole and streamed, with the same text and usage", async () => {
    const ask = { model: "dummy", input: "What is a gateway?", instructions: "Be brief." };
    const whole = await client.responses.create(ask);
    expect(whole).to.include({ status: "completed", model: "dummy" });
    expect(whole.output_text).to.contain("> What is a gateway?");
    expect(whole.usage).to.include({ output_tokens: countDemoTokens(whole.output_text) });
    const types: string[] = [];
    const stream = client.responses.stream(ask).on("event", (event) => void types.push(event.type));
    const final = await stream.finalResponse();
    expect(final.output_text).to.equal(whole.output_text);
    expect(final.usage).to.deep.equal(whole.usage);
    expect([types[0], types.at(-1)]).to.deep.equal(["response.created", "response.completed"]);
    const short = await client.responses.create({ ...ask, input: [{ role: "user", content: [{ type: "input_text", text: "Hi" }] }], max_output_tokens: 5 });
    expect(short).to.deep.include({ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } });
    expect(await client.responses.create({ model: "dummy", input: [] }).catch((error: unknown) => error)).to.include({ status: 400, param: "input" });
  });

  it("answers messages, whole and streamed, and counts them", async () => {
    const anthropic = new Anthropic({ baseURL: server.url.replace(/\/v1$/, ""), apiKey: "unused", maxRetries: 0 });
    const ask = { model: "dummy", max_tokens: 4_096, system: "Be brief.", messages: [{ role: "user" as const, content: "What is a gateway?" }] };
    const whole = await anthropic.messages.create(ask);
    expect(whole).to.include({ stop_reason: "end_turn", role: "assistant", model: "dummy" });
    const final = await anthropic.messages.stream(ask).finalMessage();
    expect(final.content.map((block) => block.type === "text" && block.text)).to.deep.equal(whole.content.map((block) => block.type === "text" && block.text));
    expect(final.usage).to.include({ input_tokens: whole.usage.input_tokens, output_tokens: whole.usage.output_tokens });
    const { max_tokens: _limit, ...counted } = ask;
    expect((await anthropic.messages.countTokens(counted)).input_tokens).to.equal(whole.usage.input_tokens);
    expect((await anthropic.messages.create({ ...ask, max_tokens: 3 })).stop_reason).to.equal("max_tokens");
  });

  it("moderates, and puts documents in order", async () => {
    const { results } = await client.moderations.create({ model: "dummy", input: ["good morning", "I will kill the process"] });
    expect(results.map(({ flagged }) => flagged)).to.deep.equal([false, true]);
    expect((await client.moderations.create({ model: "dummy", input: [{ type: "text", text: "a bomb" }] })).results[0]?.categories.violence).to.equal(true);
    const rerank = async (body: object) => (await fetch(`${server.url}/rerank`, { method: "POST", body: JSON.stringify({ model: "dummy", ...body }) })).json() as Promise<{ results: { index: number; document?: { text: string } }[]; usage: object }>;
    const ordered = await rerank({ query: "how tall is the tower", documents: ["cats sleep", "the tower is tall", { text: "a tower" }], top_n: 2 });
    expect(ordered.results).to.have.length(2);
    expect(ordered.results[0]).to.deep.include({ index: 1, document: { text: "the tower is tall" } });
    expect(ordered.usage).to.have.property("total_tokens").that.is.greaterThan(10);
    expect(await rerank({ query: "x", documents: [] })).to.have.property("error");
  });

  it("fails as it is asked to, by header or by message", async () => {
    const refused = await post(said("hello"), { "x-demo-fault": "status=429" });
    expect(refused.status).to.equal(429);
    expect(refused.headers.get("retry-after")).to.equal("1");
    expect((await post(said("!fault status=500"))).status).to.equal(500);

    for (const stream of [true, false]) {
      const { text, whole } = await readBroken({ ...said("!fault words=10 cut=4"), stream });
      expect(whole).to.equal(false);
      if (stream) expect(text.match(/word/g)).to.have.length(4);
    }

    const asked = { ...said("!fault words=3 no-usage no-finish no-done"), stream_options: { include_usage: true } };
    const bare = await (await post(asked)).text();
    expect(bare).to.not.match(/completion_tokens|"finish_reason":"|\[DONE\]/);
    const counted = await ask("!fault words=3 input=1000 output=-7");
    expect(counted.usage).to.include({ prompt_tokens: 1000, completion_tokens: -7 });
    expect(counted.choices[0]!.message.content).to.equal("word0 word1 word2");
  });

  it("stalls before its headers until the caller leaves", async () => {
    const leave = new AbortController();
    const body = JSON.stringify(said("!fault stall"));
    const stalled = fetch(`${server.url}/chat/completions`, { method: "POST", body, signal: leave.signal });
    await ask("another call is answered meanwhile");
    leave.abort();
    expect(await stalled.then(() => "answered", (error: Error) => error.name)).to.equal("AbortError");
  });

  it("closes while answers are running", async () => {
    const other = await startDemoServer({ paceMs: 60_000 });
    const running = await fetch(`${other.url}/chat/completions`, { method: "POST", body: JSON.stringify(said("hello")) });
    await other.close();
    expect(await running.text().then(() => "whole", () => "broken")).to.equal("broken");
  });
});
