import { expect } from "chai";
import fc from "fast-check";
import { EventHead } from "./eventHead";
import { renameModelInEvent } from "./modelRename";
import { eventData } from "./sseSplitter";
import { parseObject } from "./usageReader";

/** What becomes of events one after the other: of those that begin like one before the rest and what is shown, of the others nothing. */
function follow(texts: readonly string[]): ({ rest: string; shown: string } | undefined)[] {
  const head = new EventHead("public");
  return texts.map((text) => {
    const event = Buffer.from(text);
    const rest = head.restOf(event);
    if (rest !== undefined) return { rest, shown: Buffer.from(head.shown(event), "latin1").toString() };
    head.learn(event, parseObject(eventData(event) ?? "")?.["model"]);
    return undefined;
  });
}

const chunk = (content: string, created = 1, model = "up") => `data: {"id":"c1","created":${created},"model":"${model}","choices":[{"delta":{"content":"${content}"}}]}\n\n`;

describe("the head that the chunks of a stream share", () => {
  it("is read once: of further chunks the rest alone, and they have the public name", () => {
    const [first, second, third] = follow([chunk("a"), chunk("é€😀"), chunk("c").replace(/\n/g, "\r\n")]);
    expect(first).to.equal(undefined);
    expect(second).to.deep.equal({ rest: '{"choices":[{"delta":{"content":"é€😀"}}]}', shown: chunk("é€😀", 1, "public") });
    expect(third?.shown).to.equal(chunk("c", 1, "public").replace(/\n/g, "\r\n"));
  });

  it("is learnt anew where it changes, and nobody looks for ever where it always does", () => {
    expect(follow([chunk("a", 1), chunk("b", 2), chunk("c", 2), chunk("d", 3), chunk("e", 3)]).map(Boolean)).to.deep.equal([false, false, true, false, true]);
    const changing = Array.from({ length: 20 }, (_, at) => chunk("x", at));
    expect(follow([...changing, chunk("y", 99), chunk("z", 99)]).some(Boolean)).to.equal(false);
  });

  it("is not taken where what is read of each chunk stands before the model, or the model is not to be found the short way", () => {
    for (const data of [
      '{"choices":[{"delta":{"content":"the"}}],"model":"up","n":1}', '{"usage":null,"model":"up","n":1}', '{"error":{},"model":"up","n":1}', '{"a":{"model":"x"},"model":"up","n":1}',
      '{"a":{"model":"x"},"n":1}', '{"model":7,"n":1}', '{"n":1}', "[DONE]", "7", "",
    ]) expect(follow([`data: ${data}\n\n`, `data: ${data}\n\n`]).some(Boolean), data).to.equal(false);
  });

  it("does not fit an event of several lines, or one that ends with the model", () => {
    const lines = 'data: {"model":"up",\ndata: "choices":[]}\n\n';
    expect(follow(['data: {"model":"up","n":1}\n\n', lines, 'data: {"model":"up"}\n\n', ": ping\n\n"]).some(Boolean)).to.equal(false);
  });

  it("leaves a name that is the public one as it is written", () => {
    const event = 'data: {"model":"p\\u0075blic","n":1}\n\n';
    expect(follow([event, event])[1]?.shown).to.equal(event);
  });

  it("shows and says of any event what reading all of it says", () => {
    const value = fc.constantFrom('"x"', '"q\\"uote"', "null", '{"model":"inner"}', "[1,{}]", '"model"', "1.50", '"é"');
    const member = fc.tuple(fc.constantFrom("id", "created", "choices", "usage", "a"), value);
    const event = fc.record({ before: fc.array(member, { maxLength: 2 }), model: fc.constantFrom('"up"', '"public"', '"two"'), after: fc.array(member, { maxLength: 3 }) });
    fc.assert(fc.property(fc.array(event, { maxLength: 12 }), fc.constantFrom(":", ": "), (events, colon) => {
      const texts = events.map(({ before, model, after }) => `data: {${[...before, ["model", model], ...after].map(([name, raw]) => `"${name}"${colon}${raw}`).join(",")}}\n\n`);
      follow(texts).forEach((found, at) => {
        if (!found) return;
        const text = texts[at] as string;
        expect(found.shown).to.equal(renameModelInEvent(Buffer.from(text), "public").toString());
        const [whole, rest] = [parseObject(text.slice(6)), parseObject(found.rest)];
        expect({ ...whole, ...rest }).to.deep.equal(whole);
        for (const name of ["choices", "usage"]) expect(rest?.[name], name).to.deep.equal(whole?.[name]);
      });
    }), { numRuns: 1_000 });
  });
});
