import type { ServerResponse } from "node:http";
import { renderBlock, renderTail, topHeadingOf } from "../../../core/adapters/markdown/renderMarkdown";
import { splitBlocks } from "../../../core/adapters/markdown/splitBlocks";
import type { ChatJob } from "../../../core/services/chat/types";

const FLUSH_MS = 60;
/** An open end of so many characters is drawn a millisecond later for each: what is long to draw is drawn less often. */
const CHARS_PER_MS = 80;
const HEARTBEAT_MS = 15_000;

const HEAD = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store, no-transform", "x-accel-buffering": "no" };

export interface StreamOptions {
  /** Asked at each heartbeat and when `watch` says so: a reader who may not any more is cut off. */
  readonly mayHear: () => Promise<boolean>;
  readonly heartbeatMs?: number;
  /** Calls `look` when the answer of `mayHear` may have changed. @returns ends that */
  readonly watch?: (look: () => void) => () => void;
}

/** The stream of an answer that runs no more: the page has all of it. */
export function streamOver(res: ServerResponse, id: string): void {
  res.writeHead(200, HEAD);
  res.end(`event: end\ndata: ${JSON.stringify(id)}\n\n`);
}

/**
 * Tells a browser of a running answer as HTML: `begin` (all there is so far), `settled` (a block that stays, to be added), `tail` (the
 * open end, to be replaced), `reasoning` (text to be added) and `end`. Who connects again begins again, so nothing has
 * to be remembered for anybody.
 */
export function streamHtml(res: ServerResponse, job: ChatJob, { mayHear, heartbeatMs = HEARTBEAT_MS, watch }: StreamOptions): void {
  res.writeHead(200, HEAD);
  const send = (event: string, value: unknown) => void res.write(`event: ${event}\ndata: ${JSON.stringify(value)}\n\n`);
  const { message } = job;
  const begun = splitBlocks(message.text);
  let { tail } = begun;
  let top = topHeadingOf(message.text);
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    timer = undefined;
    // A slow reader gets the next state instead of all states.
    if (res.writableNeedDrain) schedule();
    else sendText();
  };
  const sendText = () => {
    top = Math.min(top, topHeadingOf(tail));
    const split = splitBlocks(tail);
    for (const block of split.settled) send("settled", renderBlock(block, top));
    ({ tail } = split);
    send("tail", renderTail(tail, top));
  };
  const schedule = () => {
    timer ??= setTimeout(flush, Math.max(FLUSH_MS, Math.round(tail.length / CHARS_PER_MS)));
  };
  send("begin", { html: begun.settled.map((block) => renderBlock(block, top)).join(""), thoughts: message.reasoning ?? "" });
  if (tail !== "") send("tail", renderTail(tail, top));
  const leave = job.subscribe((event) => {
    if (event.kind === "reasoning") return send("reasoning", event.text);
    if (event.kind === "text") {
      tail += event.text;
      return schedule();
    }
    if (timer) sendText();
    send("end", event.message.id);
    close();
    res.end();
  });
  const beat = async () => {
    const may = await mayHear().catch(() => false);
    if (res.writableEnded || res.destroyed) return;
    if (may) res.write(": still here\n\n");
    else res.destroy();
  };
  const heartbeat = setInterval(() => void beat(), heartbeatMs);
  heartbeat.unref();
  const unwatch = watch?.(() => void beat());
  const close = () => {
    clearTimeout(timer);
    clearInterval(heartbeat);
    unwatch?.();
    leave();
  };
  res.once("close", close);
}
