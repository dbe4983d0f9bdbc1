import type { ReportedUsage } from "../../domain/clampUsage";
import { hasOutput, type Operation } from "../../domain/ledgerEntry";
import { valueEnd } from "./jsonScan";
import { fieldsOf, listOf, type Fields } from "../../domain/jsonFields";
import { addContentBlock, addOutputItem, TextTally, type ProducedText } from "./producedText";

const given = (value: unknown): unknown => value ?? undefined;

type UsageFields = Readonly<Record<string, unknown>>;

/**
 * Reads a `usage` object under the names that servers give its fields; values as they came, however absurd. A field that is
 * missing or null is left out.
 */
export function readUsage(operation: Operation, value: unknown): ReportedUsage {
  const usage = fieldsOf(value);
  if (usage === undefined) return {};
  const read: Record<string, unknown> = operation === "messages" ? messagesUsage(usage) : plainUsage(usage, operation);
  for (const [name, field] of Object.entries(read)) if (field === undefined) delete read[name];
  return read;
}

function plainUsage(usage: UsageFields, operation: Operation): Record<string, unknown> {
  const inputDetails = fieldsOf(usage["prompt_tokens_details"]) ?? fieldsOf(usage["input_tokens_details"]);
  // Where nothing is written, all that was used is input.
  const total = hasOutput(operation) ? undefined : usage["total_tokens"];
  return {
    inputTokens: given(usage["prompt_tokens"]) ?? given(usage["input_tokens"]) ?? given(total),
    outputTokens: given(usage["completion_tokens"]) ?? given(usage["output_tokens"]),
    cachedInputTokens: given(inputDetails?.["cached_tokens"]) ?? given(usage["prompt_cache_hit_tokens"]),
  };
}

/** Anthropic counts what came from a cache, or went into one, beside the input; here they are parts of it (C1). */
function messagesUsage(usage: UsageFields): Record<string, unknown> {
  const cached = given(usage["cache_read_input_tokens"]);
  const written = given(usage["cache_creation_input_tokens"]);
  const input = given(usage["input_tokens"]);
  return {
    inputTokens: typeof input === "number" && input >= 0 ? input + countOrNone(cached) + countOrNone(written) : input,
    outputTokens: given(usage["output_tokens"]),
    cachedInputTokens: cached,
    cacheWriteTokens: written,
  };
}

const countOrNone = (value: unknown): number => (typeof value === "number" && value > 0 ? value : 0);

/** Rerankers of Cohere's kind report beside the answer: tokens, or what they bill; search units are no tokens. */
function rerankUsage(answer: Fields | undefined): unknown {
  const meta = fieldsOf(answer?.["meta"]);
  return answer?.["usage"] ?? meta?.["tokens"] ?? meta?.["billed_units"];
}

/** What a whole JSON answer says. */
export interface AnswerReading {
  /** Raw, for `clampUsage`; empty where nothing was reported. */
  readonly usage: ReportedUsage;
  readonly produced: ProducedText;
}

/** Reads a parsed JSON answer that was not streamed; of what is no object, nothing. */
export function readAnswer(operation: Operation, json: unknown): AnswerReading {
  const answer = fieldsOf(json);
  const produced = new TextTally();
  for (const choice of listOf(answer?.["choices"])) {
    const fields = fieldsOf(choice);
    if (fields) produced.add(fields);
  }
  for (const item of listOf(answer?.["output"])) addOutputItem(produced, item);
  for (const block of listOf(answer?.["content"])) addContentBlock(produced, block);
  return { usage: readUsage(operation, operation === "rerank" ? rerankUsage(answer) : answer?.["usage"]), produced };
}

const USAGE = Buffer.from('"usage"');

/**
 * Finds the usage in the last (or first) bytes of an answer that is too large to be kept: the last `usage` member that is
 * whole. Inside a text its quotes would be escaped, so that it cannot be mistaken.
 */
export function usageInPart(operation: Operation, part: Buffer): ReportedUsage | undefined {
  for (let at = part.lastIndexOf(USAGE); at >= 0; at = at === 0 ? -1 : part.lastIndexOf(USAGE, at - 1)) {
    const head = /^\s*:\s*(?=\{)/.exec(part.toString("latin1", at + USAGE.length, at + USAGE.length + 64));
    if (head === null) continue;
    const start = at + USAGE.length + head[0].length;
    const end = valueEnd(part, start);
    const usage = end < 0 ? undefined : parseObject(part.toString("utf8", start, end));
    if (usage) return readUsage(operation, usage);
  }
  return undefined;
}

/** What one stream event says. */
export interface StreamEventReading {
  /** The event's JSON object, parsed once for everybody. */
  readonly json?: Fields;
  /** It is the protocol's own end. */
  readonly done: boolean;
  /** It holds usage and no choices: to be hidden from callers who did not ask for it. */
  readonly isUsageOnly: boolean;
  /** It holds text of the answer. */
  readonly hasText: boolean;
  /** Its `error` member, where the upstream broke inside the stream. */
  readonly error?: unknown;
}

/** Follows one stream from event to event. */
export interface StreamReader {
  /** Takes the data of the next event; undefined is a comment. */
  event(data: string | undefined): StreamEventReading;
  /** The last value of each field (docs/rules.md C1); empty until usage has come. */
  readonly usage: ReportedUsage;
  readonly produced: ProducedText;
  /** The answer is whole: every choice that was begun has its finish reason. */
  readonly finished: boolean;
  /** The protocol's own end has come: `[DONE]`, `response.completed`, `message_stop`. */
  readonly done: boolean;
}

/** Of an event that says nothing. */
export const NOTHING: StreamEventReading = Object.freeze({ done: false, isUsageOnly: false, hasText: false });
const DONE: StreamEventReading = Object.freeze({ done: true, isUsageOnly: false, hasText: false });
/** More choices than anybody asks for: beyond, they are not told apart. */
const MOST_CHOICES = 4_096;

/** Reads a stream of chat or completions. */
export interface ChoicesReader extends StreamReader {
  /** Takes a piece of text of an event that says nothing else. */
  textPiece(text: string): void;
}

class EventChoices implements ChoicesReader {
  usage: ReportedUsage = {};
  done = false;
  readonly produced = new TextTally();
  /** By index: whether the choice is finished. */
  private readonly choices = new Map<number, boolean>();
  private open = 0;

  constructor(private readonly operation: Operation) {}

  get finished(): boolean {
    return this.choices.size > 0 && this.open === 0;
  }

  event(data: string | undefined): StreamEventReading {
    if (data === undefined) return NOTHING;
    if (data.startsWith("[DONE]")) {
      this.done = true;
      return DONE;
    }
    const json = parseObject(data);
    if (json === undefined) return NOTHING;
    const usage = fieldsOf(json["usage"]);
    if (usage) this.usage = { ...this.usage, ...readUsage(this.operation, usage) };
    const before = this.produced.characters;
    const choices = listOf(json["choices"]);
    for (const choice of choices) this.choice(choice);
    return {
      json,
      done: false,
      isUsageOnly: usage !== undefined && choices.length === 0,
      hasText: this.produced.characters > before,
      ...(saysError(json) ? { error: json["error"] } : {}),
    };
  }

  textPiece(text: string): void {
    this.produced.addTextPiece(text);
  }

  private choice(value: unknown): void {
    const choice = fieldsOf(value);
    if (choice === undefined) return;
    this.produced.addPiece(choice);
    const index = typeof choice["index"] === "number" ? choice["index"] : 0;
    const known = this.choices.get(index);
    const finished = isFinished(choice);
    if (known === true || (known === undefined && this.choices.size >= MOST_CHOICES)) return;
    if (known === undefined && !finished) this.open += 1;
    if (known === false && finished) this.open -= 1;
    this.choices.set(index, finished);
  }
}

/** A stream event says that the server failed. */
export function saysError(json: Fields): boolean {
  return given(json["error"]) !== undefined;
}

/** A choice of a stream event is the last of its answer. */
export function isFinished(choice: Fields): boolean {
  return typeof choice["finish_reason"] === "string" && choice["finish_reason"] !== "";
}

/** A text as the JSON object that it is; undefined for any other. */
export function parseObject(data: string): Fields | undefined {
  try {
    return fieldsOf(JSON.parse(data));
  } catch {
    return undefined;
  }
}

/** Starts reading a stream of chat or completions. */
export function createStreamReader(operation: Operation): ChoicesReader {
  return new EventChoices(operation);
}
