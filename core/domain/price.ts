import type { NanoCoins } from "./coins";
import type { Usage } from "./usage";

/** Rates of one model (docs/rules.md M2, M3). Every rate is nano-coins per the unit in its name. */
export interface Price {
  readonly inputPerMillionNano: NanoCoins;
  readonly outputPerMillionNano: NanoCoins;
  /** Default: the input rate. */
  readonly cachedInputPerMillionNano?: NanoCoins;
  /** Default: the input rate. */
  readonly cacheWritePerMillionNano?: NanoCoins;
  readonly audioPerHourNano?: NanoCoins;
  readonly perImageNano?: NanoCoins;
  readonly perMillionCharactersNano?: NanoCoins;
  readonly perRequestNano?: NanoCoins;
}

const PER_MILLION = 18n;
const PER_MS_OF_HOUR = 5n;
const PER_PIECE = 18_000_000n;
const DENOMINATOR = 18_000_000n;

/**
 * The price of one call in nano-coins, rounded up once (M2). All terms are brought to one denominator, the least common
 * multiple of a million tokens and the milliseconds of an hour, so that no term is rounded by itself.
 */
export function costOf(usage: Usage, price: Price): NanoCoins {
  const { inputPerMillionNano: input } = price;
  const plainInput = usage.inputTokens - usage.cachedInputTokens - usage.cacheWriteTokens;
  let sum =
    BigInt(Math.max(0, plainInput)) * input * PER_MILLION +
    BigInt(usage.outputTokens) * price.outputPerMillionNano * PER_MILLION;
  if (usage.cachedInputTokens > 0) {
    sum += BigInt(usage.cachedInputTokens) * (price.cachedInputPerMillionNano ?? input) * PER_MILLION;
  }
  if (usage.cacheWriteTokens > 0) {
    sum += BigInt(usage.cacheWriteTokens) * (price.cacheWritePerMillionNano ?? input) * PER_MILLION;
  }
  if (usage.audioMs > 0) sum += BigInt(usage.audioMs) * (price.audioPerHourNano ?? 0n) * PER_MS_OF_HOUR;
  if (usage.images > 0) sum += BigInt(usage.images) * (price.perImageNano ?? 0n) * PER_PIECE;
  if (usage.characters > 0) sum += BigInt(usage.characters) * (price.perMillionCharactersNano ?? 0n) * PER_MILLION;
  if (price.perRequestNano !== undefined) sum += price.perRequestNano * PER_PIECE;
  return (sum + DENOMINATOR - 1n) / DENOMINATOR;
}

/** True when nothing about the model costs anything, whatever is used. */
export function isFree(price: Price): boolean {
  return Object.values(price).every((rate) => rate === undefined || rate === 0n);
}
