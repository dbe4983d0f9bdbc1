import type { ServerResponse } from "node:http";
import type { DemoFault } from "./demoFault";
import { cutOff } from "./demoReply";
import { openStream } from "./openStream";
import { demoWords } from "./demoTokens";

type NamedEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

/** An answer in named events: what comes before its words, each of them, and what comes behind. The last event ends it. */
export interface NamedAnswer {
  readonly text: string;
  readonly before: readonly NamedEvent[];
  readonly word: (text: string) => NamedEvent;
  readonly after: () => readonly NamedEvent[];
}

/** Sends an answer a word at a time. `noFinish` leaves all out that is behind the words, `noDone` the last event alone. */
export function streamNamed(response: ServerResponse, answer: NamedAnswer, { fault, paceMs }: { readonly fault: DemoFault; readonly paceMs: number }): void {
  openStream(response, async ({ write, pause }) => {
    const send = (event: NamedEvent) => write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    for (const event of answer.before) await send(event);
    for (const [at, word] of demoWords(answer.text).entries()) {
      if (at === fault.cut) break;
      await send(answer.word(word));
      await pause(paceMs);
    }
    if (fault.cut !== undefined) return cutOff(response);
    const after = fault.noFinish ? [] : answer.after().slice(0, fault.noDone ? -1 : undefined);
    for (const event of after) await send(event);
    response.end();
  });
}
