const LONGEST_PIECE = 4;

const isSpace = (code: number): boolean => code <= 32 || code === 0xa0 || code === 0x3000;

const isWord = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95 ||
  (code >= 128 && !isSpace(code));

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;

/** Where the token that starts at `from` ends: the white space before a piece, and four letters of a word or one sign. */
function tokenEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text.charCodeAt(at))) at += 1;
  if (at === text.length) return at;
  if (!isWord(text.charCodeAt(at))) return at + 1;
  const limit = Math.min(text.length, at + LONGEST_PIECE);
  while (at < limit && isWord(text.charCodeAt(at))) at += 1;
  return at < text.length && isHighSurrogate(text.charCodeAt(at - 1)) ? at + 1 : at;
}

/** How many tokens the demo model sees in a text. The one count behind its usage, its limits and its answers. */
export function countDemoTokens(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at = tokenEnd(text, at)) count += 1;
  return count;
}

/** The text's first tokens, at most `limit`, and how many there are. */
export function takeDemoTokens(text: string, limit: number): { text: string; tokens: number; cut: boolean } {
  let tokens = 0;
  let at = 0;
  while (at < text.length && tokens < limit) {
    at = tokenEnd(text, at);
    tokens += 1;
  }
  return { text: text.slice(0, at), tokens, cut: at < text.length };
}

/** A text in words, each with the white space before it: the steps of a streamed answer. */
export function demoWords(text: string): string[] {
  const words: string[] = [];
  let start = 0;
  for (let at = tokenEnd(text, 0); start < text.length; at = tokenEnd(text, at)) {
    if (at === text.length || isSpace(text.charCodeAt(at))) {
      words.push(text.slice(start, at));
      start = at;
    }
  }
  return words;
}
