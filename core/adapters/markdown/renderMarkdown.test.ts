import { expect } from "chai";
import { renderMarkdown } from "./renderMarkdown";

const repeated = (text: string) => text.repeat(Math.ceil(60_000 / text.length)).slice(0, 60_000);

describe("Markdown of models and people", () => {
  it("becomes headings below the page's own, lists, tables in a box that scrolls, and boxes of tasks", () => {
    expect(renderMarkdown("## A\n\n### B\n\n## C")).to.equal("<h3>A</h3>\n<h4>B</h4>\n<h3>C</h3>\n");
    expect(renderMarkdown("- [ ] a\n- [x] b")).to.contain("<li>☐ a</li>").and.to.contain("<li>☑ b</li>");
    const table = renderMarkdown("|a|b|\n|-|-:|\n|1|2|");
    expect(table).to.contain('<div class="table-box" role="group" aria-label="Table" tabindex="0"><table>').and.to.contain('<td class="align-right">2</td>');
  });

  it("has code with its language, a button that copies, and colours by classes", () => {
    const html = renderMarkdown("```python\nimport os\nclass A(B): pass\n```");
    expect(html).to.contain('<span class="code-language">Python</span>').and.to.contain("data-copy-code").and.to.contain('<span class="hljs-keyword">import</span>');
    expect(renderMarkdown("```\n<b>\n```")).to.contain("&lt;b&gt;");
    expect(renderMarkdown('```"><script>\nx\n```')).not.to.contain("<script");
  });

  it("has formulas as MathML, in each of the four ways to write one, and leaves prices alone", () => {
    for (const text of ["$x^2$", "\\(x^2\\)", "$$x^2$$", "\\[x^2\\]", "$$\nx^2\n$$", "a $$x^2$$ b"]) expect(renderMarkdown(text), text).to.contain("<msup><mi>x</mi><mn>2</mn></msup>");
    expect(renderMarkdown("It costs $5 and $10, or US$ 3 and 4$.")).to.equal("<p>It costs $5 and $10, or US$ 3 and 4$.</p>\n");
    expect(renderMarkdown("`$x$`")).to.equal("<p><code>$x$</code></p>\n");
    expect(renderMarkdown("$Größe$")).to.contain("<math");
    expect(renderMarkdown("$\\frac{$")).to.equal('<p><code class="math-source">\\frac{</code></p>\n');
  });

  it("has links of three kinds, which tell nobody where they were clicked", () => {
    expect(renderMarkdown("[a](https://a.example)")).to.equal('<p><a href="https://a.example" rel="noopener noreferrer nofollow" target="_blank">a</a></p>\n');
    expect(renderMarkdown("[a](mailto:a@b.c)")).to.contain('href="mailto:a@b.c"');
    for (const target of ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "/sign-out", "//evil.example", "&#x6a;avascript:alert(1)", "java\tscript:x"]) {
      expect(renderMarkdown(`[a](${target})`), target).not.to.contain("<a");
    }
    expect(renderMarkdown("see notes.py and www.example.com")).not.to.contain("<a");
  });

  it("never has a picture: its description is a link to it", () => {
    expect(renderMarkdown("![a cat](https://evil.example/x.png)")).to.equal('<p><a href="https://evil.example/x.png" rel="noopener noreferrer nofollow" target="_blank">a cat</a></p>\n');
    expect(renderMarkdown("[![i](http://a.example/b)](http://c.example)")).to.equal('<p><a href="http://c.example" rel="noopener noreferrer nofollow" target="_blank">i</a></p>\n');
    expect(renderMarkdown("![x](data:image/png;base64,AAAA) ![y][r]\n\n[r]: http://a.example/y.png")).not.to.contain("<img");
  });

  it("lets no markup through", () => {
    const hostile = [
      "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "<iframe src=//evil.example>", "<style>*{}</style>", "<b style='x'>",
      "$\\href{javascript:alert(1)}{x}$", "$\\htmlStyle{color:red}{x}$", "$\\includegraphics{http://evil.example/x.png}$", "$\\url{http://evil.example}$", "$\\text{<img src=x onerror=alert(1)>}$",
      "$</math><img src=x>$", "`<img src=x>`", '[a](http://a.example/"onclick="x)', '[a](http://a.example "\\"onclick=x")', "<http://a.example/<script>>", "<!--><img src=x>-->",
    ];
    for (const text of hostile) {
      const html = renderMarkdown(text);
      expect(html, text).not.to.match(/<(script|img|svg|iframe|style|b |link|object|form|input)/i);
      expect(html, text).not.to.match(/<[^>]+\s(on\w+|style|src)\s*=/i);
    }
  });

  it("has no style attribute, whatever the formula", () => {
    for (const tex of ["\\textcolor{red}{x}", "\\begin{cases}a&b\\\\c&d\\end{cases}", "\\begin{array}{|c|c|}\\hline a&b\\\\\\hline\\end{array}", "\\boxed{x}", "\\cancel{x}", "\\rule{9999em}{9999em}", "\\sqrt[3]{x}", "\\underbrace{x}_{y}", "\\begin{align}a&=b\\\\c&=d\\end{align}", "\\colorbox{red}{x}", "\\tag{1}x", "\\hspace{9em}", "\\raisebox{1em}{x}"]) {
      expect(renderMarkdown(`$$${tex}$$`), tex).to.contain("<math").and.not.to.match(/\sstyle=/);
    }
  });

  it("stays within its time, whatever the text", () => {
    const texts = [
      "$", "$a ", "$a$ ", "\\(", "\\[", "$$\n", "[", "![", "a](", "*a **b ", "_a__b", `${"> ".repeat(100)}\n`, ">", "` `` ", "~~a ", "http://", "<a ", "&a", "|x\n", "[a]: b\n", "```\n", "# a\n", "1. a\n\n", "| a |\n|-|\n",
    ].map(repeated);
    texts.push(
      Array.from({ length: 440 }, (_, at) => `${" ".repeat(at * 2)}- a`).join("\n"),
      Array.from({ length: 600 }, (_, at) => "`".repeat(at)).join(" a "),
      `|a|b|\n|-|-|\n${"|x\n".repeat(60_000)}`,
      `${"- ".repeat(1_000)}a`, `${"> ".repeat(1_000)}a`, `$${"{".repeat(1_900)}x${"}".repeat(1_900)}$`, `$${"\\sqrt".repeat(700)}x$`,
      "$$\\def\\a#1{#1#1#1#1}\\a{\\a{\\a{\\a{\\a{\\a{\\a{x}}}}}}}$$", "$\\def\\a{\\a\\a}\\a$", "$\\def\\a#1{#1#1#1#1}\\a{\\a{\\a{x}}}$ ".repeat(4_000),
      "```python\ndef f(): '''", `\`\`\`js\n${"((".repeat(50_000)}`, "x".repeat(1_000_000), "$".repeat(1_000_000),
    );
    for (const text of texts) {
      const began = performance.now();
      renderMarkdown(text);
      expect(performance.now() - began, JSON.stringify(text.slice(0, 40))).to.be.lessThan(3_000);
    }
  }).timeout(60_000);

  it("shows what is too long as it was written", () => {
    expect(renderMarkdown(`<b>${"x".repeat(1_000_000)}`).slice(0, 40)).to.match(/^<pre tabindex="0">&lt;b&gt;xxx/);
  });
});
