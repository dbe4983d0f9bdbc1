import type { ServerResponse } from "node:http";

/** Answers with a JSON body. */
export function replyJson(response: ServerResponse, status: number, body: unknown): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { "content-type": "application/json", "content-length": bytes.length });
  response.end(bytes);
}

/** Answers with an error in the shape of the OpenAI API. */
export function replyError(response: ServerResponse, status: number, message: string, param: string | null = null): void {
  const type = status >= 500 ? "server_error" : status === 429 ? "rate_limit_error" : "invalid_request_error";
  if (status === 429 || status === 503) response.setHeader("retry-after", "1");
  replyJson(response, status, { error: { message, type, param, code: null } });
}

/** Breaks the connection off once what was written is on its way. */
export function cutOff(response: ServerResponse): void {
  response.socket?.destroySoon();
}
