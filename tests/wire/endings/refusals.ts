import type { Ending, EndingSection } from "./ending";

const says = (status: number, error: object = { message: "no", code: null }, more: Readonly<Record<string, string>> = {}): Ending["server"] => ({ respond }) => respond.json(status, { error }, more);

export const REFUSALS: EndingSection = {
  title: "The server refuses",
  endings: [
    { what: "400: it does not understand the request", by: "W11", server: says(400),
      both: ["400 of the server's own words", "400, free"] },
    { what: "401: it refuses the gateway's key", by: "W11", server: says(401),
      both: ["502 `upstream_error`", "502, free"] },
    { what: "402: the institution's account is empty", by: "W11", server: says(402),
      both: ["503 `upstream_quota`", "503, free"] },
    { what: "403: it refuses the gateway's key for this", by: "W11", server: says(403),
      both: ["502 `upstream_error`", "502, free"] },
    { what: "404: it has no such model", by: "W11", server: says(404),
      both: ["404 of the server's own words", "404, free"] },
    { what: "408: it waited for the request for too long", by: "W11", server: says(408),
      both: ["408 of the server's own words", "408, free"] },
    { what: "413: the request is too large for it", by: "W11", server: says(413),
      both: ["413 of the server's own words", "413, free"] },
    { what: "422: a value is not right", by: "W11", server: says(422),
      both: ["422 of the server's own words", "422, free"] },
    { what: "429: too many requests from the institution", by: "W11", server: says(429, { message: "slow down" }, { "retry-after": "3" }),
      both: ["429 `rate_limit_exceeded`", "429, free"] },
    { what: "429: the institution's quota is used up", by: "W11", server: says(429, { message: "quota", code: "insufficient_quota" }),
      both: ["503 `upstream_quota`", "503, free"] },
    { what: "301, 302, 307: it says that it is elsewhere", by: "W11", server: says(307, {}, { location: "http://127.0.0.1:1/" }),
      both: ["502 `upstream_error`", "502, free"] },
    { what: "500: it fell over", by: "W11", server: says(500),
      both: ["502 `upstream_error`", "502, free"] },
    { what: "502: what is behind it fell over", by: "W11", server: says(502),
      both: ["502 `upstream_error`", "502, free"] },
    { what: "503: it is busy", by: "W11", server: says(503),
      both: ["503 `overloaded`", "503, free"] },
    { what: "504: what is behind it is too slow", by: "W11", server: says(504),
      both: ["504 `upstream_timeout`", "504, free"] },
    { what: "The words of a refusal break off", by: "W11", server: async ({ respond }) => {
      await respond.head(400, { "content-type": "application/json", "content-length": "500" });
      await respond.body('{"error":{"mess');
      respond.cut();
    },
      both: ["400 of the server's own words", "400, free"] },
    { what: "The words of a refusal never end", by: "W11", server: async ({ respond }) => {
      await respond.head(400, { "content-type": "application/json" });
      await respond.endlessLine();
    },
      both: ["400 of the server's own words", "400, free"] },
    { what: "The words of a refusal never come", by: "W37", model: "hasty", server: ({ respond }) => respond.head(400, { "content-type": "application/json", "content-length": "500" }),
      both: ["400 of the server's own words", "400, free"] },
  ],
};

export const TWO_ENDPOINTS: EndingSection = {
  title: "A model with two endpoints, of which one is bad",
  endings: [
    { what: "One closes the connection without a word", by: "W35", model: "pair", server: ({ respond }) => respond.cut(),
      streamed: ["200: text, finish reason `stop`, `[DONE]`", "200, input and output charged"],
      whole: ["200: the whole answer", "200, input and output charged"] },
    { what: "One says nothing within its time for headers", by: "W35", model: "pair", server: () => undefined,
      streamed: ["200: text, finish reason `stop`, `[DONE]`", "200, input and output charged"],
      whole: ["200: the whole answer", "200, input and output charged"] },
    { what: "One breaks off after the head, before its first event or byte", by: "W35", model: "pair", server: async (server) => {
      await server.head();
      server.respond.cut();
    },
      streamed: ["200: text, finish reason `stop`, `[DONE]`", "200, input and output charged"],
      whole: ["200: the whole answer", "200, input and output charged"] },
    { what: "One says in its first event that it failed", by: "W35", model: "pair", server: async (server) => {
      await server.head();
      await server.respond.event({ error: { message: "out of memory", type: "server_error", code: "oom" } });
      await server.respond.end();
    },
      streamed: ["200: text, finish reason `stop`, `[DONE]`", "200, input and output charged"] },
    { what: "One breaks off in the middle", by: "W35", model: "pair", server: async (server) => {
      await server.head();
      await server.half();
      server.respond.cut();
    },
      streamed: ["200: text, error `upstream_incomplete`, `[DONE]`", "200, failed, input and output charged by estimate"],
      whole: ["200: the whole answer", "200, input and output charged"] },
    { what: "One answers 429", by: "W35", model: "pair", server: says(429),
      streamed: ["200: text, finish reason `stop`, `[DONE]`", "200, input and output charged"],
      whole: ["200: the whole answer", "200, input and output charged"] },
    { what: "One answers 500", by: "W35", model: "pair", server: says(500),
      streamed: ["200: text, finish reason `stop`, `[DONE]`", "200, input and output charged"],
      whole: ["200: the whole answer", "200, input and output charged"] },
    { what: "One answers 503", by: "W35", model: "pair", server: says(503),
      streamed: ["200: text, finish reason `stop`, `[DONE]`", "200, input and output charged"],
      whole: ["200: the whole answer", "200, input and output charged"] },
    { what: "One answers 400", by: "W35", model: "pair", server: says(400),
      both: ["400 of the server's own words", "400, free"] },
    { what: "One answers 501", by: "W35", model: "pair", server: says(501),
      both: ["502 `upstream_error`", "502, free"] },
  ],
};
