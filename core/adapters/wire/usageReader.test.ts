import { expect } from "chai";
import { createStreamReader, readAnswer, readUsage, usageInPart } from "./usageReader";

const chunk = (delta: object, more: object = {}, finish: string | null = null) =>
  JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish, ...more }] });

describe("usage", () => {
  it("is read under either pair of names, with the cached part", () => {
    const wanted = { inputTokens: 10, outputTokens: 5, cachedInputTokens: 4 };
    expect(readUsage("chat", { prompt_tokens: 10, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 4 } })).to.deep.equal(wanted);
    expect(readUsage("chat", { input_tokens: 10, output_tokens: 5, input_tokens_details: { cached_tokens: 4 } })).to.deep.equal(wanted);
    expect(readUsage("embeddings", { total_tokens: 7 })).to.deep.equal({ inputTokens: 7 });
    expect(readUsage("chat", { total_tokens: 7 })).to.deep.equal({});
  });

  it("C1: of messages has what was cached, or written to a cache, as parts of the input", () => {
    const usage = { input_tokens: 10, cache_read_input_tokens: 30, cache_creation_input_tokens: 5, output_tokens: 7 };
    expect(readUsage("messages", usage)).to.deep.equal({ inputTokens: 45, cachedInputTokens: 30, cacheWriteTokens: 5, outputTokens: 7 });
    expect(readUsage("messages", { input_tokens: 10, cache_read_input_tokens: null, output_tokens: 7 })).to.deep.equal({ inputTokens: 10, outputTokens: 7 });
    expect(readUsage("messages", { input_tokens: "x", cache_read_input_tokens: -3 })).to.deep.equal({ inputTokens: "x", cachedInputTokens: -3 });
    expect(readUsage("responses", usage)).to.deep.equal({ inputTokens: 10, outputTokens: 7 });
  });

  it("of rerank is what is reported as a total, as tokens, or as billed; search units are no tokens", () => {
    const read = (answer: object) => readAnswer("rerank", { results: [], ...answer }).usage;
    expect(read({ usage: { total_tokens: 12 } })).to.deep.equal({ inputTokens: 12 });
    expect(read({ meta: { tokens: { input_tokens: 9, output_tokens: 0 }, billed_units: { search_units: 1 } } })).to.deep.equal({ inputTokens: 9, outputTokens: 0 });
    expect(read({ meta: { billed_units: { input_tokens: 8 } } })).to.deep.equal({ inputTokens: 8 });
    expect(read({ meta: { billed_units: { search_units: 1 } } })).to.deep.equal({});
    for (const odd of [{}, { meta: 7 }, { meta: { tokens: null } }, { usage: [] }]) expect(read(odd)).to.deep.equal({});
  });

  it("C2: of a whole response or message comes with the text that was written", () => {
    const words = "all the words of this answer are counted ";
    const sample = (operation: "responses" | "messages", answer: object) => readAnswer(operation, answer).produced.sample;
    expect(sample("responses", { output: [
      { type: "reasoning", summary: [{ type: "summary_text", text: "so " }] },
      { type: "message", content: [{ type: "output_text", text: words }, { type: "refusal", refusal: "no " }] },
      { type: "function_call", name: "f", arguments: "{}" }, null, 7,
    ] })).to.equal(`so ${words}no f{}`);
    expect(sample("messages", { content: [
      { type: "thinking", thinking: "so " }, { type: "text", text: words }, { type: "tool_use", name: "f", input: { a: 1 } }, null, "x",
    ] })).to.equal(`so ${words}f{"a":1}`);
  });

  it("is handed on as absurd as it came, and what is null was not reported", () => {
    expect(readUsage("chat", { prompt_tokens: "12", completion_tokens: -1, prompt_tokens_details: null })).to.deep.equal(
      { inputTokens: "12", outputTokens: -1 });
    expect(readUsage("chat", { prompt_tokens: null, completion_tokens: { a: 1 }, prompt_tokens_details: 7 })).to.deep.equal(
      { outputTokens: { a: 1 } });
    for (const value of [null, undefined, 7, "x", [], [1]]) expect(readUsage("chat", value)).to.deep.equal({});
  });

  it("of a whole answer comes with the tokens of its text", () => {
    const words = "all the words of this answer are counted ";
    const tokens = (message: object) => readAnswer("chat", { choices: [{ message }] }).produced.roughTokens;
    const { usage, produced } = readAnswer("chat", { choices: [{ message: { content: words } }], usage: { prompt_tokens: 1 } });
    expect(usage).to.deep.equal({ inputTokens: 1 });
    expect(produced).to.include({ characters: words.length, pieces: 0, sample: words });
    expect(produced.roughTokens).to.be.within(6, 12);
    for (const message of [
      { content: [{ type: "text", text: words }] }, { refusal: words }, { content: null, reasoning: words },
      { reasoning: words, reasoning_content: words }, { tool_calls: [{ function: { name: "", arguments: words } }] },
      { function_call: { name: words } },
    ]) expect(tokens(message), JSON.stringify(message)).to.equal(produced.roughTokens);
    expect(readAnswer("completions", { choices: [{ text: words }] }).produced.sample).to.equal(words);
    for (const odd of [null, 7, [], { choices: 7 }, { choices: [null, 7, {}, { message: 7 }, { message: { tool_calls: [null, {}] } }], usage: 7 }]) {
      const reading = readAnswer("chat", odd);
      expect(reading.usage).to.deep.equal({});
      expect(reading.produced).to.include({ characters: 0, roughTokens: 0 });
    }
  });

  it("is found in the tail of an answer too large to keep", () => {
    const find = (text: string) => usageInPart("embeddings", Buffer.from(text));
    expect(find('.5,"usage"]}],"usage" : {"prompt_tokens":8,"details":{"x":"}"}},"object":"list"}')).to.deep.equal({ inputTokens: 8 });
    expect(find('{"usage":{"total_tokens":8},"data":[{"say":"\\"usage\\":{\\"prompt_tokens\\":9}"')).to.deep.equal({ inputTokens: 8 });
    for (const text of ["", '"usage"', '"usage":', '"usage":{', '"usage":null', '"usage":{"a":}', "no"]) expect(find(text), text).to.equal(undefined);
  });
});

describe("the reader of a stream", () => {
  it("counts text, keeps the last usage of each field, and sees the end", () => {
    const reader = createStreamReader("chat");
    expect(reader.event(chunk({ role: "assistant", content: "" }))).to.include({ hasText: false, isUsageOnly: false, done: false });
    expect(reader.usage).to.deep.equal({});
    expect(reader.event(chunk({ content: "Hello" }))).to.include({ hasText: true });
    expect(reader.event(chunk({ reasoning: " there" })).json).to.have.property("choices");
    expect(reader.finished).to.equal(false);
    reader.event(chunk({}, {}, "stop"));
    expect(reader.finished).to.equal(true);
    expect(reader.event('{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":9}}')).to.include({ isUsageOnly: true });
    reader.event('{"choices":[],"usage":{"prompt_tokens":null,"completion_tokens":10}}');
    expect(reader.usage).to.deep.equal({ inputTokens: 5, outputTokens: 10 });
    expect(reader.done).to.equal(false);
    expect(reader.event("[DONE]")).to.include({ done: true });
    expect(reader.done).to.equal(true);
    expect(reader.produced.roughTokens).to.equal(2);
  });

  it("believes that an event is a token where the text could be, and else counts the text", () => {
    const produced = (pieces: readonly string[]) => {
      const reader = createStreamReader("chat");
      for (const content of pieces) reader.event(chunk({ content }));
      return reader.produced.roughTokens;
    };
    const words = Array.from({ length: 100 }, (_, at) => (at % 2 ? " walking" : " slowly"));
    expect(produced(words)).to.equal(100);
    expect(produced([words.join("")])).to.be.within(80, 140);
    expect(produced([...words.join("")])).to.be.within(80, 140);
  });

  it("is finished only when every choice is, and stays so", () => {
    const reader = createStreamReader("completions");
    const say = (index: number, finish: string | null) => reader.event(JSON.stringify({ choices: [{ index, text: "x", finish_reason: finish }] }));
    expect(reader.finished).to.equal(false);
    say(0, null);
    say(1, null);
    say(0, "stop");
    expect(reader.finished).to.equal(false);
    say(1, "length");
    expect(reader.finished).to.equal(true);
    say(1, null);
    expect(reader.finished).to.equal(true);
  });

  it("does not hide chunks that only look like the usage chunk", () => {
    const reader = createStreamReader("chat");
    for (const data of ['{"choices":[],"prompt_filter_results":[]}', '{"choices":[],"usage":null}', chunk({ content: "x" }, { usage: { prompt_tokens: 1 } })]) {
      expect(reader.event(data).isUsageOnly, data).to.equal(false);
    }
    const continuous = JSON.stringify({ choices: [{ index: 0, delta: { content: "x" } }], usage: { completion_tokens: 3 } });
    expect(reader.event(continuous)).to.include({ isUsageOnly: false, hasText: true });
    expect(reader.usage).to.deep.equal({ outputTokens: 3 });
  });

  it("takes comments, broken JSON and odd shapes without a word, and hands errors on", () => {
    const reader = createStreamReader("chat");
    for (const data of [undefined, "", "{", "7", "null", "[]", '{"choices":null}', '{"choices":[null,{"delta":null}]}']) {
      expect(reader.event(data), String(data)).to.include({ done: false, isUsageOnly: false, hasText: false });
    }
    expect(reader.event('{"error":{"message":"out of memory"}}').error).to.deep.equal({ message: "out of memory" });
    expect(reader.event('{"error":null,"choices":[]}')).not.to.have.property("error");
  });

  it("keeps a bounded sample of an endless answer", () => {
    const reader = createStreamReader("chat");
    for (let at = 0; at < 100; at += 1) reader.event(chunk({ content: "x".repeat(1_000) }));
    expect(reader.produced.characters).to.equal(100_000);
    expect(reader.produced.sample).to.have.length(16_384);
  });
});
