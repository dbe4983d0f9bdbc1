import { formatCoins } from "../domain/coins";
import type { ConfigSnapshot } from "../domain/configSnapshot";
import { groupsOf } from "../domain/groups";
import { ownerLabel, type Owner } from "../domain/owner";
import { poolBalance, type PoolBalanceDeps } from "./poolBalance";

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

export type AccountDeps = PoolBalanceDeps;

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
  const pool = await poolBalance(deps, snapshot, owner);
  if (pool.kind !== "limited") return { kind: pool.kind };
  return {
    kind: "limited",
    balance: formatCoins(pool.balanceNano),
    available: formatCoins(pool.availableNano),
    max: formatCoins(pool.maxNano),
    refresh_per_hour: formatCoins(pool.refreshNanoPerHour),
    ...(pool.nextRefill ? { next_refill_at: new Date(pool.nextRefill.at).toISOString() } : {}),
  };
}
