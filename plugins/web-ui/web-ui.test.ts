import { expect } from "chai";
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
});
