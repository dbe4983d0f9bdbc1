import type { NanoCoins } from "./coins";
import { PARTS_PER_NANO, costOf, exactCostOf, exactOutputTokenCost, type Price } from "./price";
import { NO_USAGE, type Usage } from "./usage";

/** A stream's first hold covers its input and this much output, and is extended from there (docs/rules.md H1). */
export const FIRST_STREAM_OUTPUT_TOKENS = 1_024;

export interface OutputWish {
  /** What is free to be held. */
  readonly availableNano: NanoCoins;
  readonly inputTokens: number;
  readonly price: Price;
  /** The output limit of one choice, as asked for or by default. */
  readonly wantedOutputTokens: number;
  /** How many answers may be produced, each up to the limit. */
  readonly choices: number;
  /** `coins.minimum_output_tokens`. */
  readonly minimumOutputTokens: number;
}

/** All input at its dearest: what of it comes from a cache, or goes into one, is known only afterwards. */
function dearestInput(price: Price): Price {
  const rates = [price.cachedInputPerMillionNano, price.cacheWritePerMillionNano];
  const dearest = rates.reduce<NanoCoins>((most, rate) => (rate !== undefined && rate > most ? rate : most), price.inputPerMillionNano);
  return { ...price, inputPerMillionNano: dearest };
}

/** H1: the coins that a call is held for which may use this much. */
export function holdCostOf(most: Usage, price: Price): NanoCoins {
  return costOf(most, dearestInput(price));
}

function usageOf(inputTokens: number, outputTokens: number): Usage {
  return { ...NO_USAGE, inputTokens, outputTokens };
}

/** H1: the coins that a call is held for, `outputTokens` being those of all its choices together. */
export function holdCost(price: Price, inputTokens: number, outputTokens: number): NanoCoins {
  return holdCostOf(usageOf(inputTokens, outputTokens), price);
}

/**
 * H1: the largest output limit per choice, up to the wanted one, that the available coins pay for.
 * @returns undefined where even min(minimum, wanted) does not fit: the call is refused. 0 where no output is wanted and the
 *   input fits.
 */
export function fitOutput(wish: OutputWish): number | undefined {
  const price = dearestInput(wish.price);
  const left = wish.availableNano * PARTS_PER_NANO - exactCostOf(usageOf(wish.inputTokens, 0), price);
  if (left < 0n) return undefined;
  const wanted = BigInt(wish.wantedOutputTokens);
  const perToken = exactOutputTokenCost(price) * BigInt(wish.choices);
  const affordable = perToken === 0n ? wanted : left / perToken;
  const limit = Number(affordable < wanted ? affordable : wanted);
  return limit < Math.min(wish.minimumOutputTokens, wish.wantedOutputTokens) ? undefined : limit;
}
