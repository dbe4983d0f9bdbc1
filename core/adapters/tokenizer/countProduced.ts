import type { ProducedText } from "../wire/producedText";
import { countTokens } from "./countTokens";

/** Stream events are taken for tokens when there are about as many of them as the tokenizer finds. */
const PLAUSIBLE_FROM = 0.75;
const PLAUSIBLE_TO = 1.35;

/**
 * Counts the tokens of an answer whose upstream did not (docs/rules.md C2): the events of its stream where each may well
 * have been one token of the model's own, else the text by the tokenizer.
 */
export function countProduced(produced: ProducedText): number {
  if (produced.sample === "") return produced.roughTokens;
  const counted = (countTokens(produced.sample) * produced.characters) / produced.sample.length;
  const { pieces } = produced;
  return pieces >= counted * PLAUSIBLE_FROM && pieces <= counted * PLAUSIBLE_TO ? pieces : Math.ceil(counted);
}
