import { expect } from "chai";
import fc from "fast-check";
import { spliceTopLevel } from "./jsonSplice";
import { renameModel, renameModelInEvent, renameModelInside } from "./modelRename";

const inEvent = (text: string, name = "public") => renameModelInEvent(Buffer.from(text), name).toString();

describe("the public name in answers", () => {
  it("takes the place of the upstream's and leaves every other byte", () => {
    const body = '{ "id":"x", "model" : "org/up\\u0073tream", "n":1.0, "choices":[{"model":"inner"}] }';
    expect(renameModel(Buffer.from(body), 'pub"lic').toString()).to.equal(body.replace('"org/up\\u0073tream"', '"pub\\"lic"'));
  });

  it("gives the same Buffer where there is nothing to change", () => {
    for (const text of ['{"model":"public"}', '{"a":1}', "[]", "", "nope", '{"choices":[{"model":"x"}]}']) {
      const body = Buffer.from(text);
      expect(renameModel(body, "public"), text).to.equal(body);
      const event = Buffer.from(`data: ${text}\n\n`);
      expect(renameModelInEvent(event, "public"), text).to.equal(event);
    }
    for (const text of [": ping\n\n", "\n", "data: [DONE]\n\n", "event: x\n\n", "data: {"]) {
      const event = Buffer.from(text);
      expect(renameModelInEvent(event, "public"), text).to.equal(event);
    }
  });

  it("is written to the same effect the short way and the long", () => {
    const value = fc.constantFrom('"x"', '"public"', '"q\\"uote"', "null", '{"model":"inner"}', '["model"]', '"say \\"model\\":"', "[1,{}]", '"model"');
    const name = fc.constantFrom("model", "a", "b", "c");
    fc.assert(fc.property(fc.array(fc.tuple(name, value), { maxLength: 5 }), fc.constantFrom(":", ": ", " : "), (members, colon) => {
      const json = `{${members.map(([key, raw]) => `"${key}"${colon}${raw}`).join(",")}}`;
      const renamed = spliceTopLevel(Buffer.from(json), { model: '"public"' }, { existingOnly: true }).toString();
      expect(renameModel(Buffer.from(json), "public").toString()).to.equal(renamed);
      expect(inEvent(`data: ${json}\n\n`)).to.equal(`data: ${renamed}\n\n`);
    }), { numRuns: 1_000 });
  });

  it("is written into stream events of any shape", () => {
    expect(inEvent('data: {"model":"x","c":"é"}\n\n')).to.equal('data: {"model":"public","c":"é"}\n\n');
    expect(inEvent('data:{"model":null}\r\n\r\n')).to.equal('data:{"model":"public"}\r\n\r\n');
    expect(inEvent('event: e\r\ndata: {"model":"x"}\r\nid: 7\r\n\r\n')).to.equal('event: e\r\ndata: {"model":"public"}\r\nid: 7\r\n\r\n');
    expect(inEvent('data: {\ndata: "a":1,\ndata:"model":"x"\ndata: }\n\n')).to.equal('data: {\ndata: "a":1,\ndata: "model":"public"\ndata: }\n\n');
    expect(inEvent('data:  {"model":"x"}\r\r')).to.equal('data:  {"model":"public"}\r\r');
  });

  it("W54, W55: is written inside the object that an event carries, and nowhere else", () => {
    const inside = (text: string) => renameModelInside(Buffer.from(text), "response", "public").toString();
    const event = 'event: response.created\r\ndata: {"type":"x", "response": {"a":[1.0], "model" : "up", "tools":[{"model":"t"}]},"model":"outer"}\r\n\r\n';
    expect(inside(event)).to.equal(event.replace('"up"', '"public"'));
    expect(inside('data: {"response":{\ndata: "model":"up"}}\n\n')).to.equal('data: {"response":{\ndata: "model":"public"}}\n\n');
    for (const same of ['data: {"response":{"id":1}}\n\n', 'data: {"response":null}\n\n', 'data: {"model":"up"}\n\n', 'data: {"response":[{"model":"up"}]}\n\n', ": x\n\n", 'data: {"response":{"model":"public"}}\n\n']) {
      const bytes = Buffer.from(same);
      expect(renameModelInside(bytes, "response", "public"), same).to.equal(bytes);
    }
  });
});
