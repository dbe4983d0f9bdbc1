/** A text that is still being written. */
export interface SplitText {
  /** Blocks that no further word can change: rendered once. */
  readonly settled: readonly string[];
  /** What is still open: rendered again with each word. */
  readonly tail: string;
}

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const LIST_ITEM = /^ {0,3}([-*+]|\d{1,9}[.)])(\s|$)/;

/**
 * Divides Markdown at the blank lines between top-level blocks. A block ends where, after a blank line, a line begins at the
 * margin that is no further item of the same list; code ends with its fence. Links by reference may miss their target until
 * the whole text is rendered at its end.
 */
export function splitBlocks(text: string): SplitText {
  const settled: string[] = [];
  let start = 0;
  let at = 0;
  let fence: string | undefined;
  let inMath: string | undefined;
  let inList = false;
  let isBlank = true;
  while (at < text.length) {
    const lineEnd = text.indexOf("\n", at);
    // The last line may still grow: what it is cannot be said.
    if (lineEnd < 0) break;
    const line = text.slice(at, lineEnd);
    const next = lineEnd + 1;
    if (fence !== undefined) {
      if (closes(line, fence)) {
        fence = undefined;
        if (!inList) {
          settled.push(text.slice(start, next));
          start = next;
        }
      }
      isBlank = false;
    } else if (inMath !== undefined) {
      if (line.includes(inMath)) inMath = undefined;
      isBlank = false;
    } else if (line.trim() === "") {
      isBlank = true;
    } else {
      const isItem = LIST_ITEM.test(line);
      const startsBlock = isBlank && !/^\s/.test(line) && !(inList && isItem);
      if (startsBlock && at > start) {
        settled.push(text.slice(start, at));
        start = at;
      }
      if (startsBlock) inList = isItem;
      fence = FENCE.exec(line)?.[1] ?? (inList ? /^\s+(`{3,}|~{3,})/.exec(line)?.[1] : undefined);
      inMath = mathOpenedBy(line.trim());
      isBlank = false;
    }
    at = next;
  }
  return { settled: settled.filter((block) => block.trim() !== ""), tail: text.slice(start) };
}

function closes(line: string, fence: string): boolean {
  const bare = line.trim();
  return bare.length >= fence.length && bare === (fence[0] ?? "").repeat(bare.length);
}

function mathOpenedBy(line: string): string | undefined {
  if (line.startsWith("$$")) return line.includes("$$", 2) ? undefined : "$$";
  if (line.startsWith("\\[")) return line.includes("\\]") ? undefined : "\\]";
  return undefined;
}
