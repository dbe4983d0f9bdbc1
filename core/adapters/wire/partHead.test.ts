import { expect } from "chai";
import { boundaryOf } from "./partHead";

describe("the boundary of a form", () => {
  const cases: [string, string | undefined][] = [
    ["multipart/form-data; boundary=abc", "abc"],
    ["Multipart/Form-Data;charset=utf-8; Boundary=\"a b'c\"", "a b'c"],
    ["multipart/form-data; boundary=----WebKitFormBoundaryA1", "----WebKitFormBoundaryA1"],
    [`multipart/form-data; boundary=${"x".repeat(70)}`, "x".repeat(70)],
    [`multipart/form-data; boundary=${"x".repeat(71)}`, undefined],
    ["multipart/form-data; boundary=", undefined],
    ['multipart/form-data; boundary=""', undefined],
    ["multipart/form-data", undefined],
    ["multipart/form-data; boundary=a; boundary=b", undefined],
    ["multipart/form-data; boundary=a; boundary*=utf-8''b", undefined],
    ['multipart/form-data; boundary="a ', undefined],
    ['multipart/form-data; boundary="a\\"b"', undefined],
    ["multipart/form-data; boundary=ä", undefined],
    ["multipart/mixed; boundary=a", undefined],
  ];
  for (const [type, boundary] of cases) it(`W62: of ${type.slice(0, 60)} is ${boundary?.slice(0, 30) ?? "none"}`, () => expect(boundaryOf(type)).to.equal(boundary));
});
