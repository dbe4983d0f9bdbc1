import type { User } from "../../domain/owner";
import type { Store } from "../../stores/types";
import { allRows } from "../allRows";

export interface UserSearch {
  /** A part of a name or an address, in any case. */
  readonly text: string;
  readonly limit: number;
  /** Ids of people who are of no interest: those who have the role already. */
  readonly without?: readonly string[];
}

/** Active people whose name or address holds the text; those where a word begins with it come first. Nothing typed: nobody. */
export async function searchUsers(deps: { readonly store: Pick<Store, "users"> }, { text, limit, without = [] }: UserSearch): Promise<readonly User[]> {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return [];
  const left = new Set(without);
  const found: { readonly user: User; readonly rank: number }[] = [];
  for await (const user of allRows(deps.store.users)) {
    if (!user.active || left.has(user.id)) continue;
    const rank = rankOf(user, wanted);
    if (rank !== undefined) found.push({ user, rank });
  }
  found.sort((a, b) => a.rank - b.rank || (a.user.email < b.user.email ? -1 : 1));
  return found.slice(0, limit).map(({ user }) => user);
}

function rankOf({ name, email }: User, wanted: string): number | undefined {
  const texts = [name.toLowerCase(), email];
  if (texts.some((text) => text.startsWith(wanted) || text.includes(` ${wanted}`))) return 0;
  return texts.some((text) => text.includes(wanted)) ? 1 : undefined;
}
