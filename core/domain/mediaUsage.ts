import type { ReportedUsage } from "./clampUsage";
import { countOf } from "./inputBound";
import type { Fields } from "./jsonFields";
import type { MediaOperation, Operation } from "./ledgerEntry";
import type { Price } from "./price";
import { NO_USAGE, type Usage } from "./usage";

/** A recording whose length cannot be read is held at so few bytes a second (12 kbit/s), which no recording of speech is below… */
const FEWEST_BYTES_PER_SECOND = 1_500;
/** …and charged at this many (64 kbit/s), where the upstream does not say how long it is (docs/rules.md C2). */
const USUAL_BYTES_PER_SECOND = 8_000;

/** Tokens of media, at most and as usual: of a second of sound and of the words in it, of a character spoken, of a picture. */
const MOST = { second: 40, words: 16, character: 4, image: 8_192, inputImage: 8_192, partialImage: 100 } as const;
const USUAL = { second: 10, words: 4, character: 1.5, image: 1_056, inputImage: 1_056 } as const;

/** What a media call asks for, as far as its request says. */
export interface MediaCall {
  readonly operation: MediaOperation;
  /** Milliseconds of the recording; undefined where its container does not say. */
  readonly measuredMs?: number;
  readonly recordingBytes: number;
  /** To be spoken. */
  readonly characters: number;
  /** Pictures asked for, and the partial ones on the way to them. */
  readonly images: number;
  readonly partialImages: number;
  readonly inputImages: number;
  /** Bytes that may be text. */
  readonly textBytes: number;
}

/** What was used, as raw as an upstream's report, and whether a part of it was estimated (docs/rules.md C2). */
export interface MediaUsage {
  readonly usage: ReportedUsage;
  readonly estimated: boolean;
}

const MEDIA: readonly Operation[] = ["transcriptions", "translations", "speech", "images"] satisfies MediaOperation[];

export function isMedia(operation: Operation): operation is MediaOperation {
  return MEDIA.includes(operation);
}

/** Reads the text fields of a media call. @param recording of the file that is to be transcribed */
export function mediaCallOf(
  operation: MediaOperation, fields: Fields, textBytes: number,
  files: { readonly count: number; readonly recordingBytes: number; readonly measuredMs?: number },
): MediaCall {
  const { input } = fields;
  const images = operation === "images" ? imagesAskedFor(fields) : 0;
  const { measuredMs, recordingBytes } = files;
  return {
    operation, textBytes, recordingBytes, images,
    ...(measuredMs === undefined ? {} : { measuredMs }),
    // As people count: what is beyond the basic plane is one.
    characters: operation === "speech" && typeof input === "string" ? charactersOf(input) : 0,
    partialImages: images * (countOf(fields["partial_images"]) ?? 0),
    inputImages: operation === "images" ? files.count : 0,
  };
}

/** Without a number that can be read: one. */
export function imagesAskedFor(fields: Fields): number {
  return Math.max(1, countOf(fields["n"]) ?? 1);
}

function charactersOf(text: string): number {
  let count = text.length;
  for (let at = 0; at < text.length - 1; at++) if (text.charCodeAt(at) >>> 10 === 0x36 && text.charCodeAt(at + 1) >>> 10 === 0x37) count--;
  return count;
}

/** H1: the most that a media call may use, in every unit that it may be paid by. */
export function mediaBound(call: MediaCall): Usage {
  const seconds = (call.measuredMs ?? (call.recordingBytes / FEWEST_BYTES_PER_SECOND) * 1_000) / 1_000;
  return {
    ...NO_USAGE,
    inputTokens: Math.ceil(call.textBytes + seconds * MOST.second + call.inputImages * MOST.inputImage),
    outputTokens: Math.ceil(seconds * MOST.words + call.characters * MOST.character + call.images * MOST.image + call.partialImages * MOST.partialImage),
    audioMs: Math.ceil(seconds * 1_000),
    images: call.images,
    characters: call.characters,
  };
}

/** True where the model has a rate for this kind of call, so that tokens nobody reported are not looked for (M3). */
function hasOwnRate(operation: MediaOperation, price: Price): boolean {
  if (operation === "speech") return price.perMillionCharactersNano !== undefined;
  return (operation === "images" ? price.perImageNano : price.audioPerHourNano) !== undefined;
}

/**
 * C1, C2, M3: what was used. What the upstream reported counts; the length of a recording is else what its file says; tokens that
 * nobody reported are estimated where the model is paid by them alone.
 * @param counted tokens by the tokenizer, asked for only where they are needed: of the text that was sent, and of what was written;
 *   `output` is missing where nothing of an answer was seen
 */
export function mediaUsage(
  call: MediaCall, price: Price, reported: ReportedUsage, counted: { readonly input: () => number; readonly output?: () => number },
): MediaUsage {
  const { operation, measuredMs, recordingBytes } = call;
  const audioMs = reported.audioMs ?? measuredMs ?? Math.ceil((recordingBytes / USUAL_BYTES_PER_SECOND) * 1_000);
  const usage = {
    ...reported,
    ...(recordingBytes > 0 ? { audioMs } : {}),
    ...(operation === "speech" ? { characters: call.characters } : {}),
    // An answer that was not read holds what was asked for.
    ...(operation === "images" ? { images: reported.images ?? (counted.output ? call.images : 0) } : {}),
  };
  const isGuessed = recordingBytes > 0 && reported.audioMs === undefined && measuredMs === undefined;
  const isPaidByTokens = price.inputPerMillionNano > 0n || price.outputPerMillionNano > 0n;
  if (hasOwnRate(operation, price) || !isPaidByTokens) return { usage, estimated: isGuessed };
  const seconds = typeof audioMs === "number" ? audioMs / 1_000 : 0;
  const inputTokens = reported.inputTokens ?? counted.input() + Math.ceil(seconds * USUAL.second) + call.inputImages * USUAL.inputImage;
  const outputTokens = reported.outputTokens ?? outputOf(call, usage.images, seconds, counted.output);
  const isEstimated = isGuessed || reported.inputTokens === undefined || reported.outputTokens === undefined;
  return { usage: { ...usage, inputTokens, outputTokens }, estimated: isEstimated };
}

function outputOf(call: MediaCall, images: unknown, seconds: number, countText: (() => number) | undefined): number {
  if (countText === undefined) return 0;
  if (call.operation === "speech") return Math.ceil(call.characters * USUAL.character);
  if (call.operation === "images") return (typeof images === "number" ? images : 0) * USUAL.image;
  return countText() || Math.ceil(seconds * USUAL.words);
}
