import type { User } from "../../../../core/domain/owner";
import { poolTermsOf } from "../../../../core/domain/ownerSettings";
import { totalTokens } from "../../../../core/domain/usage";
import { poolBalance } from "../../../../core/services/poolBalance";
import { isAdmin } from "../../../../core/services/signIn/firstAdmin";
import { groupReasons } from "../../../../core/services/users/groupReasons";
import { listSessions } from "../../../../core/services/signIn/listSessions";
import { questions } from "../../dialogs/questions";
import { poolTiles } from "../../profile/poolTiles";
import { page, type MemberVisit, type Reply } from "../../visit";
import { placeText } from "../place";
import { sessionsTable } from "./sessionsTable";
import { userOf } from "./userOf";

/** A form that was refused: it comes back as it was, with what to do. */
export interface RefusedForm {
  readonly form: "coins" | "active";
  readonly message: string;
  readonly kind?: string;
  readonly amount?: string;
  readonly reason?: string;
}

export async function showUser(visit: MemberVisit): Promise<Reply> {
  return userPage(visit, await userOf(visit));
}

/** One person with all that is known of them, and what an administrator may do. */
export async function userPage(visit: MemberVisit, user: User, refusal?: RefusedForm): Promise<Reply> {
  const { deps, snapshot } = visit;
  const [totals, pool, sessions] = await Promise.all([
    deps.store.usage.totals({ ownerId: user.id }), poolBalance(deps, snapshot, user), listSessions(deps, user.id, visit.session.id),
  ]);
  const { terms, from, at } = poolTermsOf(user, snapshot);
  const model = {
    user, isAdmin: isAdmin(user, snapshot), isSelf: user.id === visit.user.id,
    asks: { deactivate: questions.deactivateUser(user.email), resetPassword: questions.resetPassword(user.email), signOut: questions.signOutUser(user.email) },
    totals, tokens: totalTokens(totals),
    pool: poolTiles(pool, snapshot.coins.lowBalancePercent),
    poolFrom: at ? `${from}, ${placeText(at)}` : from,
    hasBalance: terms?.kind === "limited",
    groups: groupReasons(user, snapshot).map(({ group, why, at: place }) => ({ group, why: why.join("; "), place: placeText(place) })),
    claims: Object.entries(user.claims).map(([name, value]) => ({ name, value: typeof value === "string" ? value : JSON.stringify(value) })),
    sessions: sessionsTable(sessions, visit),
    sessionCount: sessions.length,
    ...(refusal ? { [refusal.form]: { ...refusal, isTake: refusal.kind === "take", isReset: refusal.kind === "reset" } } : {}),
  };
  return page("admin/user", user.name, model, refusal ? { status: 422 } : {});
}
