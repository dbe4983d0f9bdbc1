import type { Consent } from "../../domain/consent";
import { explainAccess } from "../../services/explainAccess";
import { done, refused } from "../../services/outcome";
import { recordConsent } from "../../services/recordConsent";
import { withdrawConsent } from "../../services/withdrawConsent";
import { InvalidInput, optionalText, text } from "../commandInput";
import { CLI_ACTOR, type Command, type CommandInput } from "../types";
import { isoTime, withOwner } from "./owners";

function presentConsent({ model, noticeHash, givenBy, givenAt, withdrawnAt }: Consent) {
  return {
    model,
    noticeHash,
    givenBy,
    givenAt: isoTime(givenAt),
    withdrawnAt: withdrawnAt === undefined ? null : isoTime(withdrawnAt),
  };
}

export const recordConsentCommand: Command = (deps, input) =>
  withOwner(deps, input, async (owner) => {
    const snapshot = deps.config.get();
    const name = text(input, "model");
    const model = snapshot.models.get(name);
    if (!model) return refused(`There is no model named '${name.slice(0, 200)}' in ${snapshot.file}.`);
    const recorded = await recordConsent(deps, { owner, model, by: CLI_ACTOR });
    return recorded.ok ? done(presentConsent(recorded.value)) : recorded;
  });

export const withdrawConsentCommand: Command = (deps, input) =>
  withOwner(deps, input, async (owner) => {
    const withdrawn = await withdrawConsent(deps, { owner, model: text(input, "model"), by: CLI_ACTOR });
    return withdrawn.ok ? done(presentConsent(withdrawn.value)) : withdrawn;
  });

/** A6: with `key`, as a call with that key would be decided. */
export const explainCommand: Command = (deps, input) =>
  withOwner(deps, input, async (owner) => {
    const keyId = optionalText(input, "key");
    const apiKey = keyId === undefined ? undefined : await deps.store.keys.get(keyId);
    if (keyId !== undefined && apiKey?.ownerId !== owner.id) return refused(`This owner has no key with the id '${keyId.slice(0, 80)}'.`);
    return explainAccess(deps, deps.config.get(), { owner, apiKey, model: text(input, "model"), via: via(input) });
  });

function via(input: CommandInput): "api" | "chat" {
  const value = optionalText(input, "via") ?? "api";
  if (value !== "api" && value !== "chat") throw new InvalidInput("'via' has to be api or chat");
  return value;
}
