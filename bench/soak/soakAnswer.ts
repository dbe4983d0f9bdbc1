/** What the model servers answer: made of the call's own mark, so that a caller sees at once when it got another's. */
const WORDS = "the river takes its water past the old town and under nine bridges to the sea".split(" ");

/** Pieces of the answer to the call with this mark; as many for one mark each time. */
export function answerPieces(mark: string): readonly string[] {
  let sum = 0;
  for (let at = 0; at < mark.length; at++) sum += mark.charCodeAt(at) * (at + 1);
  return [mark, ...Array.from({ length: 4 + (sum % 24) }, (_, at) => ` ${WORDS[(sum + at) % WORDS.length] ?? ""}`)];
}

export function answerText(mark: string): string {
  return answerPieces(mark).join("");
}

/** The first number of the vector of a mark. */
export function answerNumber(mark: string): number {
  return answerText(mark).length;
}

/** A prompt with this in it is refused by the model server, with a 400. */
export const REFUSED_MARK = "refuse-me";
