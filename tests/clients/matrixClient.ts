/** Where a client is pointed at. */
export interface Target {
  /** Base URL with `/v1`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
  /** How often the client tries again; default: as often as it does by itself. */
  readonly maxRetries?: number;
}

export type Protocol = "chat" | "responses" | "messages";

/** A client from the registry, in one of the ways in which it is used. */
export interface MatrixClient {
  /** As its row in docs/clients.md says. */
  readonly name: string;
  readonly protocol: Protocol;
  connect(target: Target): Connection;
}

export interface ToolCall {
  readonly name: string;
  readonly input: unknown;
}

/** What a client threw, if it is one of its own typed errors. */
export interface TypedError {
  readonly status: number | undefined;
  readonly message: string;
}

/** One client at one target. A call that is not here is one that the client does not have. */
export interface Connection {
  say(prompt: string): Promise<string>;
  /**
   * Streams an answer. @param onText told each piece as it comes
   * @returns the output tokens that were reported at the end, if `withUsage`
   */
  stream(prompt: string, onText: (text: string) => void, withUsage?: boolean): Promise<number | undefined>;
  /** Asks with the tool `get_weather` at hand. */
  callTool(prompt: string): Promise<ToolCall>;
  /** Asks for an answer of the shape `PLACE_SCHEMA`. */
  askJson(prompt: string): Promise<unknown>;
  embed?(texts: string[]): Promise<number[][]>;
  /** @returns the picture in base64 */
  draw?(prompt: string): Promise<string>;
  /** @returns the sound's bytes */
  speak?(text: string): Promise<Buffer>;
  transcribe?(wav: Buffer): Promise<string>;
  /** @returns undefined for anything that the client did not make an error of its own */
  typedError(error: unknown): TypedError | undefined;
}

export const TOOL = {
  name: "get_weather",
  description: "The weather in a city",
  parameters: { type: "object" as const, properties: { city: { type: "string" as const } }, required: ["city"], additionalProperties: false },
};

export const PLACE_SCHEMA = {
  type: "object" as const,
  properties: { city: { type: "string" as const }, degrees: { type: "number" as const } },
  required: ["city", "degrees"],
  additionalProperties: false,
};
