import { readDemoFault } from "./demoFault";
import { misbehaves, nameOf, type DemoHandler } from "./demoHandler";
import { readTexts, textOf } from "./demoPrompt";
import { replyError, replyJson } from "./demoReply";

const CATEGORIES = [
  "harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent", "self-harm", "self-harm/instructions", "self-harm/intent", "sexual",
  "sexual/minors", "violence", "violence/graphic",
] as const;

const VIOLENT = /\b(kill|murder|bomb)/i;

let made = 0;

/** The demo model knows violence when it is named, and nothing else. */
function judge(text: string): object {
  const flagged = VIOLENT.test(text);
  const isHit = (category: string) => flagged && category === "violence";
  const each = <T>(value: (category: string) => T) => Object.fromEntries(CATEGORIES.map((category) => [category, value(category)]));
  return { flagged, categories: each(isHit), category_scores: each((category) => (isHit(category) ? 0.99 : 0.01)), category_applied_input_types: each(() => ["text"]) };
}

/** `POST /moderations`: a text, texts, or the parts of one. */
export const answerModerations: DemoHandler = (_state, response, body, header) => {
  const isParts = Array.isArray(body.input) && body.input.length > 0 && typeof body.input[0] === "object";
  const texts = isParts ? [textOf(body.input)] : readTexts(body.input)?.map(({ question }) => question);
  if (texts === undefined) return replyError(response, 400, "'input' must be a text, a list of texts, or a list of parts.", "input");
  if (misbehaves(response, readDemoFault(header, texts[0] ?? ""))) return;
  made += 1;
  replyJson(response, 200, { id: `modr-demo-${made}`, model: nameOf(body), results: texts.map(judge) });
};
