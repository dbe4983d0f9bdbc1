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

/**
 * Exact costs are counted in parts of a nano-coin: this many make one. It is the least common multiple of a million tokens
 * and the 3,600,000 milliseconds of an hour, so that no term is rounded by itself.
 */
export const PARTS_PER_NANO = 18_000_000n;

function counted(units: number): bigint {
  return units > 0 ? BigInt(units) : 0n;
}

/** The exact cost in parts of a nano-coin, not rounded yet: every rate that the model has, times what was used of it (M2, M3). */
export function exactCostOf(usage: Usage, price: Price): bigint {
  const { inputPerMillionNano: input } = price;
  const plainInput = counted(usage.inputTokens) - counted(usage.cachedInputTokens) - counted(usage.cacheWriteTokens);
  return (
    (plainInput > 0n ? plainInput : 0n) * input * PER_MILLION +
    counted(usage.outputTokens) * price.outputPerMillionNano * PER_MILLION +
    counted(usage.cachedInputTokens) * (price.cachedInputPerMillionNano ?? input) * PER_MILLION +
    counted(usage.cacheWriteTokens) * (price.cacheWritePerMillionNano ?? input) * PER_MILLION +
    counted(usage.audioMs) * (price.audioPerHourNano ?? 0n) * PER_MS_OF_HOUR +
    counted(usage.images) * (price.perImageNano ?? 0n) * PER_PIECE +
    counted(usage.characters) * (price.perMillionCharactersNano ?? 0n) * PER_MILLION +
    (price.perRequestNano ?? 0n) * PER_PIECE
  );
}

/** What one more output token costs, in parts of a nano-coin. */
export function exactOutputTokenCost(price: Price): bigint {
  return price.outputPerMillionNano * PER_MILLION;
}

/** The price of one call in nano-coins, rounded up once (M2). */
export function costOf(usage: Usage, price: Price): NanoCoins {
  return (exactCostOf(usage, price) + PARTS_PER_NANO - 1n) / PARTS_PER_NANO;
}

/** True when nothing about the model costs anything, whatever is used. */
export function isFree(price: Price): boolean {
  return Object.values(price).every((rate) => rate === undefined || rate === 0n);
}
