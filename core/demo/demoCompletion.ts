import type { DemoFault } from "./demoFault";

export type DemoKind = "chat" | "completions";

/** One answer, ready to be sent whole or in words. */
export interface DemoChoice {
  readonly text: string;
  readonly tokens: number;
  readonly finish: "stop" | "length";
}

/** A whole answer to one call. */
export interface DemoCompletion {
  readonly kind: DemoKind;
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly inputTokens: number;
  readonly choices: readonly DemoChoice[];
  readonly fault: DemoFault;
}

/** The usage block: what was counted, unless a fault asked for other numbers. */
export function demoUsage(completion: DemoCompletion, outputTokens: number): Record<string, unknown> {
  const input = completion.fault.input ?? completion.inputTokens;
  const output = completion.fault.output ?? outputTokens;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  };
}
