import { expect } from "chai";
import { renderDocument } from "./renderDocument";

describe("a document of ours", () => {
  const render = (source: string) => renderDocument(source, (target) => `/at/${target}`);

  it("has a title, headings that can be linked to, and links that lead into the pages", () => {
    const { title, headings, html } = render("# The `Title`\n\nSee [here](chat.md#x).\n\n## One & two\n\n### Below\n\n## One & two\n");
    expect(title).to.equal("The Title");
    expect(headings).to.deep.equal([{ id: "one--two", text: "One & two" }, { id: "one--two-1", text: "One & two" }]);
    expect(html).to.include('<a href="/at/chat.md#x">').and.to.include('<h2 id="one--two">').and.to.include('<h3 id="below">');
    expect(html).to.not.include("<h1");
  });

  it("lets no markup through, and no address of a script", () => {
    const { html } = render("<script>alert(1)</script>\n\n[x](javascript:alert(1)) <b>bold</b>\n\n```html\n<img src=x>\n```\n");
    expect(html).to.not.match(/<script|<b>|<img|href="javascript/);
  });

  it("puts tables into a region that scrolls by keyboard, each with a name of its own, and no style attribute", () => {
    const { html } = render("## Words\n\n| a | b |\n|---|--:|\n| 1 | `<x>` |\n\n| c |\n|---|\n| 2 |\n");
    expect([...html.matchAll(/aria-label="([^"]+)" tabindex="0"/g)].map(([, label]) => label)).to.deep.equal(["Table 1: Words", "Table 2: Words"]);
    expect(html).to.include("&lt;x&gt;");
    expect(html).to.not.include("style=");
  });

  it("leaves out comments for its makers", () => {
    expect(render("Text.\n\n<!-- written by a program -->\n\nMore.").html).to.not.include("written");
  });
});
