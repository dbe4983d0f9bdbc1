import { expect } from "chai";
import fc from "fast-check";
import { eventData, SseSplitter } from "./sseSplitter";

const split = (text: string | Buffer, cuts: readonly number[] = [], limit?: number) => {
  const bytes = Buffer.from(text as string);
  const splitter = new SseSplitter(limit);
  const events: Buffer[] = [];
  let from = 0;
  for (const cut of [...cuts].sort((a, b) => a - b).map((at) => Math.min(at, bytes.length)).concat(bytes.length)) {
    events.push(...splitter.push(bytes.subarray(from, cut)));
    from = cut;
  }
  return { splitter, events, texts: events.map(String) };
};

describe("the splitter of event streams", () => {
  it("keeps each event's bytes and its terminator, whatever ends the lines", () => {
    expect(split("data: a\n\ndata: b\n\n").texts).to.deep.equal(["data: a\n\n", "data: b\n\n"]);
    expect(split("data: a\r\n\r\ndata: b\r\n\r\n").texts).to.deep.equal(["data: a\r\n\r\n", "data: b\r\n\r\n"]);
    expect(split("data: a\r\rdata: b\r\r").texts).to.deep.equal(["data: a\r\r", "data: b\r\r"]);
    expect(split("data: a\n\r\ndata: b\r\n\nx").texts).to.deep.equal(["data: a\n\r\n", "data: b\r\n\n"]);
    expect(split("event: x\ndata: a\n: note\ndata: b\n\n").texts).to.have.length(1);
    expect(split("\uFEFFdata: a\n\n: ping\n\n\ndata: b").texts).to.deep.equal(["\uFEFFdata: a\n\n", ": ping\n\n", "\n"]);
  });

  it("gives the bytes that nothing closed as the rest, and knows when it stands between events", () => {
    const { splitter } = split("data: a\n\ndata: [DO");
    expect(splitter.rest().toString()).to.equal("data: [DO");
    expect(splitter.atBoundary).to.equal(false);
    splitter.push(Buffer.from("NE]\n\n"));
    expect(splitter.rest()).to.have.length(0);
    expect(splitter.atBoundary).to.equal(true);
  });

  it("sends an event off with its last byte, and a lone CR does not wait for another", () => {
    const splitter = new SseSplitter();
    const push = (text: string) => splitter.push(Buffer.from(text)).map(String);
    expect(push("data: a\r\r")).to.deep.equal(["data: a\r\r"]);
    expect(push("data: b\r\r")).to.deep.equal(["data: b\r\r"]);
    expect(push("\ndata: c\r\n\r")).to.deep.equal([]);
    expect(push("\n")).to.deep.equal(["\ndata: c\r\n\r\n"]);
    expect(push("data: d\r\n\r")).to.deep.equal([]);
    expect(push("data: e\n\n")).to.deep.equal(["data: d\r\n\r", "data: e\n\n"]);
  });

  it("finds the same data under any cut, and loses no byte", () => {
    const part = fc.oneof(
      fc.constantFrom("data: ", "data:", "data", ":", "event: x", "\n", "\r", "\r\n", "\n\n", "\r\n\r\n", "é€😀"),
      fc.string(),
    );
    fc.assert(fc.property(fc.array(part, { maxLength: 30 }), fc.array(fc.nat(120)), fc.boolean(), (parts, cuts, marked) => {
      // A byte order mark is one at the head of a stream alone.
      const text = `${marked ? "\uFEFF" : ""}${parts.join("")}`;
      const { splitter, events } = split(text, cuts);
      expect(Buffer.concat([...events, splitter.rest()]).toString()).to.equal(Buffer.from(text).toString());
      const whole = split(text);
      const data = (list: readonly Buffer[]) => list.map(eventData).filter((value) => value !== undefined);
      expect(data([...events, splitter.rest()])).to.deep.equal(data([...whole.events, whole.splitter.rest()]));
    }), { numRuns: 500 });
  });

  it("says that an event is too long, at the same length under any cut", () => {
    const event = `data: ${"x".repeat(92)}\n\n`;
    for (const cuts of [[], [50], [99], Array.from({ length: 99 }, (_, at) => at)]) {
      expect(split(event, cuts, 100).texts).to.deep.equal([event]);
      const over = split(`data: ok\n\n${event}data: lost\n\n`, cuts, 99);
      expect(over.splitter.overflowed).to.equal(true);
      expect(over.texts).to.deep.equal(["data: ok\n\n"]);
    }
    expect(split("x".repeat(101), [], 100).splitter.overflowed).to.equal(true);
  });

  it("takes a megabyte byte by byte without looking at anything twice", () => {
    const splitter = new SseSplitter();
    const bytes = Buffer.from(`data: ${"x".repeat(1_000_000)}\n\n`);
    const started = performance.now();
    const events: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += 1) events.push(...splitter.push(bytes.subarray(at, at + 1)));
    expect(events.map((event) => event.equals(bytes))).to.deep.equal([true]);
    expect(performance.now() - started).to.be.lessThan(3_000);
  });
});

describe("the data of an event", () => {
  it("is read from one line or many, with or without the space", () => {
    const cases: [string, string | undefined][] = [
      ['data: {"a":1}\n\n', '{"a":1}'],
      ["data:x\r\n\r\n", "x"],
      ["data:  x\r\r", " x"],
      ["data: a\ndata:b\n\n", "a\nb"],
      ["data: a\rdata: b\r\r", "a\nb"],
      ["event: e\nid: 1\ndata: a\n\n", "a"],
      ["data: a\nevent: e\n\n", "a"],
      ["\uFEFFdata: a\n\n", "a"],
      ["\ndata: a\n\n", "a"],
      ["data\n\n", ""],
      ["data:\n\n", ""],
      ["data: a\ndata\n\n", "a\n"],
      ["data: ü€😀\n\n", "ü€😀"],
      [": ping\n\n", undefined],
      ["dataset: x\n\n", undefined],
      ["\n", undefined],
      ["", undefined],
    ];
    for (const [event, data] of cases) expect(eventData(Buffer.from(event)), JSON.stringify(event)).to.equal(data);
  });

  it("is the same whether it is found at a glance or line by line", () => {
    for (const [text, data] of [
      ["event: a\ndata: {}\n\n", "{}"], ["event:a\r\ndata:{}\r\n\r\n", "{}"], ["event: a\rdata: {}\r\r", "{}"], ["event: a\ndata: 1\ndata: 2\n\n", "1\n2"],
      ["event: a\nid: 7\ndata: x\n\n", "x"], ["event: a\ndata: x\nid: 7\n\n", "x"], ["event: a\n\n", undefined], ["event: data: x\n\n", undefined], ["event: a\ndata:\n\n", ""],
    ] as const) expect(eventData(Buffer.from(text)), JSON.stringify(text)).to.equal(data);
  });
});
