import { fieldsOf, listOf, type Fields } from "./jsonFields";
import { hasOutput, type Operation } from "./ledgerEntry";

/** Tokens that a chat template adds around one message, beyond the text itself (docs/rules.md H1). */
export const MESSAGE_ALLOWANCE = 8;
/** Tokens added around the description of one tool (H1). */
export const TOOL_ALLOWANCE = 64;
/** Tokens of an image, and the least of any other media part (H1). */
export const MEDIA_ALLOWANCE = 2_000;
/** An inline recording counts one token for this many characters of base64, where that is more: 16 kbit/s at 40 tokens a second. */
export const RECORDING_CHARACTERS_PER_TOKEN = 64;

/** Where a media part keeps its content, by its `type`. Whatever is not listed is counted as text. */
const MEDIA: Readonly<Record<string, { readonly kind: "image" | "recording"; readonly path: readonly string[] }>> = {
  image_url: { kind: "image", path: ["image_url", "url"] },
  input_image: { kind: "image", path: ["image_url"] },
  image: { kind: "image", path: ["source", "data"] },
  input_audio: { kind: "recording", path: ["input_audio", "data"] },
  audio_url: { kind: "recording", path: ["audio_url", "url"] },
  video_url: { kind: "recording", path: ["video_url", "url"] },
};

function textAt(part: Fields, path: readonly string[]): string {
  let value: unknown = part;
  for (const name of path) value = typeof value === "string" ? value : fieldsOf(value)?.[name];
  return typeof value === "string" ? value : "";
}

const BASE64_SAMPLE = /^[A-Za-z0-9+/_=-]*$/;

/** The characters of inline content that are no text: 0 for a link, and for whatever is no base64 at its head. */
function inlineLength(content: string, isBare: boolean): number {
  if (content.startsWith("data:")) return content.length;
  return isBare && BASE64_SAMPLE.test(content.slice(0, 256)) ? content.length : 0;
}

/** What one content part adds to (or, for its inline bytes, takes from) a bound that counted every byte of the body. */
function partAdjustment(value: unknown): number {
  const part = fieldsOf(value);
  const type = part?.["type"];
  if (!part || typeof type !== "string" || !Object.hasOwn(MEDIA, type)) return 0;
  const media = MEDIA[type];
  if (!media) return 0;
  const isBare = media.path[media.path.length - 1] === "data";
  const inline = inlineLength(textAt(part, media.path), isBare);
  const tokens =
    media.kind === "image" ? MEDIA_ALLOWANCE : Math.max(MEDIA_ALLOWANCE, Math.ceil(inline / RECORDING_CHARACTERS_PER_TOKEN));
  return tokens - inline;
}

/**
 * H1: an upper bound of a call's input tokens, without a tokenizer: no token is shorter than a byte. It is the bytes of the
 * body, plus allowances for each message, tool and media part, less the inline bytes of images and recordings, which are no text. A body
 * that escapes more than it must only makes the bound larger.
 * @param textBytes the length of the body as received
 */
export function inputBound(body: unknown, textBytes: number): number {
  const fields = fieldsOf(body);
  if (!fields) return textBytes;
  let bound = textBytes;
  for (const value of listOf(fields["messages"])) {
    bound += MESSAGE_ALLOWANCE;
    for (const part of listOf(fieldsOf(value)?.["content"])) bound += partAdjustment(part);
  }
  bound += TOOL_ALLOWANCE * (listOf(fields["tools"]).length + listOf(fields["functions"]).length);
  return Math.max(0, bound);
}

/** A count as lenient servers read it: a number, or a number in a string. Undefined where it is neither, or below 0. */
function countOf(value: unknown): number | undefined {
  const count = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof count !== "number" || !(count >= 0) || count === Infinity) return undefined;
  return Math.min(Math.ceil(count), Number.MAX_SAFE_INTEGER);
}

export interface RequestedOutput {
  /** The limit of one choice; undefined: none was asked for. */
  readonly limit?: number;
  /** How many answers may be produced, each up to the limit: `n` or `best_of`, for each prompt of a list. */
  readonly choices: number;
}

/** How many prompts a completions body holds: a list of texts or of token lists is one answer for each. */
function promptsOf(fields: Fields): number {
  const prompts = listOf(fields["prompt"]);
  return typeof prompts[0] === "string" || Array.isArray(prompts[0]) ? prompts.length : 1;
}

/** H1: how much output a body asks for. What only reads its input (embeddings, moderations, rerank) has none. */
export function requestedOutput(body: unknown, operation: Operation = "chat"): RequestedOutput {
  if (!hasOutput(operation)) return { limit: 0, choices: 1 };
  const fields = fieldsOf(body) ?? {};
  const limit = countOf(fields["max_completion_tokens"] ?? fields["max_tokens"]);
  const perPrompt = Math.max(1, countOf(fields["n"]) ?? 1, countOf(fields["best_of"]) ?? 1);
  return { limit, choices: Math.min(perPrompt * promptsOf(fields), Number.MAX_SAFE_INTEGER) };
}
