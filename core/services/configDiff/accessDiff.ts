import type { AccessLayers, AccessRules } from "../../domain/accessPolicy";
import type { ConfigSnapshot } from "../../domain/configSnapshot";
import { decideAccess } from "../../domain/decideAccess";
import type { CatalogModel } from "../../domain/modelCatalog";
import type { Owner } from "../../domain/owner";
import { Affected } from "./affected";
import type { takingTurns } from "./eventLoop";
import type { AccessChange, AffectedOwners, Reach } from "./types";

type Side = "before" | "after";

interface Pair {
  readonly keys: Readonly<Record<Side, string>>;
  readonly layers: Readonly<Record<Side, AccessLayers>>;
  readonly owners: Affected;
}

interface ModelPair {
  readonly name: string;
  readonly before?: CatalogModel;
  readonly after?: CatalogModel;
  /** What the model itself says of access differs. */
  readonly changed: boolean;
}

const UNASKED = { consent: "none", consentNeeded: true } as const;

/**
 * Who comes to use which model, and who no longer. Owners whose layers say the same before and after are one case, so that
 * thousands of people in a few groups cost a few decisions; the decisions are the ones that enforcement makes.
 */
export class AccessComparison {
  private readonly pairs = new Map<string, Pair>();
  private readonly models: readonly ModelPair[];
  private readonly indexes: ReadonlyMap<string, number>;
  private readonly changed: readonly number[];
  private readonly rulesIds = new WeakMap<AccessRules, string>();
  private readonly ids = new Map<string, string>();
  private readonly reaches: Readonly<Record<Side, Map<string, Map<number, Reach>>>> = { before: new Map(), after: new Map() };

  constructor(before: ConfigSnapshot, after: ConfigSnapshot) {
    this.models = pairModels(before, after);
    this.indexes = new Map(this.models.map(({ name }, index) => [name, index]));
    this.changed = this.models.flatMap(({ changed }, index) => (changed ? [index] : []));
  }

  add(owner: Owner, before: AccessLayers, after: AccessLayers): void {
    const keys = { before: this.keyOf(before), after: this.keyOf(after) };
    if (keys.before === keys.after && this.changed.length === 0) return;
    const key = `${keys.before}>${keys.after}`;
    let pair = this.pairs.get(key);
    if (!pair) this.pairs.set(key, (pair = { keys, layers: { before, after }, owners: new Affected() }));
    pair.owners.add(owner);
  }

  async changes(turn: ReturnType<typeof takingTurns>): Promise<readonly AccessChange[]> {
    const found = new Map<string, { model: string; before: Reach; after: Reach; owners: Affected }>();
    for (const { keys, layers, owners } of this.pairs.values()) {
      let named: AffectedOwners | undefined;
      for (const index of this.doubtful(keys, layers)) {
        const model = this.models[index];
        const was = this.reachOf("before", keys.before, layers.before, index);
        const is = this.reachOf("after", keys.after, layers.after, index);
        if (!model || was === is) continue;
        const key = `${index} ${was} ${is}`;
        let row = found.get(key);
        if (!row) found.set(key, (row = { model: model.name, before: was, after: is, owners: new Affected() }));
        row.owners.addAll((named ??= owners.owners));
      }
      await turn();
    }
    return [...found.values()]
      .map(({ model, before, after, owners }): AccessChange => ({ model, change: wordFor(before, after), before, after, owners: owners.owners }))
      .sort((a, b) => ORDER[a.change] - ORDER[b.change] || (a.model < b.model ? -1 : 1));
  }

  /** The models that can differ at all: what no list names before or after falls to defaults, which are mostly the same. */
  private doubtful(keys: Pair["keys"], { before, after }: Pair["layers"]): Iterable<number> {
    if (keys.before === keys.after) return this.changed;
    if (defaultsOf(before) !== defaultsOf(after)) return this.models.keys();
    const indexes = new Set(this.changed);
    for (const name of [...namedIn(before), ...namedIn(after)]) {
      const index = this.indexes.get(name);
      if (index !== undefined) indexes.add(index);
    }
    return indexes;
  }

  private reachOf(side: Side, key: string, layers: AccessLayers, index: number): Reach {
    let known = this.reaches[side].get(key);
    if (!known) this.reaches[side].set(key, (known = new Map<number, Reach>()));
    const reach = known.get(index) ?? reachWith(layers, this.models[index]?.[side]);
    known.set(index, reach);
    return reach;
  }

  /** Layers that say the same have the same key, wherever in a file they stand. */
  private keyOf({ own, groups, ownersDefault, globalDefault, ownEntryIsWhole }: AccessLayers): string {
    const named = [...new Set(groups.flatMap(({ rules }) => (rules ? this.idOf(rules) : [])))].sort().join(",");
    const ids = [own?.rules && this.idOf(own.rules), named, ownersDefault?.rules && this.idOf(ownersDefault.rules)];
    return `${ids.map((id) => id ?? "").join("/")}/${globalDefault.value}${ownEntryIsWhole ? "/whole" : ""}`;
  }

  private idOf(rules: AccessRules): string {
    const known = this.rulesIds.get(rules);
    if (known !== undefined) return known;
    const text = JSON.stringify([rules.default?.value ?? "", [...rules.models].map(([model, { value }]) => `${value} ${model}`).sort()]);
    const id = this.ids.get(text) ?? String(this.ids.size);
    this.ids.set(text, id);
    this.rulesIds.set(rules, id);
    return id;
  }
}

const ORDER = { lost: 0, consent_needed: 1, gained: 2, consent_dropped: 3 } as const;

function pairModels(before: ConfigSnapshot, after: ConfigSnapshot): readonly ModelPair[] {
  const names = [...new Set([...before.models.keys(), ...after.models.keys()])].sort();
  return names.map((name) => {
    const pair = { name, before: before.models.get(name), after: after.models.get(name) };
    return { ...pair, changed: subjectText(pair.before) !== subjectText(pair.after) };
  });
}

function* namedIn({ own, groups, ownersDefault }: AccessLayers): Generator<string> {
  for (const layer of [own, ...groups, ownersDefault]) yield* layer?.rules?.models.keys() ?? [];
}

/** What speaks where nothing is named; of the groups' defaults it matters which words there are. */
function defaultsOf({ own, groups, ownersDefault, globalDefault, ownEntryIsWhole }: AccessLayers): string {
  const words = [...new Set(groups.map(({ rules }) => rules?.default?.value ?? ""))].filter(Boolean).sort().join(",");
  return [own?.rules?.default?.value, words, ownersDefault?.rules?.default?.value, globalDefault.value, ownEntryIsWhole].join("/");
}

function subjectText(model: CatalogModel | undefined): string {
  return model ? `${model.disabled} ${model.access?.value ?? ""} ${model.needsAck}` : "";
}

function reachWith(layers: AccessLayers, model: CatalogModel | undefined): Reach {
  if (!model || model.disabled) return "none";
  const { verdict } = decideAccess(layers, model, UNASKED);
  return verdict === "allowed" ? "allowed" : verdict === "consent_required" ? "consent" : "none";
}

function wordFor(before: Reach, after: Reach): AccessChange["change"] {
  if (before === "none") return "gained";
  if (after === "none") return "lost";
  return after === "consent" ? "consent_needed" : "consent_dropped";
}
