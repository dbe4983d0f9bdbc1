import type { ApiKey } from "../domain/apiKey";
import type { NanoCoins } from "../domain/coins";
import type { ConfigSnapshot } from "../domain/configSnapshot";
import { done, refused, type Outcome } from "./outcome";

/** What a person chooses for a key (docs/rules.md K1, K2). */
export interface KeyTerms {
  readonly name: string;
  /** Epoch ms. */
  readonly expiresAt?: number;
  readonly models?: readonly string[];
  readonly coinCapNano?: NanoCoins;
}

type CheckedTerms = Pick<ApiKey, "name" | "expiresAt" | "models" | "coinCapNano">;

const LONGEST_NAME = 100;

/**
 * K2: a key may narrow what its owner has, and never widens it, whatever it names: its models are asked after the owner's
 * rules, its cap is a second pool beside the owner's. An unknown model is a warning (A7).
 */
export function checkKeyTerms(terms: KeyTerms, snapshot: ConfigSnapshot, now: number): Outcome<CheckedTerms> {
  const checked = checkKeyName(terms.name);
  if (!checked.ok) return checked;
  const name = checked.value;
  const { expiresAt, coinCapNano } = terms;
  if (expiresAt !== undefined && !(Number.isSafeInteger(expiresAt) && expiresAt > now)) {
    return refused("The expiry has to be in the future.", "expiresAt");
  }
  if (coinCapNano !== undefined && coinCapNano <= 0n) return refused("A coin cap has to be above 0.", "coinCapNano");
  const models = terms.models && [...new Set(terms.models)];
  if (models?.length === 0) return refused("A key with a list of models needs at least one.", "models");
  const unknown = models?.filter((model) => !snapshot.models.has(model)) ?? [];
  return done(
    {
      name,
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(models ? { models } : {}),
      ...(coinCapNano === undefined ? {} : { coinCapNano }),
    },
    unknown.map((model) => `There is no model named '${model}' in the configuration.`),
  );
}

/** One line of text, without blanks around it. */
export function checkKeyName(text: string): Outcome<string> {
  const name = text.trim();
  if (name === "") return refused("A key needs a name.", "name");
  if (name.length > LONGEST_NAME) return refused(`A key's name has at most ${LONGEST_NAME} characters.`, "name");
  if ([...name].some((char) => char < " " || char === "\u007f")) {
    return refused("A key's name is one line of text.", "name");
  }
  return done(name);
}
