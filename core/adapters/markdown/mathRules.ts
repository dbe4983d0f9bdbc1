import type { MarkdownIt } from "markdown-it";
import { mathSource, renderMath } from "./renderMath";

/** A formula is at most so many characters: what is longer is shown as it was written, and the search for its end stays short. */
const LONGEST = 4_000;
/** Of one text: formulas, and marks that turned out to begin none. */
const MOST_FORMULAS = 1_000;
const MOST_MISSES = 3_000;
/** All formulas of one text together, as MathML. */
const MOST_OUTPUT = 400_000;
/** `$10, or US$`: an amount and words. */
const PRICE = /^\d[\d.,]*[,;]?\s+[a-z]{2,}/i;
const DOLLAR = 0x24;
const BACKSLASH = 0x5c;

interface Found {
  readonly tex: string;
  readonly display: boolean;
  /** Of its closing mark. */
  readonly end: number;
}

/** Teaches markdown-it `$…$`, `$$…$$`, `\(…\)` and `\[…\]`, within a line of text and as blocks of their own. */
export function addMath(markdown: MarkdownIt): void {
  markdown.inline.ruler.before("escape", "math", (state, silent) => {
    const char = state.src.charCodeAt(state.pos);
    if (char !== DOLLAR && char !== BACKSLASH) return false;
    const env = state.env as { misses?: number; formulas?: number };
    if ((env.misses ?? 0) > MOST_MISSES || (env.formulas ?? 0) > MOST_FORMULAS) return false;
    const found = formulaAt(state.src, state.pos, state.posMax);
    if (!found) {
      env.misses = (env.misses ?? 0) + 1;
      return false;
    }
    env.formulas = (env.formulas ?? 0) + 1;
    if (!silent) {
      const token = state.push("math", "", 0);
      token.content = found.tex;
      token.meta = { display: found.display };
    }
    state.pos = found.end;
    return true;
  });
  markdown.block.ruler.before("fence", "math_block", (state, startLine, endLine, silent) => {
    const start = (state.bMarks[startLine] ?? 0) + (state.tShift[startLine] ?? 0);
    const mark = state.src.slice(start, start + 2);
    if ((mark !== "$$" && mark !== "\\[") || state.sCount[startLine]! - state.blkIndent >= 4) return false;
    const close = mark === "$$" ? "$$" : "\\]";
    const lines: string[] = [];
    for (let line = startLine; line < endLine; line += 1) {
      const text = state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line]);
      const body = line === startLine ? text.slice(2) : text;
      const at = body.indexOf(close);
      if (at < 0) {
        lines.push(body);
        if (body.length > LONGEST || lines.length > 200 || (state.sCount[line] ?? 0) < state.blkIndent) return false;
        continue;
      }
      // Words after the end belong to a paragraph, which knows formulas too.
      if (body.slice(at + 2).trim() !== "") return false;
      if (silent) return true;
      lines.push(body.slice(0, at));
      state.line = line + 1;
      const token = state.push("math", "", 0);
      token.block = true;
      token.content = lines.join("\n");
      token.meta = { display: true };
      token.map = [startLine, state.line];
      return true;
    }
    return false;
  }, { alt: ["paragraph", "blockquote", "list"] });
  markdown.renderer.rules["math"] = (tokens, at, _options, env) => {
    const token = tokens[at];
    const spent = env as { mathOutput?: number };
    if (!token) return "";
    if ((spent.mathOutput ?? 0) > MOST_OUTPUT) return mathSource(token.content);
    const html = renderMath(token.content, (token.meta as { display: boolean }).display);
    spent.mathOutput = (spent.mathOutput ?? 0) + html.length;
    return html;
  };
}

/** The formula that begins here, if one does. */
function formulaAt(text: string, at: number, max: number): Found | undefined {
  const first = text.charCodeAt(at);
  if (first === BACKSLASH) {
    const next = text[at + 1];
    if (next !== "(" && next !== "[") return undefined;
    const end = text.slice(at + 2, Math.min(max, at + 2 + LONGEST)).indexOf(next === "(" ? "\\)" : "\\]");
    return end <= 0 ? undefined : { tex: text.slice(at + 2, at + 2 + end), display: next === "[", end: at + 4 + end };
  }
  if (first !== DOLLAR) return undefined;
  if (text[at + 1] === "$") {
    const end = text.slice(at + 2, Math.min(max, at + 2 + LONGEST)).indexOf("$$");
    return end <= 0 ? undefined : { tex: text.slice(at + 2, at + 2 + end), display: true, end: at + 4 + end };
  }
  return dollarFormula(text, at, max);
}

/** `$x$`, but neither "$5 and $10" nor "US$ 3": no blank inside the marks, no digit after them. */
function dollarFormula(text: string, at: number, max: number): Found | undefined {
  if (at + 1 >= max || /\s/.test(text[at + 1] ?? " ")) return undefined;
  const limit = Math.min(max, at + 1 + LONGEST);
  let end = at + 1;
  while (end < limit && text.charCodeAt(end) !== DOLLAR) end += text.charCodeAt(end) === BACKSLASH ? 2 : 1;
  if (end >= limit || /\s/.test(text[end - 1] ?? " ") || /[\d$]/.test(text[end + 1] ?? "")) return undefined;
  const tex = text.slice(at + 1, end);
  return PRICE.test(tex) ? undefined : { tex, display: false, end: end + 1 };
}
