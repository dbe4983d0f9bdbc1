import type { Clock } from "../../clock";
import type { NanoCoins } from "../../domain/coins";
import type { ConfigSnapshot } from "../../domain/configSnapshot";
import { groupsOf } from "../../domain/groups";
import type { User } from "../../domain/owner";
import type { PoolBalanceView } from "../../domain/poolBalanceView";
import type { Store, UsageTotals } from "../../stores/types";
import { allRows } from "../allRows";
import { poolBalance } from "../poolBalance";

export interface ProfileDeps {
  readonly store: Pick<Store, "usage" | "ledger" | "conversations">;
  readonly clock: Clock;
}

/** What the profile page says of a person: all of it from the books. */
export interface Profile {
  readonly groups: readonly string[];
  readonly totals: UsageTotals;
  /** The model with most requests; the first by name among equals. */
  readonly favorite?: { readonly model: string; readonly requests: number };
  readonly pool: PoolBalanceView;
  /** Coins spent on each of the last days (UTC), the oldest first. */
  readonly spentNano: readonly NanoCoins[];
  readonly chat: { readonly conversations: number; readonly totals: UsageTotals };
}

export const SPENT_DAYS = 30;
const DAY_MS = 86_400_000;

export async function describeProfile({ store, clock }: ProfileDeps, snapshot: ConfigSnapshot, user: User): Promise<Profile> {
  const now = clock();
  const ownerId = user.id;
  const [totals, chat, byModel, byDay, pool] = await Promise.all([
    store.usage.totals({ ownerId }),
    store.usage.totals({ ownerId, via: "chat" }),
    store.usage.totalsBy("model", { ownerId }),
    store.usage.totalsBy("day", { ownerId }),
    poolBalance({ store, clock }, snapshot, user),
  ]);
  let conversations = 0;
  for await (const _row of allRows(store.conversations, { index: "ownerId", value: ownerId })) conversations++;
  const days = Array.from({ length: SPENT_DAYS }, (_, index) => new Date(now - (SPENT_DAYS - 1 - index) * DAY_MS).toISOString().slice(0, 10));
  return {
    groups: groupsOf(user, snapshot),
    totals,
    favorite: favoriteOf(byModel),
    pool,
    spentNano: days.map((day) => byDay.get(day)?.costNano ?? 0n),
    chat: { conversations, totals: chat },
  };
}

function favoriteOf(byModel: ReadonlyMap<string, UsageTotals>): Profile["favorite"] {
  const used = [...byModel].filter(([, { requests }]) => requests > 0);
  used.sort(([nameA, a], [nameB, b]) => b.requests - a.requests || (nameA < nameB ? -1 : 1));
  const [first] = used;
  return first && { model: first[0], requests: first[1].requests };
}
