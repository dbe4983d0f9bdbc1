import type { Responder } from "../support/fakeUpstream";
import type { Protocol } from "./matrixClient";

/** A streamed answer in its parts, so that it can break between any two of them. */
export interface StreamParts {
  /** What comes before the first text. */
  open(respond: Responder): Promise<void>;
  text(respond: Responder, text: string): Promise<void>;
  /** The reason why it ended, and all that belongs to a whole answer but the mark of its end. */
  finish(respond: Responder): Promise<void>;
  /** The mark of the end (`[DONE]`, `message_stop`; Responses have none of their own), and the end of the body. */
  done(respond: Responder): Promise<void>;
  error(respond: Responder, message: string): Promise<void>;
  /** A whole answer that is not streamed. */
  readonly whole: (text: string) => object;
}

const USAGE = { input_tokens: 3, output_tokens: 5, total_tokens: 8 };
const MODEL = "fake-model";

const chat: StreamParts = {
  open: (respond) => respond.event({ id: "c", object: "chat.completion.chunk", created: 0, model: MODEL, choices: [{ index: 0, delta: { role: "assistant", content: "" }, finish_reason: null }] }),
  text: (respond, text) => respond.delta(text),
  async finish(respond) {
    await respond.finish();
    await respond.usage(3, 5);
  },
  done: (respond) => respond.done(),
  error: (respond, message) => respond.event({ error: { message, type: "server_error", param: null, code: null } }),
  whole: (content) => ({
    id: "c", object: "chat.completion", created: 0, model: MODEL, choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
    usage: { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 },
  }),
};

/** Its type is in the event's name, too. */
const named = (respond: Responder, data: Readonly<Record<string, unknown>>) => respond.body(`event: ${String(data["type"])}\ndata: ${JSON.stringify(data)}\n\n`);

const MESSAGE = { id: "msg_1", type: "message", role: "assistant", content: [], model: MODEL, stop_reason: null, stop_sequence: null, usage: { input_tokens: 3, output_tokens: 1 } };

const messages: StreamParts = {
  async open(respond) {
    await named(respond, { type: "message_start", message: MESSAGE });
    await named(respond, { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } });
  },
  text: (respond, text) => named(respond, { type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }),
  async finish(respond) {
    await named(respond, { type: "content_block_stop", index: 0 });
    await named(respond, { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 5 } });
  },
  async done(respond) {
    await named(respond, { type: "message_stop" });
    await respond.end();
  },
  error: (respond, message) => named(respond, { type: "error", error: { type: "api_error", message } }),
  whole: (text) => ({ ...MESSAGE, content: [{ type: "text", text }], stop_reason: "end_turn", usage: USAGE }),
};

const responseOf = (status: string, text?: string) => ({
  id: "resp_1", object: "response", created_at: 0, model: MODEL, status, error: null, incomplete_details: null, instructions: null, metadata: {}, tools: [],
  output: text === undefined ? [] : [itemOf(text)], ...(status === "completed" ? { usage: { ...USAGE, input_tokens_details: { cached_tokens: 0 }, output_tokens_details: { reasoning_tokens: 0 } } } : {}),
});
const itemOf = (text: string) => ({ type: "message", id: "item_1", status: "completed", role: "assistant", content: [{ type: "output_text", text, annotations: [] }] });

const responses: StreamParts = {
  async open(respond) {
    await named(respond, { type: "response.created", sequence_number: 0, response: responseOf("in_progress") });
    await named(respond, { type: "response.output_item.added", sequence_number: 1, output_index: 0, item: { ...itemOf(""), status: "in_progress", content: [] } });
    await named(respond, { type: "response.content_part.added", sequence_number: 2, item_id: "item_1", output_index: 0, content_index: 0, part: { type: "output_text", text: "", annotations: [] } });
  },
  text: (respond, delta) => named(respond, { type: "response.output_text.delta", sequence_number: 3, item_id: "item_1", output_index: 0, content_index: 0, delta, logprobs: [] }),
  async finish(respond) {
    await named(respond, { type: "response.output_item.done", sequence_number: 4, output_index: 0, item: itemOf("") });
    await named(respond, { type: "response.completed", sequence_number: 5, response: responseOf("completed", "") });
  },
  done: (respond) => respond.end(),
  error: (respond, message) => named(respond, { type: "error", sequence_number: 4, code: "server_error", message, param: null }),
  whole: (text) => responseOf("completed", text),
};

export const PARTS: Readonly<Record<Protocol, StreamParts>> = { chat, responses, messages };
