import type { PoolTerms } from "../../core/domain/coinPool";
import { NANO_PER_COIN } from "../../core/domain/coins";
import type { CallFacts } from "../../core/domain/ledgerEntry";
import type { Client, User } from "../../core/domain/owner";
import type { Usage } from "../../core/domain/usage";
import type { HoldRequest, Settlement } from "../../core/stores/types";

export const HOUR = 3_600_000;
/** 2026-11-20T10:00:00Z. */
export const T0 = 1_795_168_800_000;

export const coins = (amount: number): bigint => BigInt(amount) * NANO_PER_COIN;

export const UNLIMITED: PoolTerms = { kind: "unlimited" };
export const BLOCKED: PoolTerms = { kind: "blocked" };
export const limited = (max: number, refresh = 0, starting = max): PoolTerms => ({
  kind: "limited", maxNano: coins(max), refreshNanoPerHour: coins(refresh), startingNano: coins(starting),
});

export const usage = (inputTokens: number, outputTokens: number): Usage => ({
  inputTokens, outputTokens, cachedInputTokens: 0, cacheWriteTokens: 0, audioMs: 0, images: 0, characters: 0,
});

export const PRICE = { inputPerMillionNano: 500_000_000n, outputPerMillionNano: 1_000_000_000n };

export const facts = (over: Partial<CallFacts> = {}): CallFacts => ({
  ownerId: "ada", keyId: "key1", via: "api", operation: "chat", model: "small", price: PRICE, startedAt: T0, ...over,
});

export const holdOf = (id: string, wantNano: bigint, terms: PoolTerms, over: Partial<HoldRequest> = {}): HoldRequest => ({
  id, facts: facts(), lines: [{ pool: "ada", wantNano, terms }], ...over,
});

export const settlementOf = (id: string, costNano: bigint, over: Partial<Settlement> = {}): Settlement => ({
  id, facts: facts(), usage: usage(1_000, 300), costNano, endpoint: "e1", settledAt: T0 + 1_500, firstTokenMs: 200,
  status: 200, flags: [], ...over,
});

export const user = (id: string, email = `${id}@example.org`): User => ({
  kind: "user", id, email, name: id, active: true, createdAt: T0, claims: { groups: ["staff"], budgetNano: "x" },
});

export const client = (id: string, name = id): Client => ({
  kind: "client", id, name, managers: ["ada"], active: true, createdAt: T0,
});
