import { expect } from "chai";
import OpenAI, { toFile } from "openai";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";

describe("the official OpenAI client, on the files as they are shipped", () => {
  let lumen: LumenProcess;
  let openai: OpenAI;

  before(async () => {
    lumen = await startLumenProcess();
    openai = new OpenAI({ apiKey: await lumen.newKey("demo"), baseURL: `${lumen.url}/v1`, maxRetries: 0 });
  });
  after(() => lumen.remove());

  it("lists the models that the key may use, and finds one by its name", async () => {
    const models = await openai.models.list();
    expect(models.data.map((model) => model.id)).to.include("dummy");
    expect((await openai.models.retrieve("dummy")).id).to.equal("dummy");
  });

  it("chats", async () => {
    const answer = await openai.chat.completions.create({ model: "dummy", messages: [{ role: "user", content: "Good morning" }] });
    expect(answer.choices[0]?.message.content).to.contain("Good morning");
    expect(answer.usage?.completion_tokens).to.be.greaterThan(0);
    expect(answer.model).to.equal("dummy");
  });

  it("streams, with usage and cost for who asks, and without a usage chunk for who does not", async () => {
    const ask = { model: "dummy", messages: [{ role: "user" as const, content: "Hi" }], max_tokens: 8, stream: true as const };
    const withUsage = await collect(await openai.chat.completions.create({ ...ask, stream_options: { include_usage: true } }));
    const without = await collect(await openai.chat.completions.create(ask));
    expect(withUsage.at(-1)?.usage).to.include({ completion_tokens: 8 });
    expect(withUsage.at(-1)?.usage).to.have.property("cost").that.matches(/^0\.0000\d+$/);
    expect(without.every((chunk) => !chunk.usage && chunk.choices.length > 0)).to.equal(true);
    expect(without.at(-1)?.choices[0]?.finish_reason).to.equal("length");
  });

  it("completes, and embeds", async () => {
    const completion = await openai.completions.create({ model: "dummy", prompt: "Once", max_tokens: 4 });
    expect(completion.choices[0]?.text).to.be.a("string").and.not.equal("");
    const embedding = await openai.embeddings.create({ model: "dummy", input: ["one", "two"] });
    expect(embedding.data).to.have.length(2);
  });

  it("tries sound and pictures on the demonstration of them", async () => {
    const model = "dummy-media";
    const speech = await openai.audio.speech.create({ model, voice: "alloy", input: "Good morning" });
    const file = await toFile(await speech.arrayBuffer(), "speech.wav");
    const heard = await openai.audio.transcriptions.create({ model, file }).withResponse();
    expect(heard.data.text).to.include("demo model");
    // One second at 0.5 coins an hour.
    expect(heard.response.headers.get("x-lumen-cost")).to.equal("0.000138889");
    expect((await openai.images.edit({ model, prompt: "a house", image: file })).data).to.have.length(1);
  });

  it("is told what is wrong in a way that it understands", async () => {
    const refused = await openai.chat.completions.create({ model: "nope", messages: [] }).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(OpenAI.NotFoundError).and.include({ code: "model_not_found", param: "model" });
    expect((refused as InstanceType<typeof OpenAI.NotFoundError>).requestID).to.match(/^[0-9a-f-]{36}$/);
    const stranger = new OpenAI({ apiKey: "sk_nobody", baseURL: `${lumen.url}/v1`, maxRetries: 0 });
    expect(await stranger.models.list().catch((error: unknown) => error)).to.be.instanceOf(OpenAI.AuthenticationError);
  });

  it("stops with exit code 0 on SIGTERM, and its books are exact", async () => {
    expect(await lumen.stop()).to.equal(0);
    const verified = await lumen.cli("ledger", "verify");
    expect(verified).to.include({ code: 0 });
    expect(verified.stdout).to.contain("exact");
  });
});

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of stream) all.push(one);
  return all;
}
