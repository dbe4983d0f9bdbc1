/**
 * Estimates tokens of a text that comes in pieces, at a few nanoseconds a character and without keeping any of it. The
 * weights were fitted to o200k_base over prose in a dozen languages, code and JSON, where it is mostly within 20 %.
 */
export class TokenEstimate {
  /** In hundredths of a token. */
  private hundredths = 0;
  /** `LETTER` behind a letter of ASCII, `OUTSIDE` else. */
  private before = OUTSIDE;

  /** Rounded up; 0 for no text. */
  get tokens(): number {
    return Math.ceil(this.hundredths / 100);
  }

  /** Of a long piece, parts are read that lie evenly in it. */
  add(text: string): void {
    if (text.length <= PARTS * PART) return this.read(text, 0, text.length);
    const soFar = this.hundredths;
    for (let i = 0; i < PARTS; i += 1) {
      const from = Math.floor((i * (text.length - PART)) / (PARTS - 1));
      this.read(text, from, from + PART);
    }
    this.hundredths = soFar + Math.round(((this.hundredths - soFar) * text.length) / (PARTS * PART));
  }

  private read(text: string, from: number, to: number): void {
    let { hundredths, before } = this;
    for (let at = from; at < to; at += 1) {
      const code = text.charCodeAt(at);
      if (code < 128) {
        const weight = WEIGHTS[before + code] as number;
        hundredths += weight & WEIGHT_BITS;
        before = weight & LETTER;
      } else {
        hundredths += code < 0x250 ? LATIN : code < 0x2e80 ? SCRIPT : IDEOGRAPH;
        before = OUTSIDE;
      }
    }
    this.hundredths = hundredths;
    this.before = before;
  }
}

/** In characters. */
const PART = 128;
const PARTS = 16;

// Hundredths of a token.
const WORD = 60;
const IN_WORD = 11;
const CAPITAL_IN_WORD = 50;
const SPACE = 5;
const DIGIT = 55;
const SIGN = 60;
const LATIN = 50;
const SCRIPT = 29;
const IDEOGRAPH = 75;

/** Where the weights of what stands outside of a word, and behind a letter, begin in the table. */
const OUTSIDE = 0;
const LETTER = 128;
const WEIGHT_BITS = 127;
/** Of ASCII, by what stands before it: the weight, and `LETTER` where it is one. A table, because this runs over every character of every answer. */
const WEIGHTS = Uint8Array.from({ length: 256 }, (_, at) => {
  const [before, code] = [at & LETTER, at & WEIGHT_BITS];
  const isCapital = code >= 65 && code <= 90;
  if (isCapital || (code >= 97 && code <= 122)) return LETTER | (before === OUTSIDE ? WORD : isCapital ? CAPITAL_IN_WORD : IN_WORD);
  if (code === 32) return SPACE;
  return code >= 48 && code <= 57 ? DIGIT : SIGN;
});

/** Estimates a text's tokens in one cheap pass. */
export function estimateTokens(text: string): number {
  const estimate = new TokenEstimate();
  estimate.add(text);
  return estimate.tokens;
}
