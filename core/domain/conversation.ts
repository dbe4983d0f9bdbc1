/** A conversation in the list at the left of the chat; its messages are kept apart. */
export interface Conversation {
  readonly id: string;
  readonly ownerId: string;
  readonly title: string;
  /** The public name of the model chosen last. */
  readonly model: string;
  readonly systemPrompt?: string;
  /** 0 to 2; undefined: the model's own. */
  readonly temperature?: number;
  /** The last message of the branch that is shown. */
  readonly leafId?: string;
  readonly createdAt: number;
  /** Of its last message. */
  readonly updatedAt: number;
}

const TITLE_LENGTH = 60;

/** What a conversation is called until somebody renames it: its first words. */
export function titleFrom(text: string): string {
  const words = text.trim().split(/\s+/u);
  let title = "";
  for (const word of words) {
    const longer = title === "" ? word : `${title} ${word}`;
    if ([...longer].length > TITLE_LENGTH) return title === "" ? `${[...word].slice(0, TITLE_LENGTH).join("")}…` : `${title} …`;
    title = longer;
  }
  return title === "" ? "New conversation" : title;
}
