import { expect } from "chai";
import type { IncomingMessage } from "node:http";
import { visitorToken } from "./csrf";
import { attachment } from "./pageAnswers";
import { ROUTES } from "./routes";
import { ownPath } from "./origin";

describe("the pages", () => {
  it("have each address once", () => {
    const addresses = ROUTES.map(({ method, path }) => `${method} ${path}`);
    expect(addresses).to.deep.equal([...new Set(addresses)]);
  });

  it("are sent nowhere else after a sign-in", () => {
    for (const bad of ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "", null, "/\t/evil.example", "\\\\evil"]) {
      expect(ownPath(bad), String(bad)).to.equal("/");
    }
    expect(ownPath("/profile?keys-sort=-coins#keys")).to.equal("/profile?keys-sort=-coins#keys");
  });

  it("take a visitor's token only in the shape in which they make it: it stands within JSON in an attribute", () => {
    const tokenOf = (value: string) => visitorToken({ req: { headers: { cookie: `lumen_visitor=${encodeURIComponent(value)}` } } as IncomingMessage });
    expect(tokenOf("a-Z_0".padEnd(32, "x"))).to.equal("a-Z_0".padEnd(32, "x"));
    for (const bad of ['", "x-other": "'.padEnd(32, "x"), "short", "x".repeat(33), ""]) expect(tokenOf(bad), bad).to.equal(undefined);
  });

  it("name a file whatever its title is cut to, without a way into other headers", () => {
    expect(attachment(`${"a".repeat(3)}\ud83d.md`)).to.equal("attachment; filename=\"aaa_.md\"; filename*=UTF-8''aaa%EF%BF%BD.md");
    expect(attachment('a"\r\nset-cookie: x=1')).to.match(/^[\x20-\x7e]+$/).and.not.contain('a"');
  });
});
