import createMarkdownIt, { type MarkdownIt } from "markdown-it";
import sanitizeHtml from "sanitize-html";
import { ALLOWED_HTML } from "./allowedHtml";
import { codeBlock } from "./highlightCode";
import { addMath } from "./mathRules";
import { escapeHtml } from "./renderMath";
import { addSafeLinks } from "./safeLinks";
import { splitBlocks } from "./splitBlocks";
import { createTextCache } from "./textCache";

/** A text beyond this many characters is shown as it was written: no answer of a model is near it. */
export const LONGEST_MARKDOWN = 200_000;
/** So is one of more parts than an answer has: 5,000 cells of a table, say. */
const MOST_TOKENS = 25_000;
const MOST_LINES = 8_000;
const DEEPEST = 24;
/** The first heading of a text: h1 is the page's, h2 says who speaks. */
const TOP_HEADING = 3;

const markdown = create();
const rendered = createTextCache(2_000_000);

/**
 * What a model or a person wrote, as HTML that may stand in a page: no markup of theirs, no picture, links of three kinds
 * that tell nobody where they were clicked, no style attribute. Never throws, and its work is bounded by the text's length.
 * Blocks are remembered: an answer that was streamed costs nothing when it is shown whole.
 */
export function renderMarkdown(text: string): string {
  if (isTooLong(text)) return plain(text);
  const top = topHeadingOf(text);
  // Links by reference look for their target in the whole text.
  if (/^ {0,3}\[[^\]\n]+\]:/m.test(text)) return renderBlock(text, top);
  const { settled, tail } = splitBlocks(text);
  return [...settled, tail].map((block) => renderBlock(block, top)).join("");
}

/** The end of a text that is still being written: as `renderBlock`, but not worth to be remembered. */
export function renderTail(tail: string, top: number): string {
  if (tail.trim() === "") return "";
  return isTooLong(tail) ? plain(tail) : renderAnew(tail, top);
}

/** One block of a text. @param top the highest level of heading in that text, 1 to 6 */
export function renderBlock(block: string, top: number): string {
  if (block.trim() === "") return "";
  if (isTooLong(block)) return plain(block);
  const key = `${top}${block}`;
  const known = rendered.get(key);
  if (known !== undefined) return known;
  const html = renderAnew(block, top);
  rendered.set(key, html);
  return html;
}

/** The highest level of heading that a text uses: it becomes the one below those of the page. */
export function topHeadingOf(text: string): number {
  let top = 6;
  for (const [, marks = ""] of text.matchAll(/^(#{1,6})\s/gm)) top = Math.min(top, marks.length);
  return top;
}

function renderAnew(block: string, top: number): string {
  try {
    const env = { top };
    const tokens = markdown.parse(block, env);
    if (tokens.length > MOST_TOKENS) return plain(block);
    return sanitizeHtml(markdown.renderer.render(tokens, markdown.options, env), ALLOWED_HTML);
  } catch {
    return plain(block);
  }
}

function isTooLong(text: string): boolean {
  if (text.length > LONGEST_MARKDOWN) return true;
  let lines = 0;
  for (let at = text.indexOf("\n"); at >= 0 && lines <= MOST_LINES; at = text.indexOf("\n", at + 1)) lines += 1;
  return lines > MOST_LINES;
}

function plain(text: string): string {
  return `<pre tabindex="0">${escapeHtml(text)}</pre>`;
}

function create(): MarkdownIt {
  const made = new createMarkdownIt("default", { html: false, linkify: true, typographer: false, breaks: false, maxNesting: DEEPEST });
  // `notes.py` is a file, not a host in Paraguay.
  made.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
  made.validateLink = (href) => /^(https?:\/\/|mailto:)/i.test(href);
  addMath(made);
  addSafeLinks(made);
  addHeadings(made);
  const { rules } = made.renderer;
  rules["fence"] = (tokens, at) => codeBlock(tokens[at]?.content ?? "", languageOf(tokens[at]?.info ?? ""));
  rules["code_block"] = (tokens, at) => codeBlock(tokens[at]?.content ?? "", "");
  rules["table_open"] = () => '<div class="table-box" role="group" aria-label="Table" tabindex="0"><table>';
  rules["table_close"] = () => "</table></div>";
  rules["th_open"] = (tokens, at) => `<th${alignment(tokens[at]?.attrGet("style"))}>`;
  rules["td_open"] = (tokens, at) => `<td${alignment(tokens[at]?.attrGet("style"))}>`;
  return made;
}

function languageOf(info: string): string {
  return /^[\w+#.-]{1,30}/.exec(info.trim())?.[0].toLowerCase() ?? "";
}

function alignment(style: string | number | null | undefined): string {
  const side = /text-align:(right|center)/.exec(String(style ?? ""))?.[1];
  return side ? ` class="align-${side}"` : "";
}

/** Puts a text's headings below the page's own: where `##` is the highest, it becomes h3 and `###` h4. */
function addHeadings(made: MarkdownIt): void {
  made.core.ruler.push("headings", ({ tokens, env }) => {
    const { top } = env as { readonly top: number };
    for (const token of tokens) {
      if (token.type !== "heading_open" && token.type !== "heading_close") continue;
      token.tag = `h${Math.max(TOP_HEADING, Math.min(6, TOP_HEADING + Number(token.tag.slice(1)) - top))}`;
    }
  });
}
