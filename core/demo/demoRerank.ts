import { demoEmbedding } from "./demoEmbedding";
import { readDemoFault } from "./demoFault";
import { isPositive, misbehaves, nameOf, type DemoHandler } from "./demoHandler";
import { textOf } from "./demoPrompt";
import { replyError, replyJson } from "./demoReply";
import { countDemoTokens } from "./demoTokens";

const DIMENSIONS = 256;
let made = 0;

/** 0 to 1: how near two unit vectors are. */
function nearness(a: Float32Array, b: Float32Array): number {
  return (1 + a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0)) / 2;
}

/** `POST /rerank`: documents by the words that they share with the query, the nearest first. */
export const answerRerank: DemoHandler = (_state, response, body, header) => {
  const { query, documents, top_n = Infinity } = body;
  if (typeof query !== "string" || query === "") return replyError(response, 400, "'query' must be a text.", "query");
  if (!Array.isArray(documents) || documents.length === 0) return replyError(response, 400, "'documents' must be a list of texts.", "documents");
  if (top_n !== Infinity && !isPositive(top_n)) return replyError(response, 400, "'top_n' must be a positive whole number.", "top_n");
  const fault = readDemoFault(header, query);
  if (misbehaves(response, fault)) return;
  const asked = demoEmbedding(query, DIMENSIONS);
  const texts = documents.map((document) => textOf(typeof document === "string" ? document : [document]));
  const results = texts
    .map((text, index) => ({ index, relevance_score: nearness(asked, demoEmbedding(text, DIMENSIONS)), ...(body.return_documents === false ? {} : { document: { text } }) }))
    .sort((a, b) => b.relevance_score - a.relevance_score)
    .slice(0, top_n);
  const total_tokens = fault.input ?? texts.reduce((sum, text) => sum + countDemoTokens(text) + countDemoTokens(query), 0);
  made += 1;
  replyJson(response, 200, { id: `rerank-demo-${made}`, model: nameOf(body), ...(fault.noUsage ? {} : { usage: { total_tokens } }), results });
};
