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
  if (!part || typeof type !== "string") return 0;
  // What a tool gave back may hold images, too.
  if (type === "tool_result") return partsAdjustment(part["content"]);
  if (!Object.hasOwn(MEDIA, type)) return 0;
  const media = MEDIA[type];
  if (!media) return 0;
  const isBare = media.path[media.path.length - 1] === "data";
  const inline = inlineLength(textAt(part, media.path), isBare);
  const tokens =
    media.kind === "image" ? MEDIA_ALLOWANCE : Math.max(MEDIA_ALLOWANCE, Math.ceil(inline / RECORDING_CHARACTERS_PER_TOKEN));
  return tokens - inline;
}

function partsAdjustment(content: unknown): number {
  let sum = 0;
  for (const part of listOf(content)) sum += partAdjustment(part);
  return sum;
}

/** What an item of `input` adds: a message, the output of a tool, or (moderations) a part by itself. Texts and token ids add nothing. */
function itemAdjustment(value: unknown): number {
  const item = fieldsOf(value);
  return item ? MESSAGE_ALLOWANCE + partAdjustment(item) + partsAdjustment(item["content"]) + partsAdjustment(item["output"]) : 0;
}

/** A reranker reads the query once more with each document. */
function pairsAdjustment(fields: Fields): number {
  const query = fields["query"];
  const pairs = listOf(fields["documents"]).length;
  const queryBytes = typeof query === "string" ? query.length * MOST_BYTES_PER_UNIT : 0;
  return pairs * (queryBytes + MESSAGE_ALLOWANCE);
}

/** Bytes of UTF-8 for one unit of UTF-16, at most. */
const MOST_BYTES_PER_UNIT = 3;

/**
 * H1: an upper bound of a call's input tokens, without a tokenizer: no token is shorter than a byte. It is the bytes of the
 * body, plus allowances for each message, tool and media part, less the inline bytes of images and recordings, which are no text. A body
 * that escapes more than it must only makes the bound larger. In rerank the query counts once for each document.
 * @param textBytes the length of the body as received
 */
export function inputBound(body: unknown, textBytes: number, operation: Operation = "chat"): number {
  const fields = fieldsOf(body);
  if (!fields) return textBytes;
  let bound = textBytes;
  for (const value of listOf(fields["messages"])) {
    bound += MESSAGE_ALLOWANCE + partsAdjustment(fieldsOf(value)?.["content"]);
  }
  for (const item of listOf(fields["input"])) bound += itemAdjustment(item);
  if (operation === "rerank") bound += pairsAdjustment(fields);
  bound += TOOL_ALLOWANCE * (listOf(fields["tools"]).length + listOf(fields["functions"]).length);
  return Math.max(0, bound);
}

/** A count as lenient servers read it: a number, or a number in a string. Undefined where it is neither, or below 0. */
export function countOf(value: unknown): number | undefined {
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

const CHAT_LIMITS = ["max_completion_tokens", "max_tokens"] as const;

/** The names under which a body limits its output; the first that is set holds. */
const LIMITS: Readonly<Partial<Record<Operation, readonly string[]>>> = { responses: ["max_output_tokens"], messages: ["max_tokens"] };

/** H1: how much output a body asks for. What only reads its input (embeddings, moderations, rerank) has none. */
export function requestedOutput(body: unknown, operation: Operation = "chat"): RequestedOutput {
  if (!hasOutput(operation)) return { limit: 0, choices: 1 };
  const fields = fieldsOf(body) ?? {};
  const own = LIMITS[operation];
  if (own) return { limit: countOf(firstSet(fields, own)), choices: 1 };
  const limit = countOf(firstSet(fields, CHAT_LIMITS));
  const perPrompt = Math.max(1, countOf(fields["n"]) ?? 1, countOf(fields["best_of"]) ?? 1);
  return { limit, choices: Math.min(perPrompt * promptsOf(fields), Number.MAX_SAFE_INTEGER) };
}

function firstSet(fields: Fields, names: readonly string[]): unknown {
  for (const name of names) if (fields[name] !== undefined && fields[name] !== null) return fields[name];
  return undefined;
}
