import { HOUR_MS, refillDue } from "../domain/coinPool";
import { formatCoins } from "../domain/coins";
import type { ConfigSnapshot } from "../domain/configSnapshot";
import { groupsOf } from "../domain/groups";
import { ownerLabel, type Owner } from "../domain/owner";
import { poolTermsOf } from "../domain/ownerSettings";
import type { Store } from "../stores/types";

/** What `GET /v1/me` tells; amounts are exact decimal strings. */
export interface OwnerAccount {
  readonly id: string;
  readonly object: "owner";
  readonly kind: "user" | "client";
  readonly name: string;
  readonly groups: readonly string[];
  readonly pool: {
    readonly kind: "unlimited" | "limited" | "blocked" | "none";
    readonly balance?: string;
    readonly available?: string;
    readonly max?: string;
    readonly refresh_per_hour?: string;
    readonly next_refill_at?: string;
  };
  readonly limits: { readonly rate: readonly string[]; readonly concurrent: number };
}

export interface AccountDeps {
  readonly store: Pick<Store, "ledger">;
  readonly clock: () => number;
}

/** Balance, pool and refill of one owner as of now (docs/rules.md P3, P6). */
export async function describeAccount(deps: AccountDeps, snapshot: ConfigSnapshot, owner: Owner): Promise<OwnerAccount> {
  const { windows, concurrent } = snapshot.rateLimiting;
  return {
    id: owner.id,
    object: "owner",
    kind: owner.kind,
    name: ownerLabel(owner),
    groups: groupsOf(owner, snapshot),
    pool: await describePool(deps, snapshot, owner),
    limits: { rate: windows.map((window) => window.text), concurrent },
  };
}

async function describePool(deps: AccountDeps, snapshot: ConfigSnapshot, owner: Owner): Promise<OwnerAccount["pool"]> {
  const { terms } = poolTermsOf(owner, snapshot);
  if (terms?.kind !== "limited") return { kind: terms?.kind ?? "none" };
  const now = deps.clock();
  const pool = await deps.store.ledger.pool(owner.id, now);
  const balanceNano = pool?.balanceNano ?? terms.startingNano;
  const grows = terms.refreshNanoPerHour > 0n && balanceNano < terms.maxNano;
  const from = pool ? refillDue(pool, now).refillFrom : now;
  return {
    kind: "limited",
    balance: formatCoins(balanceNano),
    available: formatCoins(balanceNano - (pool?.heldNano ?? 0n)),
    max: formatCoins(terms.maxNano),
    refresh_per_hour: formatCoins(terms.refreshNanoPerHour),
    ...(grows ? { next_refill_at: new Date(from + HOUR_MS).toISOString() } : {}),
  };
}
