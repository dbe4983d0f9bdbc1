import type { ApiKey } from "../../domain/apiKey";
import { formatCoins } from "../../domain/coins";
import { ownerLabel } from "../../domain/owner";
import { createApiKey } from "../../services/createApiKey";
import { findOwner } from "../../services/findOwner";
import { listApiKeys, type ListedApiKey } from "../../services/listApiKeys";
import { done } from "../../services/outcome";
import { resolveOwner } from "../../services/resolveOwner";
import { rotateApiKey } from "../../services/rotateApiKey";
import { revokeApiKey } from "../../services/revokeApiKey";
import { optionalCoins, optionalTexts, optionalTime, ownerReference, text } from "../commandInput";
import { CLI_ACTOR, type Command, type ControlDeps } from "../types";
import { isoTime, withOwner } from "./owners";

/** What may be told of a key at any time: no digest, no verifier. */
function presentKey({ id, name, hint, status, createdAt, expiresAt, revokedAt, models, coinCapNano, former }: ApiKey) {
  return {
    id,
    name,
    hint,
    status,
    createdAt: isoTime(createdAt),
    expiresAt: expiresAt === undefined ? null : isoTime(expiresAt),
    revokedAt: revokedAt === undefined ? null : isoTime(revokedAt),
    models: models ?? null,
    coinCap: coinCapNano === undefined ? null : formatCoins(coinCapNano),
    former: former === undefined ? null : { hint: former.hint, goodUntil: isoTime(former.goodUntil) },
  };
}

async function presentListed(deps: ControlDeps, { apiKey, totals }: ListedApiKey) {
  const owner = await findOwner(deps, apiKey.ownerId);
  return {
    owner: owner ? ownerLabel(owner) : null,
    kind: owner?.kind ?? null,
    ...presentKey(apiKey),
    requests: totals?.requests ?? 0,
    tokens: (totals?.inputTokens ?? 0) + (totals?.outputTokens ?? 0),
    coins: formatCoins(totals?.costNano ?? 0n),
    lastUsed: totals && totals.lastUsedAt > 0 ? isoTime(totals.lastUsedAt) : null,
  };
}

export const createKeyCommand: Command = (deps, input) =>
  withOwner(deps, input, async (owner) => {
    const made = await createApiKey(deps, {
      owner,
      snapshot: deps.config.get(),
      name: text(input, "name"),
      expiresAt: optionalTime(input, "expiresAt"),
      models: optionalTexts(input, "models"),
      coinCapNano: optionalCoins(input, "coinCap"),
      by: CLI_ACTOR,
    });
    if (!made.ok) return made;
    const { id, hint, ...rest } = presentKey(made.value.apiKey);
    return done({ id, key: made.value.secret, hint, owner: ownerLabel(owner), ...rest }, made.warnings);
  });

export const listKeysCommand: Command = async (deps, input) => {
  const reference = ownerReference(input);
  let ownerId: string | undefined;
  if (reference.client !== undefined || reference.user !== undefined) {
    const owner = await resolveOwner(deps, reference);
    if (!owner.ok) return owner;
    ownerId = owner.value.id;
  }
  const rows = await listApiKeys(deps, ownerId);
  return done(await Promise.all(rows.map((row) => presentListed(deps, row))));
};

export const revokeKeyCommand: Command = async (deps, input) => {
  const revoked = await revokeApiKey(deps, { keyId: text(input, "id"), by: CLI_ACTOR });
  return revoked.ok ? done(presentKey(revoked.value)) : revoked;
};

export const rotateKeyCommand: Command = async (deps, input) => {
  const rotated = await rotateApiKey(deps, { keyId: text(input, "id"), overlapMs: optionalTime(input, "overlapMs") ?? 0, by: CLI_ACTOR });
  if (!rotated.ok) return rotated;
  const owner = await findOwner(deps, rotated.value.apiKey.ownerId);
  return done({ key: rotated.value.secret, owner: owner ? ownerLabel(owner) : null, ...presentKey(rotated.value.apiKey) });
};
