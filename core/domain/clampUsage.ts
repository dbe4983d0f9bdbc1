import type { Usage } from "./usage";

/** How many times a model's window a reported token count may be before it is taken for nonsense (docs/rules.md C1). */
export const WINDOWS_BELIEVED = 10;
/** The most that is believed of any count where no window is known (C1). */
export const COUNT_BELIEVED = 100_000_000;

/** What an upstream said it used, field by field, as it came. A field that is missing or null was not reported. */
export type ReportedUsage = Readonly<Partial<Record<keyof Usage, unknown>>>;

export interface ClampedUsage {
  readonly usage: Usage;
  /** True where a number was cut, so that the entry is marked `clamped`. */
  readonly clamped: boolean;
}

/** One count brought between 0 and `most`: a fraction counts whole, what is no number at all counts nothing. */
function believable(value: unknown, most: number): number {
  if (typeof value !== "number" || Number.isNaN(value) || value <= 0) return 0;
  return Math.min(Math.ceil(value), most);
}

/**
 * C1: brings absurd usage to what can be charged: counts that are negative, no number, no integer, or far beyond the model's
 * window; and parts of the input (cached, cache write) that are more than the input. What the caller sees stays as it came.
 */
export function clampUsage(reported: ReportedUsage, limits: { readonly contextWindow?: number }): ClampedUsage {
  const window = limits.contextWindow ?? 0;
  const mostTokens = window > 0 ? window * WINDOWS_BELIEVED : COUNT_BELIEVED;
  let clamped = false;
  const read = (field: keyof Usage, most: number): number => {
    const value = reported[field];
    if (value === undefined || value === null) return 0;
    const count = believable(value, most);
    if (count !== value) clamped = true;
    return count;
  };
  const inputTokens = read("inputTokens", mostTokens);
  const cachedInputTokens = read("cachedInputTokens", inputTokens);
  const usage: Usage = {
    inputTokens,
    cachedInputTokens,
    cacheWriteTokens: read("cacheWriteTokens", inputTokens - cachedInputTokens),
    outputTokens: read("outputTokens", mostTokens),
    audioMs: read("audioMs", COUNT_BELIEVED),
    images: read("images", COUNT_BELIEVED),
    characters: read("characters", COUNT_BELIEVED),
  };
  return { usage, clamped };
}
