import { createRequire } from "node:module";
import type katex from "katex";

const load = createRequire(__filename);
let typesetter: typeof katex | undefined;

/** Loads the typesetter, which takes some 20 ms: the first formula does it otherwise. */
export function loadMath(): typeof katex {
  return (typesetter ??= load("katex") as typeof katex);
}

/** How much a formula may ask for: sizes in em, and macro expansions. */
const MOST_EM = 20;
const MOST_EXPANSIONS = 300;
/** Groups within groups: a formula of people has a handful, and the parser goes down one call for each. */
const DEEPEST = 60;
/** Wide matrices and long chains: beyond it the browser's layout is what would suffer. */
const MOST_MARKS = 1_500;

/**
 * A formula as MathML, which browsers lay out by themselves: no font, no style, no script. What is no formula stays as it
 * was written. `strict` is off because models write words with umlauts into formulas; `trust` is off because they also
 * could write links and pictures.
 */
export function renderMath(tex: string, display: boolean): string {
  if (depthOf(tex) > DEEPEST || (tex.match(/\\[a-zA-Z]+|[&^_]/g)?.length ?? 0) > MOST_MARKS) return mathSource(tex);
  try {
    const math = loadMath().renderToString(tex, { output: "mathml", displayMode: display, throwOnError: true, strict: false, trust: false, maxSize: MOST_EM, maxExpand: MOST_EXPANSIONS });
    return display ? `<span class="math-display" tabindex="0">${math}</span>` : math;
  } catch {
    return mathSource(tex);
  }
}

/** A formula as it was written. */
export function mathSource(tex: string): string {
  return `<code class="math-source">${escapeHtml(tex.trim())}</code>`;
}

function depthOf(tex: string): number {
  let depth = 0;
  let deepest = 0;
  for (const char of tex) {
    if (char === "{") deepest = Math.max(deepest, (depth += 1));
    else if (char === "}") depth -= 1;
  }
  return Math.max(deepest, tex.match(/\\(left|begin|sqrt|frac)\b/g)?.length ?? 0);
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (char) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[char] ?? "&quot;");
}
