import http from "node:http";
import https from "node:https";
import { fieldsOf, listOf, type Fields } from "../../domain/jsonFields";
import { ERROR_CODES } from "../../errors/codes";
import { eventData, SseSplitter } from "../wire/sseSplitter";

/** Where this gateway listens, seen from its own machine. */
export interface OwnAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

/** What one call through the gateway came to. */
export type ChatCallEnding =
  | { readonly kind: "done" | "aborted" }
  | { readonly kind: "failed"; readonly error: { readonly code: string; readonly message: string } };

export interface ChatDelta {
  readonly text?: string;
  readonly reasoning?: string;
}

export interface ChatCall {
  readonly ended: Promise<ChatCallEnding>;
  abort(): void;
}

/** Sends a completion to this gateway's own API, streamed; the pass stands for the key. */
export type ChatCaller = (request: {
  readonly pass: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly onDelta: (delta: ChatDelta) => void;
}) => ChatCall;

export interface ChatCallerOptions {
  readonly address: () => OwnAddress | undefined;
  /** What the operator's pipelines may ask of the host. */
  readonly hostHeader: () => string | undefined;
}

const LONGEST_REFUSAL = 65_536;
const LONGEST_WHOLE = 32 * 1024 * 1024;

export function createChatCaller(options: ChatCallerOptions): ChatCaller {
  return ({ pass, body, onDelta }) => {
    const at = options.address();
    if (!at) return { ended: Promise.resolve(failed("no_healthy_endpoint")), abort: () => undefined };
    let request: http.ClientRequest | undefined;
    let aborted = false;
    const ended = new Promise<ChatCallEnding>((resolve) => {
      const bytes = Buffer.from(JSON.stringify(body));
      const host = options.hostHeader();
      const wanted = {
        host: at.host, port: at.port, method: "POST", path: "/v1/chat/completions", agent: false as const,
        headers: {
          ...(host === undefined ? {} : { host }),
          // Whichever of them the operator's key-auth looks at.
          authorization: `Bearer ${pass}`, "x-api-key": pass, "api-key": pass,
          "content-type": "application/json", "content-length": bytes.length, accept: "text/event-stream", "user-agent": "lumen-chat",
        },
      };
      // Our own certificate, on our own machine: nobody else can answer there.
      request = at.tls ? https.request({ ...wanted, rejectUnauthorized: false }) : http.request(wanted);
      request.on("response", (response) => void readAnswer(response, onDelta).then((ending) => resolve(aborted ? { kind: "aborted" } : ending)));
      request.on("error", () => resolve(aborted ? { kind: "aborted" } : failed("shutting_down")));
      request.end(bytes);
    });
    return {
      ended,
      abort: () => {
        aborted = true;
        request?.destroy();
      },
    };
  };
}

/** Never rejects: what breaks is an ending too. */
async function readAnswer(response: http.IncomingMessage, onDelta: (delta: ChatDelta) => void): Promise<ChatCallEnding> {
  try {
    const status = response.statusCode ?? 500;
    if (status >= 400) return refusalOf(await readWhole(response, LONGEST_REFUSAL));
    if (/^text\/event-stream/i.test(response.headers["content-type"] ?? "")) return await readStream(response, onDelta);
    const message = fieldsOf(firstChoice(JSON.parse(await readWhole(response, LONGEST_WHOLE)))?.["message"]);
    if (message) onDelta(deltaOf(message));
    return { kind: "done" };
  } catch {
    return failed("upstream_incomplete");
  }
}

async function readStream(response: http.IncomingMessage, onDelta: (delta: ChatDelta) => void): Promise<ChatCallEnding> {
  const splitter = new SseSplitter();
  let ending: ChatCallEnding | undefined;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    for (const event of splitter.push(chunk)) {
      const data = eventData(event);
      if (data === undefined) continue;
      if (data === "[DONE]") {
        ending ??= { kind: "done" };
        continue;
      }
      const json = fieldsOf(JSON.parse(data));
      if (json?.["error"] !== undefined) ending = refusalOf(data);
      const delta = fieldsOf(firstChoice(json)?.["delta"]);
      if (delta) onDelta(deltaOf(delta));
    }
  }
  return ending ?? failed("upstream_incomplete");
}

function firstChoice(json: unknown): Fields | undefined {
  return fieldsOf(listOf(fieldsOf(json)?.["choices"])[0]);
}

function deltaOf(message: Fields): ChatDelta {
  const text = textOf(message["content"]);
  const reasoning = textOf(message["reasoning_content"]) || textOf(message["reasoning"]);
  const refusal = textOf(message["refusal"]);
  return { ...(text || refusal ? { text: text + refusal } : {}), ...(reasoning ? { reasoning } : {}) };
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  return listOf(content).map((part) => fieldsOf(part)?.["text"]).filter((text) => typeof text === "string").join("");
}

async function readWhole(response: http.IncomingMessage, most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) throw new Error("the answer is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The API's own error object, or what stands for one that is none. */
function refusalOf(body: string): ChatCallEnding {
  try {
    const error = fieldsOf(fieldsOf(JSON.parse(body))?.["error"]);
    const [code, message] = [error?.["code"] ?? error?.["type"], error?.["message"]];
    if (typeof message === "string") return { kind: "failed", error: { code: typeof code === "string" ? code : "upstream_error", message } };
  } catch {
    // It is no JSON: what a model server wrote for people in a hurry.
  }
  return failed("upstream_error");
}

function failed(code: keyof typeof ERROR_CODES): ChatCallEnding {
  return { kind: "failed", error: { code, message: ERROR_CODES[code].message } };
}
