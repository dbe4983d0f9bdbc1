import { expect } from "chai";
import fc from "fast-check";
import { TextEvent } from "./textEvent";
import { createStreamReader, parseObject } from "./usageReader";

const HEAD = 'data: {"id":"c1","model":"up"';
const SHOWN_HEAD = 'data: {"id":"c1","model":"the public one"';

/** An event as its server writes it, from what stands behind the head. */
const event = (rest: string, end = "\n\n") => Buffer.from(`${HEAD},${rest}}${end}`);
const chunk = (content: string, more = "") => event(`"choices":[{"index":0,"delta":{"content":"${content}"},"finish_reason":null}]${more}`);
const shownOf = (whole: Buffer) => Buffer.from(SHOWN_HEAD + whole.toString().slice(HEAD.length)).toString("latin1");

/** Follows a stream: of each event the text where it fits one before, else undefined. */
function follow(events: readonly Buffer[]): (string | undefined)[] {
  const texts = new TextEvent();
  return events.map((whole) => {
    const text = texts.textOf(whole);
    if (text !== undefined) {
      expect(texts.shown(whole)).to.equal(shownOf(whole));
      return text;
    }
    const data = `{${whole.toString().slice(HEAD.length + 1).replace(/[\r\n]+$/, "")}`;
    const json = parseObject(data);
    if (json) texts.learn(whole, () => shownOf(whole), data, json);
    return undefined;
  });
}

const fits = (first: Buffer, second: Buffer) => follow([first, second])[1];

describe("an event that holds the next piece of a text alone", () => {
  it("is read by its text once one like it was read whole, whatever the text and its escapes", () => {
    const texts = ["a", " world", "", "é€😀", '\\"quoted\\"', "\\n", "\\u00e9", "\\ud83d", "a\\\\b", "w".repeat(40_000), "}],"];
    const read = texts.map((text) => JSON.parse(`"${text}"`) as string);
    expect(follow([chunk("first"), ...texts.map((text) => chunk(text))])).to.deep.equal([undefined, ...read]);
  });

  it("may be any piece of text that an answer has, and ends its lines in any way", () => {
    for (const choice of [
      '{"index":1,"delta":{"role":"assistant","content":"T","refusal":null},"logprobs":null,"finish_reason":null}', '{"delta":{"reasoning_content":"T","content":null}}', '{"delta": {"reasoning": "T"}}',
      '{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"T"}}]}}', '{"text":"T","index":0,"finish_reason":""}', '{"delta":{"content":[{"type":"text","text":"T"}]}}',
    ]) {
      const of = (text: string) => event(`"choices":[${choice.replace("T", text)}],"usage":null,"error":null`, "\r\n\r\n");
      expect(fits(of("é one"), of("two\\n")), choice).to.equal("two\n");
    }
  });

  it("is learnt from a text that stands in it only once, or first", () => {
    expect(fits(event('"choices":[{"index":0,"delta":{"content":"stop"},"was":"stop"}]'), event('"choices":[{"index":0,"delta":{"content":"go"},"was":"stop"}]'))).to.equal("go");
    expect(fits(event('"was":"stop","choices":[{"delta":{"content":"stop"}}]'), event('"was":"stop","choices":[{"delta":{"content":"go"}}]'))).to.equal(undefined);
    expect(fits(event('"choices":[{"delta":{"reasoning_content":"x","reasoning":"x"}}]'), event('"choices":[{"delta":{"reasoning_content":"y","reasoning":"x"}}]'))).to.equal(undefined);
  });

  it("does not fit where it says more: an end, usage, an error, a second choice, or what its text's own quotes would hide", () => {
    for (const second of [
      chunk("x", ',"usage":{"completion_tokens":1}'), chunk("x", ',"error":{"message":"no"}'), event('"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]'),
      event('"choices":[{"index":1,"delta":{"content":"x"},"finish_reason":null}]'), chunk('x"},"finish_reason":"stop","more":{"y":"z'), chunk('x","role":"y'), chunk("x\\"), chunk("x\ny"), chunk("x\u0001y"),
      Buffer.from(": ping\n\n"), Buffer.from("data: [DONE]\n\n"), event(""),
    ]) expect(fits(chunk("first"), second), second.toString()).to.equal(undefined);
    for (const first of [
      chunk(""), chunk("a", ',"usage":{"completion_tokens":1}'), chunk("a", ',"error":{"message":"no"}'), event('"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]'),
      event('"choices":[{"delta":{"content":"a"}},{"delta":{"content":"a"}}]'), event('"choices":[{"delta":{"content":"a","refusal":"b"}}]'), event('"choices":[]'), event('"choices":[{"delta":{"content":"\\u0061"}}]'),
    ]) expect(fits(first, first), first.toString()).to.equal(undefined);
  });

  it("is learnt anew where its form changes, and nobody looks for ever where it always does", () => {
    const form = (text: string, more: number) => chunk(text, `,"more":${more}`);
    expect(follow([form("a", 1), form("b", 2), form("c", 2), form("d", 3), form("e", 3)])).to.deep.equal([undefined, undefined, "c", undefined, "e"]);
    const changing = Array.from({ length: 20 }, (_, at) => form("x", at));
    expect(follow([...changing, form("y", 99), form("z", 99)]).some((text) => text !== undefined)).to.equal(false);
  });

  it("says of any stream what reading all of it says", () => {
    const text = fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom("é", "\n", '"', "\\", "a", "index", "content", "😀", "."));
    const member = fc.constantFrom("content", "reasoning_content", "reasoning", "refusal", "role", "text");
    const delta = fc.array(fc.tuple(member, text), { minLength: 1, maxLength: 2 });
    const chunkOf = fc.record({ delta, finish: fc.constantFrom("null", "null", "null", '""', '"stop"'), usage: fc.constantFrom("null", "null", '{"completion_tokens":3}'), choices: fc.constantFrom(1, 1, 1, 2) });
    fc.assert(fc.property(fc.array(chunkOf, { maxLength: 12 }), (chunks) => {
      const events = chunks.map(({ delta: members, finish, usage, choices }) => {
        const choice = `{"index":0,"delta":{${members.map(([name, value]) => `"${name}":${JSON.stringify(value)}`).join(",")}},"finish_reason":${finish}}`;
        return event(`"choices":[${Array.from({ length: choices }, () => choice).join(",")}],"usage":${usage}`);
      });
      const [whole, quick] = [createStreamReader("chat"), createStreamReader("chat")];
      follow(events).forEach((found, at) => {
        const data = (events[at] as Buffer).toString().slice("data: ".length).trimEnd();
        whole.event(data);
        if (found === undefined) quick.event(data);
        else quick.textPiece(found);
        expect([quick.produced.sample, quick.produced.pieces, quick.produced.roughTokens, quick.finished, quick.usage])
          .to.deep.equal([whole.produced.sample, whole.produced.pieces, whole.produced.roughTokens, whole.finished, whole.usage]);
      });
    }), { numRuns: 1_000 });
  });
});
