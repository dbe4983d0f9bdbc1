import { expect } from "chai";
import fc from "fast-check";
import { testEndpoint } from "../../core/adapters/upstream/testServers";
import type { StreamUsage } from "../../core/adapters/upstream/streamUsage";
import type { UpstreamEndpoint } from "../../core/domain/modelCatalog";
import type { Operation } from "../../core/domain/ledgerEntry";
import type { JsonBody } from "../../core/gateway/body";
import type { Exchange } from "../../core/gateway/exchange";
import { outgoingBody } from "./outgoingBody";

describe("the body for a model server", () => {
  const same = testEndpoint("http://gpu1/v1", { model: "dummy" });

  function exchangeOf(text: string, outputLimit?: number): Exchange {
    const body: JsonBody = { kind: "json", textBytes: text.length, files: [], raw: Buffer.from(text), json: JSON.parse(text) as Record<string, unknown>, stream: false, includeUsage: false };
    return { modelName: "dummy", getBody: () => body, getMeter: () => ({ outputLimit }) } as unknown as Exchange;
  }
  const sent = (text: string, options: { endpoint?: Partial<UpstreamEndpoint>; limit?: number; usage?: StreamUsage } = {}) =>
    (outgoingBody(exchangeOf(text, options.limit), { ...same, ...options.endpoint }, options.usage) as Buffer).toString();

  const rawOf = (exchange: Exchange): Buffer => (exchange.getBody() as JsonBody).raw;

  const ODD = '{ "b":1e400,"model" : "dummy","big": 12345678901234567890,\n"é\\u00e9":"\\ud83d\\ude00", "a":{"model":"inner"},"x":null }';

  it("is the very same bytes where nothing has to change", () => {
    const exchange = exchangeOf(ODD);
    expect(outgoingBody(exchange, same, undefined)).to.equal(rawOf(exchange));
  });

  it("changes the value of the model, and no other byte", () => {
    expect(sent(ODD, { endpoint: { model: 'org/"big"' } })).to.equal(ODD.replace('"model" : "dummy"', '"model" : "org/\\"big\\""'));
  });

  it("changes every model that a server might read, where the name comes twice", () => {
    expect(sent('{"model":"other","model":"dummy"}', { endpoint: { model: "m" } })).to.equal('{"model":"m","model":"m"}');
  });

  const limits: [string, UpstreamEndpoint["outputLimitField"], string, string][] = [
    ["the endpoint's field where the caller named none", "max_tokens", '{"model":"dummy"}', '{"model":"dummy","max_tokens":300}'],
    ["the newer field for an endpoint that knows that", "max_completion_tokens", '{"model":"dummy"}', '{"model":"dummy","max_completion_tokens":300}'],
    ["both fields for an endpoint that is not known well", "both", '{"model":"dummy"}', '{"model":"dummy","max_tokens":300,"max_completion_tokens":300}'],
    ["the caller's field where it stands", "max_tokens", '{"max_tokens":9000,"model":"dummy"}', '{"max_tokens":300,"model":"dummy"}'],
    ["the caller's other field as well", "max_tokens", '{"max_completion_tokens":9e3,"model":"dummy"}', '{"max_completion_tokens":300,"model":"dummy","max_tokens":300}'],
    ["a field that is null", "max_tokens", '{"max_tokens":null,"model":"dummy"}', '{"max_tokens":300,"model":"dummy"}'],
  ];
  for (const [name, outputLimitField, text, expected] of limits) {
    it(`H1: writes the limit into ${name}`, () => expect(sent(text, { endpoint: { outputLimitField }, limit: 300 })).to.equal(expected));
  }

  it("H1: writes the limit of responses and messages into the one field that they know", () => {
    const limited = (operation: Operation, text: string) => {
      const exchange = Object.assign(exchangeOf(text, 300), { match: { route: { operation } } });
      return (outgoingBody(exchange, { ...same, outputLimitField: "both" }, undefined) as Buffer).toString();
    };
    expect(limited("responses", '{"max_output_tokens":9000,"model":"dummy"}')).to.equal('{"max_output_tokens":300,"model":"dummy"}');
    expect(limited("responses", '{"model":"dummy"}')).to.equal('{"model":"dummy","max_output_tokens":300}');
    expect(limited("messages", '{"model":"dummy","max_completion_tokens":1}')).to.equal('{"model":"dummy","max_completion_tokens":1,"max_tokens":300}');
  });

  it("H1: leaves the caller's own limit alone where no other is demanded", () => {
    expect(sent('{"model":"dummy","max_tokens":7,"max_completion_tokens":9}')).to.equal('{"model":"dummy","max_tokens":7,"max_completion_tokens":9}');
  });

  it("asks for the usage of a stream, whatever the caller said of it", () => {
    const asked = (options: string) => sent(`{"model":"dummy"${options}}`, { usage: "final" });
    expect(asked("")).to.equal('{"model":"dummy","stream_options":{"include_usage":true}}');
    expect(asked(',"stream_options":null')).to.equal('{"model":"dummy","stream_options":{"include_usage":true}}');
    expect(asked(',"stream_options":{}')).to.equal('{"model":"dummy","stream_options":{"include_usage":true}}');
    expect(asked(',"stream_options":{"include_usage":false,"x": 1}')).to.equal('{"model":"dummy","stream_options":{"include_usage":true,"x": 1}}');
    const already = exchangeOf('{"model":"dummy","stream_options":{"include_usage":true}}');
    expect(outgoingBody(already, same, "final")).to.equal(rawOf(already));
  });

  it("W76: asks for usage in each chunk of an endpoint that can say it", () => {
    const asked = (options: string) => sent(`{"model":"dummy"${options}}`, { usage: "continuous" });
    expect(asked("")).to.equal('{"model":"dummy","stream_options":{"include_usage":true,"continuous_usage_stats":true}}');
    expect(asked(',"stream_options":{"x": 1}')).to.equal('{"model":"dummy","stream_options":{"x": 1,"include_usage":true,"continuous_usage_stats":true}}');
  });

  it("W75: has no stream_options for an endpoint that refuses them, not the caller's either", () => {
    const without = (options: string) => sent(`{${options}"model":"dummy"}`, { usage: "none" });
    for (const options of ["", '"stream_options":null,', '"stream_options":{"include_usage":true},']) expect(without(options)).to.equal('{"model":"dummy"}');
    expect(sent('{"model":"dummy","stream_options":{}}'), "but where there is no stream").to.equal('{"model":"dummy","stream_options":{}}');
  });

  it("means the same as before but for what was changed, whatever the body", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.option(fc.integer({ min: 1, max: 1e6 }), { nil: undefined }), (fields, limit) => {
        const known = ["model", "max_tokens", "max_completion_tokens", "stream_options"];
        const rest = Object.fromEntries(Object.entries(fields).filter(([name]) => !known.includes(name.toLowerCase())));
        const text = JSON.stringify({ ...rest, model: "dummy" });
        const out = JSON.parse(sent(text, { endpoint: { model: "up" }, limit, usage: "final" })) as unknown;
        const expected = { ...(JSON.parse(text) as object), model: "up", ...(limit === undefined ? {} : { max_tokens: limit }), stream_options: { include_usage: true } };
        expect(out).to.deep.equal(expected);
      }),
    );
  });
});
