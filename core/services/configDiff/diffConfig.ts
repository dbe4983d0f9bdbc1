import type { ConfigSnapshot } from "../../domain/configSnapshot";
import type { Owner } from "../../domain/owner";
import { accessLayersOf } from "../../domain/ownerSettings";
import { AccessComparison } from "./accessDiff";
import { takingTurns } from "./eventLoop";
import { GroupComparison } from "./groupDiff";
import { diffModels } from "./modelDiff";
import { PoolComparison } from "./poolDiff";
import { diffSettings, rateWords } from "./settingsDiff";
import type { ConfigDiff, ModelChanges } from "./types";

/**
 * What `after` would change of `before`, and for whom. It decides with the functions that enforce, and lets others have
 * their turn: thousands of owners and hundreds of models are no reason for running calls to wait.
 */
export async function diffConfig(before: ConfigSnapshot, after: ConfigSnapshot, owners: AsyncIterable<Owner> | Iterable<Owner>): Promise<ConfigDiff> {
  const turn = takingTurns();
  const access = new AccessComparison(before, after);
  const pools = new PoolComparison(before, after);
  const groups = new GroupComparison(before, after);
  for await (const owner of owners) {
    const was = accessLayersOf(owner, before);
    const is = accessLayersOf(owner, after);
    access.add(owner, was, is);
    groups.add(owner, was, is);
    pools.add(owner);
    await turn();
  }
  const [wasRate, isRate] = [rateWords(before), rateWords(after)];
  const found = {
    models: diffModels(before, after),
    access: await access.changes(turn),
    pools: pools.changes(),
    groups: groups.changes(),
    ...(wasRate === isRate ? {} : { rateLimits: { before: wasRate, after: isRate } }),
    admins: { added: minus(after.admins, before.admins), removed: minus(before.admins, after.admins) },
    settings: diffSettings(before, after),
  };
  return { same: isNothing(found), ...found };
}

function minus(these: ReadonlySet<string>, those: ReadonlySet<string>): string[] {
  return [...these].filter((name) => !those.has(name)).sort();
}

function isNothing({ models, access, pools, groups, rateLimits, admins, settings }: Omit<ConfigDiff, "same">): boolean {
  const lists = [...Object.values<ModelChanges[keyof ModelChanges]>({ ...models }), access, pools, groups, admins.added, admins.removed, settings];
  return rateLimits === undefined && lists.every((list) => list.length === 0);
}
