import { renameModel } from "../../core/adapters/wire/modelRename";
import { eventData } from "../../core/adapters/wire/sseSplitter";
import { spliceNested } from "../../core/adapters/wire/jsonSplice";
import { formatCoins } from "../../core/domain/coins";
import type { LedgerEntry } from "../../core/domain/ledgerEntry";

type Chunk = Readonly<Record<string, unknown>>;

export const DONE_EVENT = Buffer.from("data: [DONE]\n\n");

const HEAD = Buffer.from("data: ");
const TERMINATOR = Buffer.from("\n\n");

export function dataEvent(json: Buffer): Buffer {
  return Buffer.concat([HEAD, json, TERMINATOR]);
}

/** The upstream's usage chunk, with the one thing that is ever added to it: the cost, in coins. */
export function withCost(event: Buffer, model: string, entry: LedgerEntry): Buffer {
  const data = Buffer.from(eventData(event) ?? "{}");
  return dataEvent(spliceNested(renameModel(data, model), "usage", { cost: JSON.stringify(formatCoins(entry.costNano)) }));
}

/** For a caller that asked for usage where the upstream gave none: what was estimated, as it stands in the ledger (C8). */
export function usageChunk(last: Chunk | undefined, model: string, entry: LedgerEntry): Buffer {
  const { inputTokens, outputTokens } = entry.usage;
  const usage = {
    prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: inputTokens + outputTokens,
    cost: formatCoins(entry.costNano), ...(entry.flags.includes("estimated") ? { estimated: true } : {}),
  };
  return dataEvent(Buffer.from(JSON.stringify({ ...headOf(last, model), choices: [], usage })));
}

/** The clean end of a stream whose coins have ended (H4): no error, because clients would throw the answer away. */
export function stoppedChunk(last: Chunk | undefined, model: string): Buffer {
  const isText = last?.["object"] === "text_completion";
  const choice = { index: 0, ...(isText ? { text: "" } : { delta: {} }), finish_reason: "length" };
  return dataEvent(Buffer.from(JSON.stringify({ ...headOf(last, model), choices: [choice], lumen: { stopped: "insufficient_quota" } })));
}

function headOf(last: Chunk | undefined, model: string): Chunk {
  return {
    id: last?.["id"] ?? "chatcmpl-lumen",
    object: last?.["object"] ?? "chat.completion.chunk",
    created: last?.["created"] ?? Math.floor(Date.now() / 1_000),
    model,
  };
}
