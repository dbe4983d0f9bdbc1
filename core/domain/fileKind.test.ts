import { expect } from "chai";
import { kindByContent, plainFileName, typeByName } from "./fileKind";

describe("what a file is", () => {
  const cases: [string, string | undefined][] = [
    ["\x89PNG\r\n\x1a\n", "image/png"], ["\xff\xd8\xff\xe0", "image/jpeg"], ["GIF89a..", "image/gif"], ["RIFF....WEBP", "image/webp"], ["%PDF-1.7", "application/pdf"],
    ["RIFF....WAVE", undefined], ["\x89PNG", undefined], ["<svg", undefined], ["", undefined],
  ];
  for (const [bytes, type] of cases) {
    it(`${JSON.stringify(bytes)} is ${type ?? "none that is known by its bytes"}`, () => {
      expect(kindByContent(Buffer.from(bytes, "latin1"))?.type).to.equal(type);
    });
  }

  const names: [string, string][] = [
    ["report.pdf", "report.pdf"], ["../../etc/passwd", "passwd"], ["C:\\secret\\a.txt", "a.txt"], ["\u202Etxt.exe", "txt.exe"], ["a\u0000\n.md", "a.md"],
    ["", "file"], ["..", "file"], ["/", "file"], [`${"x".repeat(300)}.md`, `${"x".repeat(197)}.md`],
  ];
  for (const [sent, plain] of names) {
    it(`${JSON.stringify(sent.slice(0, 30))} is shown as ${plain.slice(0, 30)}`, () => expect(plainFileName(sent)).to.equal(plain));
  }

  it("a name's ending says what is expected of the file", () => {
    expect(typeByName("A.JPG")).to.deep.equal({ extension: "jpg", type: "image/jpeg" });
    expect(typeByName("Makefile")).to.deep.equal({ extension: "", type: "text/plain" });
  });
});
