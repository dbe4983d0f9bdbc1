import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { answerCompletion } from "./answerCompletion";
import { demoEmbedding, embeddingBase64 } from "./demoEmbedding";
import { readDemoFault } from "./demoFault";
import { misbehaves, nameOf, type DemoBody, type DemoHandler } from "./demoHandler";
import { answerImages, answerSpeech, answerTranscription, readFormFields } from "./demoMedia";
import { answerCountTokens, answerMessages } from "./demoMessages";
import { answerModerations } from "./demoModeration";
import { readChatPrompt, readTexts } from "./demoPrompt";
import { replyError, replyJson } from "./demoReply";
import { answerRerank } from "./demoRerank";
import { answerResponses } from "./demoResponses";

export interface DemoServerOptions {
  /** Milliseconds between the words of a stream; 20 unless told. */
  readonly paceMs?: number;
  /** Names that `GET /v1/models` lists beside `dummy`; any name is answered. */
  readonly models?: readonly string[];
  /** 0, the default, takes a free one. */
  readonly port?: number;
}

/** A running demo server. */
export interface DemoServer {
  /** Base URL for SDKs and endpoints, with `/v1`. */
  readonly url: string;
  /** Ends running answers and frees the port. */
  close(): Promise<void>;
}

interface DemoState {
  readonly paceMs: number;
  readonly models: Set<string>;
}

const LARGEST_BODY = 128 * 1024 * 1024;
const MOST_NAMES = 200;
const DEFAULT_DIMENSIONS = 256;
const MOST_DIMENSIONS = 4096;

const answerChat: DemoHandler = ({ paceMs }, response, body, header) => {
  const prompt = readChatPrompt(body);
  if (prompt === undefined) return replyError(response, 400, "'messages' must be a list of messages.", "messages");
  const fault = readDemoFault(header, prompt.question);
  if (!misbehaves(response, fault)) answerCompletion(response, { kind: "chat", body, prompts: [prompt], fault, paceMs });
};

const answerText: DemoHandler = ({ paceMs }, response, body, header) => {
  const prompts = readTexts(body.prompt);
  if (prompts === undefined) return replyError(response, 400, "'prompt' must be a text or a list of texts.", "prompt");
  const fault = readDemoFault(header, prompts[0]?.question ?? "");
  if (!misbehaves(response, fault)) answerCompletion(response, { kind: "completions", body, prompts, fault, paceMs });
};

const answerEmbeddings: DemoHandler = (_state, response, body, header) => {
  const inputs = readTexts(body.input);
  if (inputs === undefined) return replyError(response, 400, "'input' must be a text or a list of texts.", "input");
  const fault = readDemoFault(header, inputs[0]?.question ?? "");
  if (misbehaves(response, fault)) return;
  const dimensions = body.dimensions ?? DEFAULT_DIMENSIONS;
  if (typeof dimensions !== "number" || !Number.isInteger(dimensions) || dimensions < 1 || dimensions > MOST_DIMENSIONS) {
    return replyError(response, 400, `'dimensions' must be a whole number from 1 to ${MOST_DIMENSIONS}.`, "dimensions");
  }
  const tokens = fault.input ?? inputs.reduce((sum, input) => sum + input.tokens, 0);
  const data = inputs.map(({ question }, index) => {
    const vector = demoEmbedding(question, dimensions);
    return { object: "embedding", index, embedding: body.encoding_format === "base64" ? embeddingBase64(vector) : [...vector] };
  });
  replyJson(response, 200, {
    object: "list",
    data,
    model: nameOf(body),
    ...(fault.noUsage ? {} : { usage: { prompt_tokens: tokens, total_tokens: tokens } }),
  });
};

const ANSWERS: Readonly<Record<string, DemoHandler>> = {
  "/chat/completions": answerChat,
  "/completions": answerText,
  "/responses": answerResponses,
  "/messages": answerMessages,
  "/messages/count_tokens": answerCountTokens,
  "/embeddings": answerEmbeddings,
  "/moderations": answerModerations,
  "/rerank": answerRerank,
  "/audio/speech": answerSpeech,
  "/audio/transcriptions": answerTranscription,
  "/audio/translations": answerTranscription,
  "/images/generations": answerImages,
  "/images/edits": answerImages,
};

const describeModel = (id: string) => ({ id, object: "model", created: 0, owned_by: "demo" });

function parseBody(bytes: Buffer): DemoBody | undefined {
  try {
    const parsed: unknown = JSON.parse(bytes.toString("utf8"));
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? (parsed as DemoBody) : undefined;
  } catch {
    return undefined;
  }
}

function receive(request: IncomingMessage, response: ServerResponse, use: (bytes: Buffer) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  request.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= LARGEST_BODY) chunks.push(chunk);
    else chunks.length = 0;
  });
  request.on("end", () => (size > LARGEST_BODY ? replyError(response, 413, "The body is too large.") : use(Buffer.concat(chunks))));
}

function answerModels(state: DemoState, response: ServerResponse, path: string): void {
  if (path === "/models") return replyJson(response, 200, { object: "list", data: [...state.models].map(describeModel) });
  try {
    replyJson(response, 200, describeModel(decodeURIComponent(path.slice("/models/".length))));
  } catch {
    replyError(response, 404, "There is no such model.");
  }
}

function handle(state: DemoState, request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? "/").split("?", 1)[0]?.replace(/^\/v1(?=\/)/, "") ?? "/";
  const get = request.method === "GET" || request.method === "HEAD";
  if (get && (path === "/models" || path.startsWith("/models/"))) return answerModels(state, response, path);
  const answer = Object.hasOwn(ANSWERS, path) ? ANSWERS[path] : undefined;
  if (answer === undefined) return replyError(response, 404, "The demo model server has nothing at this address.");
  if (request.method !== "POST") return replyError(response, 405, "Send a POST request.");
  const header = request.headers["x-demo-fault"];
  receive(request, response, (bytes) => {
    const isForm = (request.headers["content-type"] ?? "").startsWith("multipart/");
    const body = isForm ? readFormFields(bytes) : parseBody(bytes);
    if (body === undefined) return replyError(response, 400, "The body must be a JSON object.");
    if (typeof body.model === "string" && body.model.length <= 200 && state.models.size < MOST_NAMES) state.models.add(body.model);
    answer(state, response, body, typeof header === "string" ? header : undefined);
  });
}

/**
 * Starts a small model server that speaks the protocols of the API on 127.0.0.1, so that a fresh installation has something to talk to. It
 * answers under any model name, and lists the names it was told of or asked for.
 */
export async function startDemoServer(options: DemoServerOptions = {}): Promise<DemoServer> {
  const state: DemoState = { paceMs: options.paceMs ?? 20, models: new Set(["dummy", ...(options.models ?? [])]) };
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => handle(state, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    // Its own, also in a worker: what is told to this process is not asked of another.
    server.listen({ port: options.port ?? 0, host: "127.0.0.1", exclusive: true }, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}
