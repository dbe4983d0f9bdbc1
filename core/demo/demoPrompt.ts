import { countDemoTokens } from "./demoTokens";

/** Tokens per message for its role and borders, and for the place where the answer begins. */
const PER_MESSAGE = 3;
const PER_ANSWER = 3;
const PER_MEDIA_PART = 85;

/** A prompt as the demo model sees it. */
export interface DemoPrompt {
  readonly tokens: number;
  /** The text of the last user message, or the prompt. */
  readonly question: string;
  /** How many times the user has spoken. */
  readonly turn: number;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function readContent(content: unknown): { text: string; media: number } {
  if (typeof content === "string") return { text: content, media: 0 };
  if (!Array.isArray(content)) return { text: "", media: 0 };
  const texts: string[] = [];
  let media = 0;
  for (const part of content as unknown[]) {
    if (!isRecord(part)) continue;
    if (typeof part.text === "string") texts.push(part.text);
    else media += 1;
  }
  return { text: texts.join("\n"), media };
}

/** A text, or the texts among the parts of a content. */
export function textOf(content: unknown): string {
  return readContent(content).text;
}

/** Reads the messages of a chat; undefined where there is no list of them. */
export function readChatPrompt(body: Record<string, unknown>): DemoPrompt | undefined {
  if (!Array.isArray(body.messages) || body.messages.length === 0) return undefined;
  let tokens = PER_ANSWER;
  let question = "";
  let turn = 0;
  for (const message of body.messages as unknown[]) {
    if (!isRecord(message)) return undefined;
    const { text, media } = readContent(message.content);
    tokens += PER_MESSAGE + countDemoTokens(text) + media * PER_MEDIA_PART;
    if (message.tool_calls !== undefined) tokens += countDemoTokens(JSON.stringify(message.tool_calls));
    if (message.role === "user") {
      question = text;
      turn += 1;
    }
  }
  if (body.tools !== undefined) tokens += countDemoTokens(JSON.stringify(body.tools));
  return { tokens, question, turn };
}

/** Reads `prompt` or `input` in all the shapes the API allows: a text, texts, token ids, lists of token ids. */
export function readTexts(value: unknown): DemoPrompt[] | undefined {
  const one = (item: unknown): DemoPrompt | undefined => {
    if (typeof item === "string") return { tokens: countDemoTokens(item), question: item, turn: 1 };
    if (Array.isArray(item) && item.length > 0 && item.every((id) => typeof id === "number")) {
      return { tokens: item.length, question: item.join(" "), turn: 1 };
    }
    return undefined;
  };
  const single = one(value);
  if (single !== undefined) return [single];
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const many = value.map(one);
  return many.every((prompt) => prompt !== undefined) ? many : undefined;
}
