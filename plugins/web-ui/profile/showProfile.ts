import { totalTokens } from "../../../core/domain/usage";
import { describeProfile, SPENT_DAYS, type Profile } from "../../../core/services/profile/describeProfile";
import { accessSection } from "../access/accessSection";
import { keysSection } from "../keys/keysSection";
import { sparkline } from "../usage/sparkline";
import { page, part, type MemberVisit, type Reply } from "../visit";
import { chatUsage } from "./chatUsage";
import { poolTiles } from "./poolTiles";

/** Who one is, what one has and used, one's keys and models. A swap brings the tiles alone, for a refill that came due. */
export async function showProfile(visit: MemberVisit): Promise<Reply> {
  const { deps, snapshot, user } = visit;
  const profile = await describeProfile(deps, snapshot, user);
  const tiles = tilesOf(visit, profile);
  if (visit.isSwap) return part("profile/tiles", tiles);
  const [keys, access] = await Promise.all([keysSection(visit, user, "/profile"), accessSection(visit, user, "/profile")]);
  return page("profile/show", "Profile", { tiles, chat: chatUsage(profile.chat), keys, access });
}

function tilesOf({ snapshot }: MemberVisit, { groups, totals, favorite, pool, spentNano }: Profile): object {
  const hasSpent = spentNano.some((nano) => nano > 0n);
  return {
    groups,
    coinsUsed: totals.costNano,
    tokensUsed: totalTokens(totals),
    favorite: favorite && { ...favorite, href: `/models/${encodeURIComponent(favorite.model)}` },
    pool: poolTiles(pool, snapshot.coins.lowBalancePercent),
    ...(hasSpent ? { spent: sparkline(spentNano.map(Number), `Coins spent on each of the last ${SPENT_DAYS} days`) } : {}),
  };
}
