import { formatCoins } from "../domain/coins";
import type { ConfigSnapshot } from "../domain/configSnapshot";
import { ownerLabel, type Owner } from "../domain/owner";
import { totalTokens } from "../domain/usage";
import type { Store } from "../stores/types";
import { describeAccount, type AccountDeps, type OwnerAccount } from "./ownerAccount";

export interface DescribeUsageDeps extends AccountDeps {
  readonly store: Pick<Store, "usage" | "ledger">;
}

/** What one owner used of everything, and what is left; amounts are exact decimal strings (docs/rules.md M1). */
export interface OwnerUsage {
  readonly owner: string;
  readonly kind: Owner["kind"];
  readonly requests: number;
  /** Input and output. */
  readonly tokens: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** What the calls cost, of which `uncollected` could not be paid (H3). */
  readonly coins: string;
  readonly uncollected: string;
  /** ISO 8601; null: never. */
  readonly lastUsed: string | null;
  /** Null where the pool has none: unlimited, blocked, not configured. */
  readonly balance: string | null;
  readonly pool: OwnerAccount["pool"];
}

export async function describeUsage(deps: DescribeUsageDeps, snapshot: ConfigSnapshot, owner: Owner): Promise<OwnerUsage> {
  const totals = await deps.store.usage.totals({ ownerId: owner.id });
  const { pool } = await describeAccount(deps, snapshot, owner);
  return {
    owner: ownerLabel(owner),
    kind: owner.kind,
    requests: totals.requests,
    tokens: totalTokens(totals),
    inputTokens: totals.inputTokens,
    outputTokens: totals.outputTokens,
    coins: formatCoins(totals.costNano),
    uncollected: formatCoins(totals.uncollectedNano),
    lastUsed: totals.lastUsedAt === 0 ? null : new Date(totals.lastUsedAt).toISOString(),
    balance: pool.balance ?? null,
    pool,
  };
}
