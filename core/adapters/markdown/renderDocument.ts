import createMarkdownIt, { type MarkdownIt } from "markdown-it";
import { escapeHtml } from "./renderMath";

/** A heading of a document, to be linked to. */
export interface DocumentHeading {
  readonly id: string;
  readonly text: string;
}

/** One of our own Markdown files as HTML. */
export interface DocumentHtml {
  /** Of its first heading, which is not in the HTML: the page has it. */
  readonly title: string;
  readonly html: string;
  /** The headings of the second level, in order; of the third where the file is one list of such. */
  readonly headings: readonly DocumentHeading[];
}

/**
 * Renders a file of the documentation for the pages: headings get the ids that their links use, wide tables scroll by
 * themselves, and no markup of its own gets through.
 * @param linkTo where a link of the file leads in the pages
 */
export function renderDocument(source: string, linkTo: (target: string) => string): DocumentHtml {
  const markdown = createMarkdownIt("default", { html: false, linkify: false, typographer: false });
  markdown.validateLink = (href) => /^(https?:|mailto:|[/#]|page:|[\w-]+\.md)/i.test(href);
  const found: { title: string; headings: DocumentHeading[]; below: DocumentHeading[]; tables: number } = { title: "", headings: [], below: [], tables: 0 };
  const env = {};
  // What is for the makers of the file alone.
  const tokens = markdown.parse(source.replace(/<!--[\s\S]*?-->\n*/g, ""), env);
  const slugs = new Set<string>();
  let current = "";
  const shown = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (!token) continue;
    if (token.type === "heading_open") {
      const text = plainText(tokens[at + 1]?.children ?? []);
      if (token.tag === "h1" && found.title === "") {
        found.title = text;
        at += 2;
        continue;
      }
      current = text;
      const id = slugOf(text, slugs);
      token.attrSet("id", id);
      if (token.tag === "h2") found.headings.push({ id, text });
      if (token.tag === "h3") found.below.push({ id, text });
    }
    if (token.type === "table_open") token.meta = { label: `Table ${(found.tables += 1)}: ${current || found.title}` };
    for (const child of token.children ?? []) {
      if (child.type === "link_open") child.attrSet("href", linkTo(String(child.attrGet("href") ?? "")));
    }
    shown.push(token);
  }
  addRules(markdown);
  return { title: found.title, headings: found.headings.length > 1 ? found.headings : found.below, html: markdown.renderer.render(shown, markdown.options, env) };
}

function addRules({ renderer: { rules } }: MarkdownIt): void {
  rules["table_open"] = (tokens, at) => {
    const { label } = (tokens[at]?.meta ?? { label: "Table" }) as { readonly label: string };
    return `<div class="document-table" role="region" aria-label="${escapeHtml(label)}" tabindex="0"><table>`;
  };
  rules["table_close"] = () => "</table></div>";
  // No style attributes: the pages' policy forbids them.
  rules["th_open"] = () => '<th scope="col">';
  rules["td_open"] = () => "<td>";
  rules["fence"] = (tokens, at) => `<pre tabindex="0"><code>${escapeHtml(tokens[at]?.content ?? "")}</code></pre>`;
}

interface Inline {
  readonly type: string;
  readonly content: string;
}

function plainText(children: readonly Inline[]): string {
  return children.filter(({ type }) => type === "text" || type === "code_inline").map(({ content }) => content).join("");
}

/** As hosts of Markdown make them, so that a link works there and here. */
function slugOf(text: string, taken: Set<string>): string {
  const slug = text.trim().toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-");
  let unique = slug;
  for (let count = 1; taken.has(unique); count += 1) unique = `${slug}-${count}`;
  taken.add(unique);
  return unique;
}
