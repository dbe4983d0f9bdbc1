import { isDeepStrictEqual } from "node:util";
import type { AccessLayers, AccessRules } from "../../domain/accessPolicy";
import type { ConfigSnapshot, GroupSettings, PoolFields } from "../../domain/configSnapshot";
import type { Owner } from "../../domain/owner";
import { Affected } from "./affected";
import type { GroupChange } from "./types";

/** Which groups come, go and change, and who joins and leaves them. */
export class GroupComparison {
  private readonly joined = new Map<string, Affected>();
  private readonly left = new Map<string, Affected>();

  constructor(private readonly before: ConfigSnapshot, private readonly after: ConfigSnapshot) {}

  /** The layers name the groups that an owner is in. */
  add(owner: Owner, before: AccessLayers, after: AccessLayers): void {
    note(this.joined, owner, after, before);
    note(this.left, owner, before, after);
  }

  changes(): readonly GroupChange[] {
    const names = [...new Set([...this.before.groups.keys(), ...this.after.groups.keys()])].sort();
    return names.flatMap((name): GroupChange[] => {
      const joined = this.joined.get(name);
      const left = this.left.get(name);
      const change = changeOf(this.before.groups.get(name), this.after.groups.get(name)) ?? (joined || left ? "members" : undefined);
      return change ? [{ name, change, joined: (joined ?? new Affected()).owners, left: (left ?? new Affected()).owners }] : [];
    });
  }
}

function note(into: Map<string, Affected>, owner: Owner, inThese: AccessLayers, notInThese: AccessLayers): void {
  for (const { name: layer } of inThese.groups) {
    if (notInThese.groups.some((other) => other.name === layer)) continue;
    const name = layer.slice("groups.".length);
    const owners = into.get(name) ?? new Affected();
    owners.add(owner);
    into.set(name, owners);
  }
}

function changeOf(before: GroupSettings | undefined, after: GroupSettings | undefined): GroupChange["change"] | undefined {
  if (!before) return "added";
  if (!after) return "removed";
  const same = isDeepStrictEqual(poolOf(before.pool), poolOf(after.pool)) && isDeepStrictEqual(rulesOf(before.access), rulesOf(after.access)) && isDeepStrictEqual(before.rules, after.rules);
  return same ? undefined : "changed";
}

/** Without the places: a line that moved is no change. */
export function poolOf({ max, refresh, starting }: PoolFields): unknown {
  return [max?.value, refresh?.value, starting?.value];
}

export function rulesOf(rules: AccessRules | undefined): unknown {
  return rules && [rules.default?.value, [...rules.models].map(([model, { value }]) => [model, value]).sort()];
}
