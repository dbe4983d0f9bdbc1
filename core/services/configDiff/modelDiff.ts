import { isDeepStrictEqual } from "node:util";
import { formatCoins } from "../../domain/coins";
import type { ConfigSnapshot } from "../../domain/configSnapshot";
import type { CatalogModel } from "../../domain/modelCatalog";
import type { Price } from "../../domain/price";
import type { ModelChanges, PriceChange } from "./types";

const PRICE_KEYS: Readonly<Record<keyof Price, string>> = {
  inputPerMillionNano: "input_cost_per_million",
  outputPerMillionNano: "output_cost_per_million",
  cachedInputPerMillionNano: "cached_input_cost_per_million",
  cacheWritePerMillionNano: "cache_write_cost_per_million",
  audioPerHourNano: "audio_cost_per_hour",
  perImageNano: "image_cost",
  perMillionCharactersNano: "million_characters_cost",
  perRequestNano: "request_cost",
};

/** Members of a model that are none of the others' business, under the key that the file has for them. */
const OTHER_KEYS: Readonly<Record<string, (model: CatalogModel) => unknown>> = {
  access: ({ access }) => access?.value,
  needs_ack: ({ needsAck }) => needsAck,
  description: ({ description }) => description,
  url: ({ url }) => url,
  notice: ({ remark }) => remark,
  context_window: ({ contextWindow }) => contextWindow,
  max_input_tokens: ({ maxInputTokens }) => maxInputTokens,
  max_output_tokens: ({ maxOutputTokens }) => maxOutputTokens,
  knowledge_cutoff: ({ knowledgeCutoff }) => knowledgeCutoff,
  supports_reasoning: ({ supportsReasoning }) => supportsReasoning,
  supports_function_calling: ({ supportsFunctionCalling }) => supportsFunctionCalling,
  input_modalities: ({ inputModalities }) => inputModalities,
  output_modalities: ({ outputModalities }) => outputModalities,
  max_concurrency: ({ maxConcurrency }) => maxConcurrency,
  capabilities: ({ capabilities }) => capabilities,
  stored_references: ({ storedReferences }) => storedReferences,
};

/** Models that come, go and change, whoever may use them. */
export function diffModels(before: ConfigSnapshot, after: ConfigSnapshot): ModelChanges {
  const both = [...before.models.values()].flatMap((was) => {
    const is = after.models.get(was.name);
    return is ? [{ model: was.name, was, is }] : [];
  });
  const named = (condition: (pair: (typeof both)[number]) => boolean) => both.filter(condition).map(({ model }) => model).sort();
  return {
    added: [...after.models.keys()].filter((name) => !before.models.has(name)).sort(),
    removed: [...before.models.keys()].filter((name) => !after.models.has(name)).sort(),
    disabled: named(({ was, is }) => !was.disabled && is.disabled),
    enabled: named(({ was, is }) => was.disabled && !is.disabled),
    prices: both.flatMap(({ model, was, is }) => priceChanges(model, was.price, is.price)),
    notices: named(({ was, is }) => was.noticeHash !== is.noticeHash),
    endpoints: both
      .filter(({ was, is }) => !isDeepStrictEqual(was.endpoints, is.endpoints))
      .map(({ model, was, is }) => ({ model, before: was.endpoints.length, after: is.endpoints.length })),
    others: both.flatMap(({ model, was, is }) => {
      const keys = Object.entries(OTHER_KEYS).filter(([, read]) => !isDeepStrictEqual(read(was), read(is))).map(([key]) => key);
      return keys.length > 0 ? [{ model, keys }] : [];
    }),
  };
}

function priceChanges(model: string, was: Price, is: Price): PriceChange[] {
  return (Object.keys(PRICE_KEYS) as (keyof Price)[])
    .filter((rate) => was[rate] !== is[rate])
    .map((rate) => ({ model, key: PRICE_KEYS[rate], before: amount(was[rate]), after: amount(is[rate]) }));
}

function amount(nano: bigint | undefined): string | null {
  return nano === undefined ? null : formatCoins(nano);
}
