import type { Responder } from "../support/fakeUpstream";
import { PARTS, type StreamParts } from "./protocolAnswers";
import type { Protocol } from "./matrixClient";

/** When a fault strikes. */
export interface Moment {
  /** Resolves when the caller has heard all that was said before the fault: it cannot overtake it. */
  readonly heard: Promise<void>;
  /** Starts the clock. */
  readonly strike: () => void;
}

/** A way in which a model server fails. */
export interface Fault {
  /** As its row in docs/clients.md says. */
  readonly name: string;
  /** Whether the call is a stream. */
  readonly streamed: boolean;
  /** Whether text was delivered before the fault: then nobody may ask the server a second time. */
  readonly afterText: boolean;
  /** Answers a call; undefined: nobody listens at the server's address. */
  readonly answer?: (respond: Responder, parts: StreamParts, moment: Moment) => void | Promise<void>;
  /** What the caller is left with; a stream of chat that only lacks the mark of its end is whole. */
  readonly ends: "whole" | "error";
}

/** What is streamed before a fault, each piece an event. */
export const PIECES = ["Some ", "words "];

const begin = async (respond: Responder, parts: StreamParts, { heard, strike }: Moment): Promise<void> => {
  await respond.stream();
  await parts.open(respond);
  for (const piece of PIECES) await parts.text(respond, piece);
  await heard;
  strike();
};

const refusal = (status: number, headers = {}) => (respond: Responder) =>
  respond.json(status, { error: { message: "Not now.", type: "server_error", param: null, code: null } }, headers);

export const FAULTS: readonly Fault[] = [
  { name: "nobody listens", streamed: true, afterText: false, ends: "error" },
  { name: "silence before the headers", streamed: true, afterText: false, ends: "error", answer: () => undefined },
  { name: "silence before the first event", streamed: true, afterText: false, ends: "error", answer: (respond) => respond.stream() },
  { name: "cut before the headers", streamed: true, afterText: false, ends: "error", answer: (respond) => respond.cut() },
  {
    name: "cut inside an event", streamed: true, afterText: true, ends: "error",
    async answer(respond, parts, moment) {
      await begin(respond, parts, moment);
      await respond.body('data: {"half": "an ev');
      respond.cut();
    },
  },
  { name: "silence after some text", streamed: true, afterText: true, ends: "error", answer: begin },
  {
    name: "cut after the finish reason", streamed: true, afterText: true, ends: "whole",
    async answer(respond, parts, moment) {
      await begin(respond, parts, moment);
      await parts.finish(respond);
      respond.cut();
    },
  },
  {
    name: "no mark of the end", streamed: true, afterText: true, ends: "whole",
    async answer(respond, parts, moment) {
      await begin(respond, parts, moment);
      await parts.finish(respond);
      await respond.end();
    },
  },
  {
    name: "an error event", streamed: true, afterText: true, ends: "error",
    async answer(respond, parts, moment) {
      await begin(respond, parts, moment);
      await parts.error(respond, "The server ran out of memory.");
      await respond.end();
    },
  },
  {
    name: "an error as a bare line of JSON", streamed: true, afterText: true, ends: "error",
    async answer(respond, parts, moment) {
      await begin(respond, parts, moment);
      await respond.body('{"error":{"message":"The server ran out of memory."}}\n\n');
      await respond.end();
    },
  },
  {
    name: "a line without end", streamed: true, afterText: true, ends: "error",
    async answer(respond, parts, moment) {
      await begin(respond, parts, moment);
      await respond.endlessLine();
    },
  },
  {
    name: "a body shorter than its length", streamed: false, afterText: false, ends: "error",
    async answer(respond, parts) {
      const body = JSON.stringify(parts.whole(PIECES.join("")));
      await respond.head(200, { "content-type": "application/json", "content-length": body.length + 100 });
      await respond.body(body);
      respond.cut();
    },
  },
  {
    name: "a length shorter than the body", streamed: false, afterText: false, ends: "error",
    async answer(respond, parts) {
      const body = JSON.stringify(parts.whole(PIECES.join("")));
      await respond.head(200, { "content-type": "application/json", "content-length": body.length - 20 });
      await respond.body(body);
    },
  },
  { name: "gzip that nobody asked for", streamed: false, afterText: false, ends: "whole", answer: (respond, parts) => respond.gzip(200, parts.whole(PIECES.join(""))) },
  { name: "500", streamed: true, afterText: false, ends: "error", answer: refusal(500) },
  { name: "429 with `retry-after`", streamed: true, afterText: false, ends: "error", answer: refusal(429, { "retry-after": "1" }) },
  { name: "503", streamed: true, afterText: false, ends: "error", answer: refusal(503) },
];

/** Answers as the fault says, in the words of a protocol. */
export function answerWith({ answer }: Fault, protocol: Protocol, respond: Responder, moment: Moment): void | Promise<void> {
  moment.strike();
  return answer?.(respond, PARTS[protocol], moment);
}
