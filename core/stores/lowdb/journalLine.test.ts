import { expect } from "chai";
import { formatLine, linesOf, parseLine, type RawLine } from "./journalLine";

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe("a line of the journal", () => {
  const line = formatLine(42, 40, '{"t":"hold","id":"grüße 🦊"}');
  const bytes = Buffer.from(line).subarray(0, -1);

  it("is read as it was written", () => {
    const parsed = parseLine(bytes);
    expect(parsed).to.deep.include({ seq: 42, batch: 40 });
    expect(bytes.toString("utf8", parsed?.jsonAt)).to.equal('{"t":"hold","id":"grüße 🦊"}');
  });

  it("is refused with any one bit flipped", () => {
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const damaged = Buffer.from(bytes);
      damaged[bit >>> 3] = (damaged[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
      const parsed = parseLine(damaged);
      // The case of a hex digit of the checksum is all that may differ unnoticed: it is the same number.
      if (parsed) expect(damaged.toString("latin1").toLowerCase()).to.equal(bytes.toString("latin1").toLowerCase());
    }
  });

  it("is refused when cut anywhere, and when it is none", () => {
    for (let end = 0; end < bytes.length; end += 1) expect(parseLine(bytes.subarray(0, end))).to.equal(undefined);
    for (const text of ["", " ", "\0\0\0\0", "ffffffff", "x 1 1 {}", "0 1 1 {}"]) expect(parseLine(Buffer.from(text)), text).to.equal(undefined);
  });

  it("is found whole in pieces of any size, with its place in the file", async () => {
    const file = Buffer.from(`${line}${formatLine(43, 43, "{}")}torn`);
    for (const size of [1, 2, 7, 30, 1_000]) {
      const lines: RawLine[] = [];
      for await (const some of linesOf(pieces(file, size))) lines.push(...some);
      expect(lines.map(({ whole }) => whole)).to.deep.equal([true, true, false]);
      expect(lines.map(({ at }) => at)).to.deep.equal([0, bytes.length + 1, file.length - 4]);
      expect(lines.map(({ bytes: found }) => parseLine(found)?.seq)).to.deep.equal([42, 43, undefined]);
    }
  });
});
