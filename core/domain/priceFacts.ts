import { formatCoins, type NanoCoins } from "./coins";
import type { Price } from "./price";

/** A price as JSON carries it: exact decimal texts (docs/rules.md M1). Rates that the model does not have are not there. */
export interface PriceFacts {
  readonly unit: "coins";
  readonly input_per_million: string;
  readonly output_per_million: string;
  readonly cached_input_per_million?: string;
  readonly cache_write_per_million?: string;
  readonly audio_per_hour?: string;
  readonly per_image?: string;
  readonly per_million_characters?: string;
  readonly per_request?: string;
}

export function priceFacts(price: Price): PriceFacts {
  const rate = (name: keyof PriceFacts, nano: NanoCoins | undefined) => (nano === undefined ? {} : { [name]: formatCoins(nano) });
  return {
    unit: "coins",
    input_per_million: formatCoins(price.inputPerMillionNano),
    output_per_million: formatCoins(price.outputPerMillionNano),
    ...rate("cached_input_per_million", price.cachedInputPerMillionNano),
    ...rate("cache_write_per_million", price.cacheWritePerMillionNano),
    ...rate("audio_per_hour", price.audioPerHourNano),
    ...rate("per_image", price.perImageNano),
    ...rate("per_million_characters", price.perMillionCharactersNano),
    ...rate("per_request", price.perRequestNano),
  };
}
