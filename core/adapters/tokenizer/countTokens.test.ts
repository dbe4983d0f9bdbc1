import { expect } from "chai";
import { effortOf } from "../../../tests/support/effortOf";
import { countInput } from "./countInput";
import { countProduced } from "./countProduced";
import { countTexts, countTokens, loadTokenizer } from "./countTokens";
import { estimateTokens, TokenEstimate } from "./estimateTokens";

const PROSE =
  "The committee met on Thursday to consider whether the proposed changes to the allocation of computing time would " +
  "affect researchers who depend on long-running simulations. Several members argued for 12.5 % more. ";

/** Letters without an order, the same in every run. */
const noise = (length: number, alphabet: string): string => {
  let state = 42;
  let text = "";
  while (text.length < length) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    text += alphabet[(state >>> 8) % alphabet.length] ?? "";
  }
  return text;
};

describe("counting tokens", () => {
  before(() => loadTokenizer());

  it("agrees with the tokenizer on ordinary text", () => {
    expect(countTokens("")).to.equal(0);
    expect(countTokens("hello world")).to.equal(2);
    expect(countTokens(PROSE)).to.equal(39);
    expect(countTexts(["hello", " world"])).to.equal(2);
  });

  it("counts the marks of chat templates as text, and is not stopped by half a character", () => {
    expect(countTokens("<|endoftext|> and <|im_start|>")).to.be.greaterThan(5);
    expect(countTokens("\ud83d half \ude00")).to.be.greaterThan(2);
    expect(countTokens("😀".repeat(500))).to.be.within(450, 1_100);
  });

  it("takes long texts by samples, close to the whole", () => {
    const whole = PROSE.repeat(5_000);
    expect(whole.length).to.be.greaterThan(1_000_000);
    expect(countTokens(whole) / (39 * 5_000)).to.be.within(0.97, 1.03);
    const halves = [PROSE.repeat(2_500), "委员会于星期四开会。".repeat(40_000)];
    const exact = 39 * 2_500 + (countTokens(halves[1]!.slice(0, 20_000)) * halves[1]!.length) / 20_000;
    expect(countTexts(halves) / exact).to.be.within(0.9, 1.1);
  });

  it("costs little whatever the text is made of (C2)", () => {
    const hostile = {
      letter: "a".repeat(100_000),
      letters: noise(100_000, "abcdefghijklmnopqrstuvwxyz"),
      spaces: " ".repeat(100_000),
      lines: "\n".repeat(100_000),
      signs: noise(100_000, "!?#%&/()=+*~"),
      ideographs: noise(100_000, "的一是不了人我在有他这为之大来以个中上们"),
      emoji: "😀".repeat(50_000),
      marks: "<|endoftext|>".repeat(8_000),
      long: noise(1_000_000, "abcdefghijklmnopqrstuvwxyz  "),
    };
    for (const [name, text] of Object.entries(hostile)) {
      expect(countTokens(text), name).to.be.greaterThan(0);
      expect(effortOf(() => countTokens(text), 250), name).to.be.lessThan(250);
    }
  });

  it("counts a call's input from its body", () => {
    const chat = { messages: [{ role: "system", content: "hello world" }, { role: "user", content: [{ type: "text", text: "hello" }] }] };
    expect(countInput(chat)).to.equal(3 + 4 + 2 + 4 + 1);
    const image = { type: "image_url", image_url: { url: `data:image/png;base64,${"A".repeat(1_000_000)}` } };
    expect(countInput({ messages: [{ content: [image] }] })).to.equal(2_007);
    const sound = { type: "input_audio", input_audio: { data: "A".repeat(640_000), format: "wav" } };
    expect(countInput({ messages: [{ content: [sound] }] })).to.equal(10_007);
    expect(countInput({ tools: [{ type: "function", function: { name: "f", parameters: {} } }] })).to.be.within(8, 20);
    expect(countInput({ messages: [{ content: null, tool_calls: [{ function: { name: "f", arguments: "{}" } }] }] })).to.be.within(15, 30);
    expect(countInput({ prompt: ["hello", "hello"] })).to.equal(2);
    expect(countInput({ input: [1, 2, 3] })).to.equal(3);
    expect(countInput({ input: [[1, 2], [3]] })).to.equal(3);
    expect(countInput({ instructions: "hello", input: [{ role: "user", content: "hello" }, { type: "function_call_output", output: "hello world" }] })).to.equal(1 + 4 + 1 + 2);
    const toolResult = { type: "tool_result", tool_use_id: "t", content: [{ type: "text", text: "hello" }] };
    expect(countInput({ system: [{ type: "text", text: "hello" }], messages: [{ role: "user", content: [toolResult] }] })).to.equal(3 + 4 + 1 + 1);
    expect(countInput({ messages: [{ content: [{ type: "tool_use", name: "hello", input: {} }, { type: "thinking", thinking: "hello world" }] }] })).to.equal(3 + 4 + 1 + 1 + 2);
    expect(countInput({ input: [{ type: "text", text: "hello" }, { type: "image_url", image_url: { url: "https://example.edu/a.png" } }] })).to.equal(2_001);
    expect(countInput({ query: "hello world", documents: ["hello", { text: "hello" }, "hello"] })).to.equal(3 * 2 + 3);
    for (const odd of [{}, { input: { a: 1 } }, { system: 7, query: 7, documents: [null] }, { messages: 7 }, { messages: [null, 7, { content: [null, 7] }] }, { prompt: { a: 1 } }, { tools: null }]) {
      expect(countInput(odd)).to.be.within(0, 10);
    }
  });

  it("counts an answer by its events where they are about the tokens, else by its text", () => {
    const produced = (pieces: number, sample = PROSE, characters = sample.length) => countProduced({ pieces, sample, characters, roughTokens: 99 });
    expect(produced(42)).to.equal(42);
    expect(produced(3)).to.equal(39);
    expect(produced(PROSE.length)).to.equal(39);
    expect(produced(0, PROSE, PROSE.length * 10)).to.equal(390);
    expect(produced(0, "")).to.equal(99);
  });
});

describe("estimating tokens", () => {
  it("is near the count for prose, code and other scripts", () => {
    for (const text of [
      PROSE,
      "委员会于星期四开会,审议关于计算时间分配的拟议变更是否会影响依赖长时间模拟的研究人员。",
      "Комитет собрался в четверг, чтобы рассмотреть предлагаемые изменения в распределении времени.",
      "export function add(a: number, b: number): number {\n  return a + b;\n}\n",
      '{"id": 17, "name": "widget", "tags": ["a", "b"], "price": 12.5}',
    ]) {
      expect(estimateTokens(text) / countTokens(text), text).to.be.within(0.6, 1.5);
    }
  });

  it("is the same however the text is cut", () => {
    const estimate = new TokenEstimate();
    for (const character of PROSE) estimate.add(character);
    expect(estimate.tokens).to.equal(estimateTokens(PROSE));
    expect(estimateTokens("")).to.equal(0);
  });

  it("of a long piece reads parts of all of it, however its beginning and its end may be", () => {
    const all = (text: string) => {
      const estimate = new TokenEstimate();
      for (const character of text) estimate.add(character);
      return estimate.tokens;
    };
    const [dense, thin] = ["17,25;".repeat(900), PROSE.repeat(Math.ceil(90_000 / PROSE.length))];
    for (const text of [dense + thin, thin + dense, thin + dense + thin, "w".repeat(3_000), thin]) {
      expect(estimateTokens(text) / all(text), text.slice(0, 20)).to.be.within(0.85, 1.15);
    }
  });
});
