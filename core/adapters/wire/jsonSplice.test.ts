import { expect } from "chai";
import { effortOf } from "../../../tests/support/effortOf";
import fc from "fast-check";
import { nestsDeeperThan, repeatedName } from "./jsonScan";
import { scanTopLevel, spliceNested, spliceTopLevel, type JsonEdits } from "./jsonSplice";

const splice = (text: string, edits: JsonEdits, foldCase = false) =>
  spliceTopLevel(Buffer.from(text), edits, { foldCase }).toString();

/** White space between the tokens of a JSON text, by a cheap generator. */
const spaced = (text: string, seed: number): string => {
  let state = seed;
  return text.replace(/"(?:[^"\\]|\\.)*"|[{}[\],:]/g, (token) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return [token, ` ${token}`, `${token}\n`, `\t${token}\r\n `][state >>> 30] ?? token;
  });
};

/** Every character of the names as an escape. */
const escapedName = (name: string) =>
  `"${Array.from({ length: name.length }, (_, at) => `\\u${name.charCodeAt(at).toString(16).padStart(4, "0")}`).join("")}"`;

describe("editing JSON in its bytes", () => {
  it("replaces, adds and removes members and touches nothing else", () => {
    const body = '{ "b" : 1.10, "model":"x" ,"a":[1,{"model":"inner"}], "big":12345678901234567890 }';
    expect(splice(body, { model: '"public"' })).to.equal(body.replace('"x"', '"public"'));
    expect(splice(body, { n: "1", m: "2" })).to.equal(body.replace("90 }", '90,"n":1,"m":2 }'));
    expect(splice(body, { b: undefined })).to.equal(body.replace('"b" : 1.10, ', ""));
    expect(splice(body, { big: undefined })).to.equal(body.replace(', "big":12345678901234567890', ""));
    expect(splice(body, { big: undefined, a: undefined, n: "1" })).to.equal('{ "b" : 1.10, "model":"x","n":1 }');
    expect(splice("{}", { a: "1" })).to.equal('{"a":1}');
    expect(splice(" { } ", { a: "1" })).to.equal(' {"a":1 } ');
    expect(splice('{"a":1}', { a: undefined, b: "2" })).to.equal('{"b":2}');
    expect(splice('{"a":1,"b":2}', { a: undefined, b: undefined })).to.equal("{}");
  });

  it("replaces each of two members with one name, and names written in escapes", () => {
    expect(splice('{"model":"a","model":"b"}', { model: '"c"' })).to.equal('{"model":"c","model":"c"}');
    expect(splice('{"mod\\u0065l":"a"}', { model: '"c"' })).to.equal('{"mod\\u0065l":"c"}');
    expect(splice('{"mo\\"del":"a","x\\\\":2}', { "x\\": "3" })).to.equal('{"mo\\"del":"a","x\\\\":3}');
  });

  it("catches twins that differ in case when asked, and adds the true name", () => {
    const body = '{"Model":"a","MAX_TO\u212AEN\u017F":9,"model":"b"}';
    expect(splice(body, { model: '"c"', max_tokens: "5" }, true)).to.equal(
      '{"Model":"c","MAX_TO\u212AEN\u017F":5,"model":"c","max_tokens":5}');
    expect(splice(body, { max_tokens: undefined }, true)).to.equal('{"Model":"a","model":"b"}');
    expect(splice(body, { model: '"c"' })).to.equal(body.replace('"b"', '"c"'));
  });

  it("gives back the same Buffer where nothing changes and where there is no object", () => {
    for (const text of ['{"a":1}', "[]", "", "{", '{"a"', '{"a":', '{"a":1', '{"a":1,}', '{a:1}', '{"a":"x}', '{"a":1}x', "null", '{"a":[}']) {
      const body = Buffer.from(text);
      expect(spliceTopLevel(body, text === '{"a":1}' ? { a: "1", gone: undefined } : { z: "1" }), text).to.equal(body);
    }
    expect(scanTopLevel(Buffer.from("[1]"))).to.equal(undefined);
  });

  it("agrees with JSON.parse for any object, any white space and any edit", () => {
    const name = fc.constantFrom("model", "a", "b", "__proto__", 'q"uote', "back\\slash", "é", "😀", "");
    const object = fc.array(fc.tuple(name, fc.jsonValue(), fc.boolean()), { maxLength: 7 });
    const edits = fc.array(fc.tuple(name, fc.option(fc.jsonValue(), { nil: undefined })), { maxLength: 4 });
    fc.assert(fc.property(object, edits, fc.integer(), (members, changes, seed) => {
      const text = spaced(`{${members.map(([key, value, escaped]) =>
        `${escaped ? escapedName(key) : JSON.stringify(key)}:${JSON.stringify(value)}`).join(",")}}`, seed);
      const wanted = new Map(Object.entries(JSON.parse(text) as object));
      const edit = Object.create(null) as Record<string, string | undefined>;
      for (const [key, value] of changes) edit[key] = value === undefined ? undefined : JSON.stringify(value);
      for (const [key, raw] of Object.entries(edit)) {
        if (raw === undefined) wanted.delete(key);
        else wanted.set(key, JSON.parse(raw));
      }
      const body = Buffer.from(text);
      const done = spliceTopLevel(body, edit);
      const read = Object.entries(JSON.parse(done.toString()) as object);
      const byName = (a: [string, unknown], b: [string, unknown]) => (a[0] < b[0] ? -1 : 1);
      expect(read.sort(byName)).to.deep.equal([...wanted].sort(byName));
      const places = scanTopLevel(body)!;
      for (const [key, value] of Object.entries(JSON.parse(text) as object)) {
        const { start, end } = places.get(key)!;
        expect(JSON.parse(body.toString("utf8", start, end))).to.deep.equal(value);
      }
    }), { numRuns: 1_000 });
  });

  it("never throws, whatever the bytes are", () => {
    const piece = fc.constantFrom("{", "}", "[", "]", '"', "\\", ",", ":", " ", "a", "1", '"a"', '"a":1');
    fc.assert(fc.property(fc.array(piece), (pieces) => {
      const body = Buffer.from(`{${pieces.join("")}`);
      const done = spliceTopLevel(body, { a: "2" });
      let valid = true;
      try {
        JSON.parse(body.toString());
      } catch {
        valid = false;
      }
      if (valid) expect(JSON.parse(done.toString())).to.include({ a: 2 });
    }), { numRuns: 1_000 });
  });

  it("edits inside a member, and makes it where it is missing or null", () => {
    const nest = (text: string, edits: JsonEdits = { include_usage: "true" }) =>
      spliceNested(Buffer.from(text), "stream_options", edits).toString();
    expect(nest('{"a":1}')).to.equal('{"a":1,"stream_options":{"include_usage":true}}');
    expect(nest('{"stream_options":null}')).to.equal('{"stream_options":{"include_usage":true}}');
    expect(nest('{"stream_options": {} }')).to.equal('{"stream_options": {"include_usage":true} }');
    expect(nest('{"stream_options":{"x":1, "include_usage": false}}')).to.equal('{"stream_options":{"x":1, "include_usage": true}}');
    expect(nest('{"stream_options":"no"}')).to.equal('{"stream_options":"no"}');
    expect(nest('{"stream_options":{"include_usage":true}}', { include_usage: undefined })).to.equal('{"stream_options":{}}');
    const same = Buffer.from('{"stream_options":{"include_usage":true}}');
    expect(spliceNested(same, "stream_options", { include_usage: "true" })).to.equal(same);
    expect(spliceNested(same, "missing", { include_usage: undefined })).to.equal(same);
  });

  it("finds a name that comes twice in one object, at any depth and in any spelling", () => {
    const names = new Set(["a", "b"]);
    const twice = (text: string) => repeatedName(Buffer.from(text), names);
    for (const text of ['{"a":1,"a":2}', '[{"x":{"a":1,"y":{"a":2},"\\u0061" : 3}}]', '{"a":{"a":[{"b":1}]},"x":"a","a":0}']) expect(twice(text), text).to.equal("a");
    for (const text of ['{"a":{"a":1},"b":[{"a":1},{"a":2}]}', '{"x":1,"x":2}', '["a","a"]', '{"a":"a","b":"\\"a\\":1,\\"a\\":"}', "{}", '"a"']) expect(twice(text), text).to.equal(undefined);
  });

  it("takes depth, length and backslashes in its stride", () => {
    const deep = `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)},"model":1}`;
    expect(splice(deep, { model: "2" })).to.equal(deep.replace('"model":1', '"model":2'));
    expect(nestsDeeperThan(Buffer.from(deep), 1_000)).to.equal(true);
    expect(nestsDeeperThan(Buffer.from(`{"a":"${"[".repeat(5_000)}"}`), 1)).to.equal(false);
    for (const filler of ["\\\\".repeat(4_000_000), '\\"'.repeat(4_000_000), "x".repeat(8_000_000)]) {
      const long = Buffer.from(`{"a":"${filler}","model":1}`);
      expect(spliceTopLevel(long, { model: "2" }).subarray(-11).toString()).to.equal(',"model":2}');
      expect(effortOf(() => spliceTopLevel(long, { model: "2" }), 400)).to.be.lessThan(400);
    }
  });
});
