/**
 * Estimates tokens of a text that comes in pieces, at a few nanoseconds a character and without keeping any of it. The
 * weights were fitted to o200k_base over prose in a dozen languages, code and JSON, where it is mostly within 20 %.
 */
export class TokenEstimate {
  private sum = 0;
  private inWord = false;

  /** Rounded up; 0 for no text. */
  get tokens(): number {
    return Math.ceil(this.sum);
  }

  add(text: string): void {
    let { sum, inWord } = this;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      const isCapital = code >= 65 && code <= 90;
      const isLetter = isCapital || (code >= 97 && code <= 122);
      if (isLetter) sum += !inWord ? WORD : isCapital ? CAPITAL_IN_WORD : IN_WORD;
      else if (code === 32) sum += SPACE;
      else if (code < 128) sum += code >= 48 && code <= 57 ? DIGIT : SIGN;
      else sum += code < 0x250 ? LATIN : code < 0x2e80 ? SCRIPT : IDEOGRAPH;
      inWord = isLetter;
    }
    this.sum = sum;
    this.inWord = inWord;
  }
}

const WORD = 0.6;
const IN_WORD = 0.11;
const CAPITAL_IN_WORD = 0.5;
const SPACE = 0.05;
const DIGIT = 0.55;
const SIGN = 0.6;
const LATIN = 0.5;
const SCRIPT = 0.29;
const IDEOGRAPH = 0.75;

/** Estimates a text's tokens in one cheap pass. */
export function estimateTokens(text: string): number {
  const estimate = new TokenEstimate();
  estimate.add(text);
  return estimate.tokens;
}
