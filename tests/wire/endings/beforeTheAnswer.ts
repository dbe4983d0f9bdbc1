import type { EndingSection } from "./ending";

export const BEFORE_THE_ANSWER: EndingSection = {
  title: "Before an answer",
  endings: [
    { what: "Nobody listens at the server's address", by: "C4", model: "dead",
      both: ["503 `no_healthy_endpoint`", "503, free"] },
    { what: "The server's certificate is trusted by nobody", by: "C4", model: "untrusted",
      both: ["503 `no_healthy_endpoint`", "503, free"] },
    { what: "The server closes the connection without a word", by: "C4", everyTime: true, server: ({ respond }) => respond.cut(),
      both: ["502 `upstream_error`", "502, free"] },
    { what: "The server resets the connection", by: "C4", everyTime: true, server: ({ respond }) => respond.reset(),
      both: ["502 `upstream_error`", "502, free"] },
    { what: "The server closes a kept connection just as the call comes", by: "W33", overKept: true, server: ({ respond }) => respond.cut(),
      streamed: ["200: text, finish reason `stop`, `[DONE]`", "200, input and output charged"],
      whole: ["200: the whole answer", "200, input and output charged"] },
    { what: "The server says nothing within its time for headers", by: "W37", model: "hasty", server: () => undefined,
      both: ["504 `upstream_timeout`", "504, free"] },
    { what: "The server speaks another protocol", by: "C4", server: ({ respond }) => respond.raw("SSH-2.0-OpenSSH_9.6\r\n"),
      both: ["502 `upstream_error`", "502, free"] },
  ],
};

export const IN_THE_HEAD: EndingSection = {
  title: "In the head of the answer",
  endings: [
    { what: "The status line breaks off", by: "C4", server: async ({ respond }) => {
      await respond.raw("HTTP/1.1 20");
      respond.cut();
    },
      both: ["502 `upstream_error`", "502, free"] },
    { what: "The headers break off", by: "C4", server: async ({ respond }) => {
      await respond.raw("HTTP/1.1 200 OK\r\ncontent-type: text/ev");
      respond.cut();
    },
      both: ["502 `upstream_error`", "502, free"] },
    { what: "The status is no number", by: "C4", server: ({ respond }) => respond.raw("HTTP/1.1 okay OK\r\n\r\n"),
      both: ["502 `upstream_error`", "502, free"] },
    { what: "The headers never end", by: "C4", server: async ({ respond }) => {
      await respond.raw("HTTP/1.1 200 OK\r\n");
      for (let at = 0; !respond.isClosed; at++) await respond.raw(`x-${at}: ${"y".repeat(1_000)}\r\n`);
    },
      both: ["502 `upstream_error`", "502, free"] },
    { what: "A header line never ends", by: "C4", server: async ({ respond }) => {
      await respond.raw("HTTP/1.1 200 OK\r\nx: ");
      while (!respond.isClosed) await respond.raw("y".repeat(16_384));
    },
      both: ["502 `upstream_error`", "502, free"] },
    { what: "The answer has two framings", by: "C4", server: ({ respond }) => respond.raw("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}"),
      both: ["502 `upstream_error`", "502, free"] },
    { what: "The length is no number", by: "C4", server: ({ respond }) => respond.raw("HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n{}"),
      both: ["502 `upstream_error`", "502, free"] },
    { what: "An interim answer comes, and then nothing", by: "C4", server: async ({ respond }) => {
      await respond.raw("HTTP/1.1 102 Processing\r\n\r\n");
      respond.cut();
    },
      both: ["502 `upstream_error`", "502, free"] },
    { what: "The server switches to a protocol that nobody asked for", by: "C4", model: "hasty", server: ({ respond }) => respond.raw("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"),
      both: ["504 `upstream_timeout`", "504, free"] },
    { what: "The server answers in HTTP/1.0, up to the end of the connection", by: "W20", server: async (server) => {
      const { respond } = server;
      const type = server.streamed ? "text/event-stream" : "application/json";
      await respond.raw(`HTTP/1.0 200 OK\r\ncontent-type: ${type}\r\n\r\n`);
      await respond.raw(server.streamed
        ? 'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
        : '{"choices":[{"index":0,"message":{"content":"hi"},"finish_reason":"stop"}]}');
      respond.cut();
    },
      streamed: ["200: finish reason `stop`, `[DONE]`", "200, input and output charged by estimate"],
      whole: ["200: the whole answer", "200, input and output charged by estimate"] },
    { what: "The server answers 204 and nothing", by: "C2", server: ({ respond }) => respond.raw("HTTP/1.1 204 No Content\r\n\r\n"),
      both: ["204: the whole answer", "204, input charged by estimate"] },
  ],
};
