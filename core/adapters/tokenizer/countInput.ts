import { MEDIA_ALLOWANCE, RECORDING_CHARACTERS_PER_TOKEN } from "../../domain/inputBound";
import { fieldsOf, listOf, type Fields } from "../../domain/jsonFields";
import { countTexts } from "./countTokens";

/** Tokens that a chat template puts around a message, as counted; the bound of a hold is more careful. */
const PER_MESSAGE = 4;
const PER_ANSWER = 3;

interface Found {
  readonly texts: string[];
  tokens: number;
}

function longestText(part: Fields): number {
  const inside = Object.values(part).flatMap((value) => [value, ...Object.values(fieldsOf(value) ?? {})]);
  return Math.max(0, ...inside.map((value) => (typeof value === "string" ? value.length : 0)));
}

function readPart(value: unknown, found: Found): void {
  const part = fieldsOf(value);
  if (part === undefined) return;
  const text = part["text"] ?? part["refusal"] ?? part["thinking"];
  if (typeof text === "string") found.texts.push(text);
  else if (part["type"] === "tool_use" || part["type"] === "tool_result") readToolPart(part, found);
  else if (/image/.test(String(part["type"]))) found.tokens += MEDIA_ALLOWANCE;
  else found.tokens += Math.max(MEDIA_ALLOWANCE, Math.ceil(longestText(part) / RECORDING_CHARACTERS_PER_TOKEN));
}

/** What a model asked of a tool, or what the tool gave back. */
function readToolPart(part: Fields, found: Found): void {
  for (const name of ["name", "input", "arguments"]) readJson(part[name], found);
  for (const name of ["content", "output"]) readContent(part[name], found);
}

function readContent(content: unknown, found: Found): void {
  if (typeof content === "string") found.texts.push(content);
  else for (const part of listOf(content)) readPart(part, found);
}

function readMessage(value: unknown, found: Found): void {
  const message = fieldsOf(value);
  if (message === undefined) return;
  found.tokens += PER_MESSAGE;
  readContent(message["content"], found);
  for (const name of ["name", "reasoning_content", "reasoning", "refusal"]) {
    const text = message[name];
    if (typeof text === "string") found.texts.push(text);
  }
  for (const name of ["tool_calls", "function_call"]) readJson(message[name], found);
}

function readJson(value: unknown, found: Found): void {
  if (value !== undefined && value !== null) found.texts.push(typeof value === "string" ? value : JSON.stringify(value));
}

/** `prompt` or `input`: a text, token ids, or a list of either; of responses and moderations, messages and parts. */
function readPrompt(value: unknown, found: Found): void {
  for (const item of Array.isArray(value) ? listOf(value) : [value]) {
    const fields = fieldsOf(item);
    if (typeof item === "string") found.texts.push(item);
    else if (typeof item === "number") found.tokens += 1;
    else if (fields) readItem(fields, found);
    else found.tokens += listOf(item).length;
  }
}

function readItem(item: Fields, found: Found): void {
  if (item["content"] !== undefined) return readMessage(item, found);
  if (item["text"] !== undefined || item["image_url"] !== undefined) return readPart(item, found);
  readToolPart(item, found);
}

/** A reranker reads the query once more with each document. */
function readPairs(query: unknown, documents: readonly unknown[], found: Found): void {
  for (const document of documents) readJson(fieldsOf(document)?.["text"] ?? document, found);
  if (typeof query === "string") found.tokens += documents.length * countTexts([query]);
}

/** Counts the input tokens of a call from its parsed body; the time is bounded as that of `countTokens`. */
export function countInput(body: Fields): number {
  const found: Found = { texts: [], tokens: 0 };
  if (Array.isArray(body["messages"])) found.tokens += PER_ANSWER;
  for (const message of listOf(body["messages"])) readMessage(message, found);
  readPrompt(body["prompt"], found);
  readPrompt(body["input"], found);
  readContent(body["system"], found);
  readContent(body["instructions"], found);
  if (body["query"] !== undefined) readPairs(body["query"], listOf(body["documents"]), found);
  for (const name of ["tools", "functions", "response_format"]) readJson(body[name], found);
  return found.tokens + countTexts(found.texts);
}
