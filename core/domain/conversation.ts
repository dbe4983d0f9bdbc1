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
  readonly createdAt: number;
  /** Of its last message. */
  readonly updatedAt: number;
}
