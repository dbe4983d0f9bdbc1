import type { EndingSection } from "./ending";

export const IN_THE_ANSWER: EndingSection = {
  title: "In the answer",
  endings: [
    { what: "The head comes, and the connection closes", by: "W27", server: async (server) => {
      await server.head();
      server.respond.cut();
    },
      both: ["502 `upstream_incomplete`", "502, free"] },
    { what: "The head comes, and then silence", by: "W37", model: "hasty", server: (server) => server.head(),
      both: ["504 `upstream_timeout`", "504, free"] },
    { what: "The connection closes after some text", by: "C5", server: async (server) => {
      await server.head();
      await server.half();
      server.respond.cut();
    },
      streamed: ["200: text, error `upstream_incomplete`, `[DONE]`", "200, failed, input and output charged by estimate"],
      whole: ["502 `upstream_incomplete`", "502, free"] },
    { what: "The connection is reset after some text", by: "C5", server: async (server) => {
      await server.head();
      await server.half();
      await server.mayGoOn;
      server.respond.reset();
    }, caller: async ({ client, streamed, arrived, goOn }) => {
      await (streamed ? client.saw("word") : arrived);
      goOn();
    },
      streamed: ["200: text, error `upstream_incomplete`, `[DONE]`", "200, failed, input and output charged by estimate"],
      whole: ["502 `upstream_incomplete`", "502, free"] },
    { what: "It closes in the middle of an event, or of the body", by: "C5", server: async (server) => {
      await server.head();
      await server.half();
      await server.respond.body(server.streamed ? 'data: {"choices":[{"ind' : "x");
      server.respond.cut();
    },
      streamed: ["200: text, error `upstream_incomplete`, `[DONE]`", "200, failed, input and output charged by estimate"],
      whole: ["502 `upstream_incomplete`", "502, free"] },
    { what: "It closes inside a character", by: "C5", server: async (server) => {
      await server.head();
      await server.halfCharacter();
      server.respond.cut();
    },
      both: ["502 `upstream_incomplete`", "502, free"] },
    { what: "It falls silent after some text", by: "W37", model: "hasty", server: async (server) => {
      await server.head();
      await server.half();
    },
      streamed: ["200: text, error `upstream_timeout`, `[DONE]`", "200, failed, input and output charged by estimate"],
      whole: ["504 `upstream_timeout`", "504, free"] },
    { what: "The stream ends without a finish reason", by: "W27", server: async (server) => {
      await server.head();
      await server.half();
      await server.respond.end();
    },
      streamed: ["200: text, error `upstream_incomplete`, `[DONE]`", "200, failed, input and output charged by estimate"] },
    { what: "It closes after the finish reason", by: "W27", server: async (server) => {
      await server.head();
      await server.half();
      await server.respond.finish();
      server.respond.cut();
    },
      streamed: ["200: text, finish reason `stop`, `[DONE]`", "200, input and output charged by estimate"] },
    { what: "It closes after the usage", by: "W27", server: async (server) => {
      await server.head();
      await server.half();
      await server.respond.finish();
      await server.respond.usage(10, 5);
      server.respond.cut();
    },
      streamed: ["200: text, finish reason `stop`, `[DONE]`", "200, input and output charged"] },
    { what: "It ends well, without `[DONE]`", by: "W27", server: async (server) => {
      await server.head();
      await server.half();
      await server.respond.finish();
      await server.respond.usage(10, 5);
      await server.respond.end();
    },
      streamed: ["200: text, finish reason `stop`, `[DONE]`", "200, input and output charged"] },
    { what: "An error event comes first", by: "W25", server: async (server) => {
      await server.head();
      await server.respond.event({ error: { message: "out of memory", type: "server_error", code: "oom" } });
      await server.respond.end();
    },
      streamed: ["502 `upstream_error`", "502, free"] },
    { what: "An event comes first that says what is wrong with the request", by: "W25", server: async (server) => {
      await server.head();
      await server.respond.event({ error: { message: "the prompt is too long", type: "BadRequestError", code: 400 } });
      await server.respond.end();
    },
      streamed: ["400 `400`", "400, free"] },
    { what: "An error event comes after some text", by: "C5", server: async (server) => {
      await server.head();
      await server.half();
      await server.respond.event({ error: { message: "out of memory", type: "server_error", code: "oom" } });
      await server.respond.end();
    },
      streamed: ["200: text, error `oom`, `[DONE]`", "200, failed, input and output charged by estimate"] },
    { what: "A line of JSON with an error comes instead of an event", by: "W27", server: async (server) => {
      await server.head();
      await server.half();
      await server.respond.body('{"error":{"message":"out of memory"}}\n');
      await server.respond.end();
    },
      streamed: ["200: text, error `upstream_incomplete`, `[DONE]`", "200, failed, input and output charged by estimate"] },
    { what: "An event never ends", by: "W32", server: async (server) => {
      await server.head();
      await server.half();
      await server.respond.endlessLine();
    },
      streamed: ["200: text, error `upstream_incomplete`, `[DONE]`", "200, failed, input and output charged by estimate"] },
    { what: "The chunks of the body are broken", by: "C5", server: async (server) => {
      await server.head({ "transfer-encoding": "chunked" });
      await server.respond.raw("5\r\ndata:\r\nnonsense\r\n");
    },
      both: ["502 `upstream_incomplete`", "502, free"] },
    { what: "The length says more than comes", by: "W27", server: async (server) => {
      await server.head({ "content-length": "100000" });
      await server.half();
      server.respond.cut();
    },
      streamed: ["200: text, error `upstream_incomplete`, `[DONE]`", "200, failed, input and output charged by estimate"],
      whole: ["502 `upstream_incomplete`", "502, free"] },
    { what: "The length says less than comes", by: "W27", server: async (server) => {
      await server.head({ "content-length": "50" });
      await server.half();
      server.respond.cut();
    },
      both: ["502 `upstream_incomplete`", "502, free"] },
    { what: "Something comes behind the end of the answer", by: "W33", server: async (server) => {
      await server.whole();
      await server.respond.raw("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nof another call");
    },
      streamed: ["200: text, finish reason `stop`, `[DONE]`", "200, input and output charged"],
      whole: ["200: the whole answer", "200, input and output charged"] },
    { what: "The answer is compressed, though nobody asked for it", by: "W20", server: async ({ respond }) => {
      await respond.gzip(200, { model: "m", choices: [{ index: 0, message: { content: "hi" }, finish_reason: "stop" }], usage: { prompt_tokens: 10, completion_tokens: 5 } });
    },
      both: ["200: the whole answer", "200, input and output charged"] },
    { what: "The stream is compressed, though nobody asked for it", by: "W27", server: async ({ respond }) => {
      await respond.gzip(200, "data: [DONE]", { "content-type": "text/event-stream" });
    },
      streamed: ["502 `upstream_incomplete`", "502, free"] },
    { what: "The answer is compressed in a way that nobody knows", by: "W20", server: async ({ respond }) => {
      await respond.json(200, "(zstd)", { "content-encoding": "zstd" });
    },
      both: ["502 `upstream_incomplete`", "502, free"] },
    { what: "A whole answer comes where a stream was asked for", by: "W20", server: ({ respond }) => respond.json(200, { model: "m", choices: [{ index: 0, message: { content: "hi" }, finish_reason: "stop" }], usage: { prompt_tokens: 10, completion_tokens: 5 } }),
      streamed: ["200: the whole answer", "200, input and output charged"] },
    { what: "A stream comes where a whole answer was asked for", by: "C2", server: async ({ respond }) => {
      await respond.stream();
      await respond.delta("hi");
      await respond.finish();
      await respond.done();
    },
      both: ["200: text, finish reason `stop`, `[DONE]`", "200, input and output charged by estimate"] },
    { what: "A body of more than a megabyte breaks off", by: "C5", server: async ({ respond }) => {
      await respond.head(200, { "content-type": "application/json" });
      await respond.body(`{"x":"${"y".repeat(1_200_000)}`);
      respond.cut();
    },
      both: ["200: a part of the answer, cut off", "200, failed, input and output charged by estimate"] },
    { what: "The body is no JSON", by: "C2", server: ({ respond }) => respond.json(200, "It is a nice day.", { "content-type": "text/plain" }),
      both: ["200: the whole answer", "200, input and output charged by estimate"] },
    { what: "The body is empty", by: "C2", server: ({ respond }) => respond.json(200, ""),
      both: ["200: the whole answer", "200, input charged by estimate"] },
  ],
};
