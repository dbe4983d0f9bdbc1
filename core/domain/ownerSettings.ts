import type { AccessLayer, AccessLayers } from "./accessPolicy";
import type { PoolTerms } from "./coinPool";
import type { GroupSettings, OwnerSettings, PoolFields } from "./configSnapshot";
import { clientEntry, groupsOf, userEntry, type OwnerSections } from "./groups";
import type { Client, Owner, User } from "./owner";
import type { SourcePlace } from "./sourcePlace";

/** An owner's pool as the configuration has it, and the layer that says so. `terms` undefined: no pool (docs/rules.md P3). */
export interface PoolSource {
  readonly terms?: PoolTerms;
  /** The layer that gave `max`, or the one at which the search ended: `groups.staff`, `clients.bot`, `defaults.tokens`. */
  readonly from: string;
  readonly at?: SourcePlace;
}

/** Pool fields under the name of the layer that they come from. */
interface NamedFields {
  readonly from: string;
  readonly fields: PoolFields;
}

function layerOf(kind: AccessLayer["kind"], section: string, settings: OwnerSettings | GroupSettings): AccessLayer {
  return { kind, name: `${section}.${settings.name}`, rules: settings.access, at: settings.at };
}

function groupSettings(owner: Owner, snapshot: OwnerSections): GroupSettings[] {
  return groupsOf(owner, snapshot).flatMap((name) => snapshot.groups.get(name) ?? []);
}

/** The layers that are asked for an owner's access, in A2's order. A named client entry shuts out `clients.default` (P4). */
export function accessLayersOf(owner: Owner, snapshot: OwnerSections): AccessLayers {
  const section = owner.kind === "client" ? "clients" : "users";
  const own = owner.kind === "client" ? clientEntry(owner, snapshot) : userEntry(owner, snapshot);
  const ownEntryIsWhole = owner.kind === "client" && own !== undefined;
  const ownersDefault = ownEntryIsWhole ? undefined : snapshot[section].default;
  return {
    own: own && layerOf("own", section, own),
    groups: groupSettings(owner, snapshot).map((group) => layerOf("group", "groups", group)),
    ownersDefault: ownersDefault && layerOf("owners-default", section, ownersDefault),
    globalDefault: snapshot.defaults.access,
    ownEntryIsWhole,
  };
}

/** P1 and P2: what a set of fields comes to. Without `max` it is no pool; `refresh` is 0 and `starting` is `max` unless set. */
export function termsFrom(fields: PoolFields): PoolTerms | undefined {
  const max = fields.max?.value;
  if (max === undefined) return undefined;
  if (max === "unlimited") return { kind: "unlimited" };
  if (max <= 0n) return { kind: "blocked" };
  return {
    kind: "limited",
    maxNano: max,
    refreshNanoPerHour: fields.refresh?.value ?? 0n,
    startingNano: fields.starting?.value ?? max,
  };
}

/** Is `a` more generous than `b`? Unlimited, then the higher max, then the higher refresh, then the higher start (P3). */
function isMoreGenerous(a: PoolTerms, b: PoolTerms): boolean {
  if (a.kind !== "limited" || b.kind !== "limited") return a.kind === "unlimited" && b.kind !== "unlimited";
  if (a.maxNano !== b.maxNano) return a.maxNano > b.maxNano;
  if (a.refreshNanoPerHour !== b.refreshNanoPerHour) return a.refreshNanoPerHour > b.refreshNanoPerHour;
  return a.startingNano > b.startingNano;
}

/** The group with the most generous pool, taken whole; a `max` of 0 does not count, among equals the first stays (P3). */
function mostGenerous(groups: readonly GroupSettings[]): NamedFields | undefined {
  let best: { readonly group: GroupSettings; readonly terms: PoolTerms } | undefined;
  for (const group of groups) {
    const terms = termsFrom(group.pool);
    if (!terms || terms.kind === "blocked") continue;
    if (!best || isMoreGenerous(terms, best.terms)) best = { group, terms };
  }
  return best && { from: `groups.${best.group.name}`, fields: best.group.pool };
}

function entryPool(section: string, entry: OwnerSettings | undefined): NamedFields | undefined {
  return entry?.pool.max && { from: `${section}.${entry.name}`, fields: entry.pool };
}

function lastPool(snapshot: OwnerSections): NamedFields {
  return { from: "defaults.tokens", fields: snapshot.defaults.pool ?? {} };
}

function sourceOf({ from, fields }: NamedFields): PoolSource {
  return { terms: termsFrom(fields), from, at: fields.max?.at };
}

function clientPool(client: Client, snapshot: OwnerSections): PoolSource {
  const entry = clientEntry(client, snapshot);
  const ofGroups = mostGenerous(groupSettings(client, snapshot));
  if (!entry) return sourceOf(ofGroups ?? entryPool("clients", snapshot.clients.default) ?? lastPool(snapshot));
  const found = entryPool("clients", entry) ?? ofGroups;
  return found ? sourceOf(found) : { from: `clients.${entry.name}`, at: entry.at };
}

function userPool(user: User, snapshot: OwnerSections): PoolSource {
  const base =
    mostGenerous(groupSettings(user, snapshot)) ?? entryPool("users", snapshot.users.default) ?? lastPool(snapshot);
  const own = userEntry(user, snapshot);
  if (!own) return sourceOf(base);
  const fields: PoolFields = {
    max: own.pool.max ?? base.fields.max,
    refresh: own.pool.refresh ?? base.fields.refresh,
    starting: own.pool.starting ?? base.fields.starting,
  };
  return sourceOf({ from: own.pool.max ? `users.${own.name}` : base.from, fields });
}

/** P3 and P4: the pool of an owner. */
export function poolTermsOf(owner: Owner, snapshot: OwnerSections): PoolSource {
  return owner.kind === "client" ? clientPool(owner, snapshot) : userPool(owner, snapshot);
}
