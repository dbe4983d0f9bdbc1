import { createRequire } from "node:module";
import type * as O200k from "gpt-tokenizer/encoding/o200k_base";

/**
 * No run without a break weighs more when it is counted, a letter outside ASCII weighing four: the merging of one costs
 * the square of its bytes.
 */
const HEAVIEST_RUN = 128;
const WEIGHT_OUTSIDE_ASCII = 4;
/** Texts up to this many characters are counted in one go, longer ones in samples: up to 64 kB all of it, beyond that in part. */
const COUNTED_AT_ONCE = 8_192;
const SAMPLE_CHARACTERS = 2_048;
const SAMPLES = 32;
/** No more tokens than this are really counted: a nasty token costs 4 microseconds. */
const MOST_TOKENS = 8_000;
/** The encoding remembers this many pieces of text, so that it stays fast without growing. */
const REMEMBERED = 20_000;

const ORDINARY_TEXT = { disallowedSpecial: new Set<string>() };
const load = createRequire(__filename);
let encoding: typeof O200k | undefined;

/**
 * Loads the vocabulary (o200k_base), which takes about 0.15 s: the first count does it otherwise. Call it once the server
 * listens.
 */
export function loadTokenizer(): void {
  if (encoding) return;
  encoding = load("gpt-tokenizer/encoding/o200k_base") as typeof O200k;
  encoding.setMergeCacheSize(REMEMBERED);
}

/**
 * Counts tokens. The time is bounded whatever the text, some tens of milliseconds at worst, so that this may run on the
 * event loop: runs without a break are cut, and of a long text evenly spread samples are counted, as many as the bound
 * allows. It is the tokenizer of one family of models and a good measure for others.
 */
export function countTokens(text: string): number {
  return countTexts([text]);
}

/** Counts several texts as one, without joining them. */
export function countTexts(texts: readonly string[]): number {
  const total = texts.reduce((sum, text) => sum + text.length, 0);
  if (total <= COUNTED_AT_ONCE) return texts.reduce((sum, text) => sum + countWhole(text), 0);
  let counted = 0;
  let tokens = 0;
  for (const sample of spread(takeSamples(texts, total))) {
    for (const piece of sample) {
      tokens += countWhole(piece);
      counted += piece.length;
    }
    if (tokens >= MOST_TOKENS) break;
  }
  return Math.ceil((tokens * total) / counted);
}

/** Samples from beginning to end, each a list of pieces; they hold all of the texts where that is not too much. */
function takeSamples(texts: readonly string[], total: number): string[][] {
  const count = Math.min(SAMPLES, Math.ceil(total / SAMPLE_CHARACTERS));
  const stride = Math.max(SAMPLE_CHARACTERS, (total - SAMPLE_CHARACTERS) / (count - 1));
  const samples: string[][] = [];
  let which = 0;
  let begin = 0;
  for (let sample = 0; sample < count; sample += 1) {
    let place = Math.floor(sample * stride);
    const end = Math.min(total, place + SAMPLE_CHARACTERS);
    const pieces: string[] = [];
    while (place < end) {
      const text = texts[which] ?? "";
      if (begin + text.length <= place) {
        begin += text.length;
        which += 1;
        continue;
      }
      pieces.push(text.slice(place - begin, end - begin));
      place = Math.min(end, begin + text.length);
    }
    samples.push(pieces);
  }
  return samples;
}

/** The same in an order of which each beginning is spread over the whole: the bits of the place are reversed. */
function spread<T>(items: readonly T[]): T[] {
  const order = Array.from({ length: SAMPLES }, (_, at) => {
    let reversed = 0;
    for (let bit = 1; bit < SAMPLES; bit *= 2) reversed = reversed * 2 + (at & bit ? 1 : 0);
    return reversed;
  });
  return order.flatMap((at) => (at < items.length ? [items[at] as T] : []));
}

function countWhole(text: string): number {
  if (text === "") return 0;
  loadTokenizer();
  let tokens = 0;
  let from = 0;
  let weight = 0;
  let wasSpace: boolean | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const isSpace = isBlank(code);
    if (isSpace !== wasSpace) {
      wasSpace = isSpace;
      weight = 0;
    } else if (weight >= HEAVIEST_RUN && !isLowSurrogate(code)) {
      tokens += countPiece(text.slice(from, at));
      from = at;
      weight = 0;
    }
    weight += code < 128 ? 1 : WEIGHT_OUTSIDE_ASCII;
  }
  return tokens + countPiece(text.slice(from));
}

const countPiece = (text: string): number => encoding?.countTokens(text, ORDINARY_TEXT) ?? 0;
const isBlank = (code: number): boolean => code <= 32 || code === 0xa0 || code === 0x3000 || (code >= 0x2000 && code <= 0x200a);
const isLowSurrogate = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff;
