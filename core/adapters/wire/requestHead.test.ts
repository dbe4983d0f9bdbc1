import { expect } from "chai";
import { readRequestHead } from "./requestHead";

const read = (text: string | Buffer) => readRequestHead(Buffer.from(text as string));

describe("the head of a request", () => {
  it("is the parsed body with its model, stream and wish for usage", () => {
    const head = read('{"model":"m/1","stream":true,"stream_options":{"include_usage":true},"n":2}');
    expect(head).to.deep.equal({
      ok: true, model: "m/1", stream: true, includeUsage: true,
      json: { model: "m/1", stream: true, stream_options: { include_usage: true }, n: 2 },
    });
    for (const options of ["null", "{}", "[]", '"x"', '{"include_usage":"true"}']) {
      expect(read(`{"stream":1,"stream_options":${options}}`), options).to.include({ stream: false, includeUsage: false, model: undefined });
    }
    expect(read('{"model":"a","model":"b"}')).to.include({ model: "b" });
  });

  it("refuses what is not one JSON object, and says why", () => {
    const reason = (text: string | Buffer) => {
      const head = read(text);
      return head.ok ? "ok" : head.reason;
    };
    expect(reason("")).to.equal("empty");
    for (const text of ["{", "nope", "{'a':1}", "\uFEFF{}", '{"a":1}\0', "\0", '{"a":"\n"}', '{"a":NaN}']) expect(reason(text)).to.equal("invalid_json");
    expect(reason(Buffer.from("{}", "utf16le"))).to.equal("invalid_json");
    for (const text of ["[]", "null", "1", '"x"', "true"]) expect(reason(text)).to.equal("not_an_object");
  });

  it("refuses deep nesting and reads what is only long", () => {
    const nested = (depth: number) => `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    expect(read(nested(999)).ok).to.equal(true);
    expect(read(nested(1_000))).to.deep.equal({ ok: false, reason: "too_deep" });
    expect(read('{"a":'.repeat(1_000_000))).to.deep.equal({ ok: false, reason: "too_deep" });
    expect(read(`{"a":"${"[{".repeat(50_000)}","model":"m"}`)).to.include({ ok: true, model: "m" });
    const long = "m".repeat(1_000_000);
    expect(read(`{"model":"${long}"}`)).to.include({ model: long });
  });

  it("is not fooled by __proto__ and its like", () => {
    const head = read('{"__proto__":{"model":"evil","stream":true},"constructor":{"prototype":{"model":"evil"}}}');
    expect(head).to.include({ ok: true, model: undefined, stream: false });
    expect(({} as Record<string, unknown>)["model"]).to.equal(undefined);
  });
});
