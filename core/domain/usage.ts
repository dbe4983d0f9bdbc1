/**
 * What one call used, normalised over all kinds of upstream: `inputTokens` counts all input, of which
 * `cachedInputTokens` and `cacheWriteTokens` are parts (docs/rules.md C1).
 */
export interface Usage {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  readonly audioMs: number;
  readonly images: number;
  readonly characters: number;
}

export const NO_USAGE: Usage = Object.freeze({
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  audioMs: 0,
  images: 0,
  characters: 0,
});

/** Input and output together; 0 where nothing was used. */
export function totalTokens(used: Pick<Usage, "inputTokens" | "outputTokens"> | undefined): number {
  return used ? used.inputTokens + used.outputTokens : 0;
}
