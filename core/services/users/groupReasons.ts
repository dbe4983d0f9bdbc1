import { matchesRules } from "../../domain/claims";
import type { ConfigSnapshot, GroupRule } from "../../domain/configSnapshot";
import { clientEntry, EVERYONES_GROUP, groupsOf, userEntry } from "../../domain/groups";
import type { Owner } from "../../domain/owner";
import type { SourcePlace } from "../../domain/sourcePlace";

/** A group that an owner is in, and what put them there. */
export interface GroupReason {
  readonly group: string;
  /** `everybody is in it`, `listed by users.ana@example.edu`, `affiliation contains staff` */
  readonly why: readonly string[];
  readonly at: SourcePlace;
}

/** G1: the groups of an owner, each with every reason for it. Which groups they are is decided by the rule itself. */
export function groupReasons(owner: Owner, snapshot: ConfigSnapshot): readonly GroupReason[] {
  const listing = listsOf(owner, snapshot);
  return groupsOf(owner, snapshot).flatMap((name) => {
    const group = snapshot.groups.get(name);
    if (!group) return [];
    const why = [
      ...(name === EVERYONES_GROUP ? ["everybody is in it"] : []),
      ...listing.filter(({ groups }) => groups.includes(name)).map(({ from }) => `listed by ${from}`),
      ...(owner.kind === "user" && matchesRules(group.rules, owner.claims) ? [group.rules.map(ruleWords).join(" and ")] : []),
    ];
    return [{ group: name, why, at: group.at }];
  });
}

function listsOf(owner: Owner, snapshot: ConfigSnapshot): readonly { readonly from: string; readonly groups: readonly string[] }[] {
  if (owner.kind === "client") {
    const own = clientEntry(owner, snapshot);
    return [{ from: own ? `clients.${owner.name}` : "clients.default", groups: (own ?? snapshot.clients.default)?.groups ?? [] }];
  }
  return [
    { from: "users.default", groups: snapshot.users.default?.groups ?? [] },
    { from: `users.${owner.email}`, groups: userEntry(owner, snapshot)?.groups ?? [] },
  ];
}

function ruleWords({ field, test, value }: GroupRule): string {
  return `${field} ${test} ${value}`;
}
