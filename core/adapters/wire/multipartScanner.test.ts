import { expect } from "chai";
import fc from "fast-check";
import { FORM_LIMITS, MultipartScanner, type FormLimits } from "./multipartScanner";

const part = (head: string, value = "x") => `--b\r\n${head}\r\n\r\n${value}\r\n`;
const named = (name: string, value?: string) => part(`Content-Disposition: form-data; name="${name}"`, value);

function scan(body: string | Buffer, cuts: readonly number[] = [], limits: FormLimits = FORM_LIMITS): MultipartScanner {
  const bytes = Buffer.from(body as string);
  const scanner = new MultipartScanner("b", limits);
  const places = [0, ...cuts, bytes.length].sort((a, b) => a - b);
  for (let at = 1; at < places.length; at++) scanner.push(bytes.subarray(places[at - 1], places[at]));
  scanner.end();
  return scanner;
}

describe("finding the parts of a form", () => {
  const FILE = Buffer.from([0, 255, 13, 10, 45, 45, 13, 10, 45, 45, 65, 13, 13, 10]);
  const form = Buffer.concat([
    Buffer.from('--b\r\nContent-Disposition: form-data; name="file"; filename="näme \\"x\\".wav"\r\nContent-Type: audio/wav\r\n\r\n'), FILE,
    Buffer.from(`\r\n${named("prompt", "")}${named("größe", "é€😀")}${named("model", "whisper")}--b--\r\n`),
  ]);

  it("W60: says what each part is called, and where its value is; the model may come after the file", () => {
    const { parts, fault } = scan(form);
    expect(fault).to.equal(undefined);
    expect(parts.map(({ name, isFile, text, contentType }) => ({ name, isFile, text, contentType }))).to.deep.equal([
      { name: "file", isFile: true, text: undefined, contentType: "audio/wav" },
      { name: "prompt", isFile: false, text: "", contentType: "" },
      { name: "größe", isFile: false, text: "é€😀", contentType: "" },
      { name: "model", isFile: false, text: "whisper", contentType: "" },
    ]);
    expect(form.subarray(parts[0]!.start, parts[0]!.end)).to.deep.equal(FILE);
    expect(form.toString("utf8", parts[3]!.start, parts[3]!.end)).to.equal("whisper");
  });

  it("W60: finds the same wherever the network cuts it: at each byte, and byte by byte", () => {
    const whole = scan(form).parts;
    for (let cut = 0; cut <= form.length; cut++) expect(scan(form, [cut]).parts, `cut at ${cut}`).to.deep.equal(whole);
    expect(scan(form, [...form.keys()]).parts).to.deep.equal(whole);
  });

  it("W60: finds the same for any value and any cuts", () => {
    const value = fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes.map((byte) => [13, 10, 45, 98, byte][byte % 5] as number)));
    fc.assert(fc.property(fc.array(value, { maxLength: 4 }), fc.array(fc.nat(400), { maxLength: 8 }), (values, cuts) => {
      const clean = values.filter((bytes) => !Buffer.concat([Buffer.from("\r\n"), bytes]).includes("\r\n--b"));
      const body = Buffer.concat([
        ...clean.flatMap((bytes, index) => [Buffer.from(`--b\r\nContent-Disposition: form-data; name="f${index}"; filename=""\r\n\r\n`), bytes, Buffer.from("\r\n")]),
        Buffer.from("--b--"),
      ]);
      const { parts, fault } = scan(body, cuts.map((cut) => Math.min(cut, body.length)));
      expect(fault).to.equal(undefined);
      expect(parts.map(({ start, end }) => body.subarray(start, end))).to.deep.equal(clean);
    }));
  });

  it("W62: a form that is cut off anywhere is none", () => {
    const end = form.lastIndexOf("--b--") + "--b--".length;
    for (let cut = 0; cut < end; cut++) expect(scan(form.subarray(0, cut)).fault, `cut at ${cut}`).to.be.a("string");
    expect(scan(form.subarray(0, end)).fault).to.equal(undefined);
  });

  it("reads names that are quoted, not quoted, folded over lines and in any case", () => {
    const heads = [
      'content-DISPOSITION:form-data;name=model', 'Content-Disposition: form-data;\r\n  name="model"', 'Content-Disposition: FORM-DATA ; NAME = "model" ;',
      'X-Other: 1\r\nContent-Disposition: form-data; name="model"\r\nContent-Type: text/plain; charset=UTF-8',
    ];
    for (const head of heads) expect(scan(`${part(head)}--b--\r\n`).parts[0], head).to.include({ name: "model", text: "x" });
    expect(scan(`${part('Content-Disposition: form-data; name="a\\"b\\\\c"')}--b--`).parts[0]!.name).to.equal('a"b\\c');
  });

  const OK = 'Content-Disposition: form-data; name="x"';
  const broken: [string, string][] = [
    ["nothing", ""],
    ["a preamble", `hello\r\n${named("x")}--b--`],
    ["an epilogue", `${named("x")}--b--\r\nmore`],
    ["a part behind the end", `${named("x")}--b--\r\n${named("model")}--b--`],
    ["line ends without CR", `--b\n${OK}\n\nx\n--b--`],
    ["a header line that ends in LF", part(`${OK}\nX: 1`)],
    ["a lone CR in a header", part(`${OK}\rX: 1`)],
    ["NUL in a header", part(`${OK}\0`)],
    ["no headers", "--b\r\n\r\nx\r\n--b--"],
    ["a header without a name", part(`${OK}\r\n: 1`)],
    ["no disposition", part("Content-Type: text/plain")],
    ["two dispositions", part(`${OK}\r\ncontent-disposition: form-data; name="model"`)],
    ["a disposition of another kind", part('Content-Disposition: attachment; name="x"')],
    ["a part without a name", part("Content-Disposition: form-data")],
    ["a name that comes twice", part(`${OK}; name="model"`)],
    ["a name in the extended way", part("Content-Disposition: form-data; name*=UTF-8''model")],
    ["both kinds of name", part(`${OK}; name*=UTF-8''model`)],
    ["quotes that do not close", part('Content-Disposition: form-data; name="x')],
    ["a value that is encoded", part(`${OK}\r\nContent-Transfer-Encoding: base64`)],
    ["padding behind the boundary", `--b  \r\n${OK}\r\n\r\nx\r\n--b--`],
    ["a longer boundary inside of a value", named("x", "1\r\n--bb\r\n2")],
    ["a boundary right behind the headers", `--b\r\n${OK}\r\n\r\n--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nx\r\n`],
    ["headers that are too long", part(`${OK}\r\nX: ${"y".repeat(16_384)}`)],
    ["headers without end", `--b\r\n${"y".repeat(20_000)}`],
    ["a name that is too long", named("y".repeat(1_025))],
    ["too many parts", named("x").repeat(513)],
    ["too much text", named("x", "y".repeat(1_048_577))],
  ];
  for (const [what, body] of broken) {
    it(`W62: refuses ${what}`, () => {
      const text = body.endsWith("--") || body === "" ? body : `${body}--b--`;
      const whole = scan(text);
      expect(whole.fault).to.be.a("string");
      expect(scan(text, [...Array(Math.min(text.length, 2_000)).keys()]).fault).to.equal(whole.fault);
    });
  }

  it("keeps nothing of a file but what may begin a delimiter", () => {
    const scanner = new MultipartScanner("b");
    scanner.push(Buffer.from('--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'));
    const chunk = Buffer.alloc(65_536, "\r\n--");
    for (let count = 0; count < 100; count++) scanner.push(chunk);
    expect((scanner as unknown as { pending: Buffer }).pending.length).to.be.lessThan(6);
    scanner.push(Buffer.from("\r\n--b--\r\n"));
    expect(scanner.end()).to.equal(true);
    expect(scanner.parts[0]!.end - scanner.parts[0]!.start).to.equal(6_553_600);
  });
});
