import highlighter from "highlight.js/lib/common";
import type { LanguageFn } from "highlight.js";
import { escapeHtml } from "./renderMath";
import dockerfile from "highlight.js/lib/languages/dockerfile";
import fortran from "highlight.js/lib/languages/fortran";
import haskell from "highlight.js/lib/languages/haskell";
import julia from "highlight.js/lib/languages/julia";
import latex from "highlight.js/lib/languages/latex";
import matlab from "highlight.js/lib/languages/matlab";
import powershell from "highlight.js/lib/languages/powershell";

/** Beside the common languages those of laboratories. */
const MORE: Readonly<Record<string, LanguageFn>> = { dockerfile, fortran, haskell, julia, latex, matlab, powershell };
for (const [name, language] of Object.entries(MORE)) highlighter.registerLanguage(name, language);

/** Colours beyond this many characters are not worth their time. */
const LONGEST = 40_000;
/** A line like this is data or minified: patterns go back and forth in it. */
const LONGEST_LINE = 2_000;

/** A block of code with a head (its language, a button that copies it); colours by classes alone. */
export function codeBlock(code: string, language: string): string {
  const known = language !== "" && highlighter.getLanguage(language) !== undefined;
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
    return highlighter.highlight(code, { language, ignoreIllegals: true }).value;
  } catch {
    return escapeHtml(code);
  }
}

function nameOf(language: string): string {
  const name = highlighter.getLanguage(language)?.name ?? language;
  return name.split(",", 1)[0] ?? language;
}
