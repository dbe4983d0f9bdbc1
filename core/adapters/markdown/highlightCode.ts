import { createRequire } from "node:module";
import type { HLJSApi, LanguageFn } from "highlight.js";
import { escapeHtml } from "./renderMath";

/** Beside the common languages those of laboratories. */
const MORE = ["dockerfile", "fortran", "haskell", "julia", "latex", "matlab", "powershell"] as const;

const load = createRequire(__filename);
let highlighter: HLJSApi | undefined;

/** Loads the languages, which takes some 30 ms: the first block of code does it otherwise. */
export function loadHighlighter(): HLJSApi {
  if (highlighter) return highlighter;
  highlighter = load("highlight.js/lib/common") as HLJSApi;
  for (const name of MORE) highlighter.registerLanguage(name, load(`highlight.js/lib/languages/${name}`) as LanguageFn);
  return highlighter;
}

/** Colours beyond this many characters are not worth their time. */
const LONGEST = 40_000;
/** A line like this is data or minified: patterns go back and forth in it. */
const LONGEST_LINE = 2_000;

/** A block of code with a head (its language, a button that copies it); colours by classes alone. */
export function codeBlock(code: string, language: string): string {
  const known = language !== "" && loadHighlighter().getLanguage(language) !== undefined;
  const label = known ? nameOf(language) : language || "Text";
  return [
    `<div class="code-block"><div class="code-head"><span class="code-language">${escapeHtml(label)}</span>`,
    `<button type="button" class="code-copy" data-copy-code aria-label="Copy the code">Copy</button></div>`,
    `<pre tabindex="0"><code>${known ? coloured(code, language) : escapeHtml(code)}</code></pre></div>`,
  ].join("");
}

function coloured(code: string, language: string): string {
  if (code.length > LONGEST || code.split("\n").some((line) => line.length > LONGEST_LINE)) return escapeHtml(code);
  try {
    return loadHighlighter().highlight(code, { language, ignoreIllegals: true }).value;
  } catch {
    return escapeHtml(code);
  }
}

function nameOf(language: string): string {
  const name = loadHighlighter().getLanguage(language)?.name ?? language;
  return name.split(",", 1)[0] ?? language;
}
