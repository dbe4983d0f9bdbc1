import { demoAnswer, demoWordsAnswer } from "./demoAnswer";
import type { DemoChoice } from "./demoCompletion";
import type { DemoFault } from "./demoFault";
import type { DemoPrompt } from "./demoPrompt";
import { takeDemoTokens } from "./demoTokens";

function cutAtStop(text: string, stop: unknown): string {
  const stops = (Array.isArray(stop) ? stop : [stop]).filter((word) => typeof word === "string" && word !== "");
  const places = stops.map((word) => text.indexOf(word as string)).filter((at) => at >= 0);
  return places.length === 0 ? text : text.slice(0, Math.min(...places));
}

/** The answer to a prompt: up to a stop word, and to so many tokens. */
export function makeChoice(prompt: DemoPrompt, stop: unknown, fault: DemoFault, limit: number): DemoChoice {
  const whole = fault.words === undefined ? demoAnswer(prompt.question, prompt.turn) : demoWordsAnswer(fault.words);
  const { text, tokens, cut } = takeDemoTokens(cutAtStop(whole, stop), limit);
  return { text, tokens, finish: cut ? "length" : "stop" };
}
