import type { AccessRules, AccessWord } from "../accessPolicy";
import { parseCoins } from "../coins";
import type { GroupRule, GroupSettings, OwnerSettings, PoolFields } from "../configSnapshot";
import type { OwnerSections } from "../groups";
import type { Claims, Client, User } from "../owner";
import type { SourcePlace } from "../sourcePlace";

/** Small builders for the tests of the rules: what a test does not set is not there. */

export function at(line: number): SourcePlace {
  return { file: "config.yaml", line, column: 3 };
}

/** `coins("0.05")`: an amount as a person writes it. */
export function coins(text: string): bigint {
  const amount = parseCoins(text);
  if (amount === undefined) throw new Error(`no amount: ${text}`);
  return amount;
}

export interface PoolText {
  readonly max?: string;
  readonly refresh?: string;
  readonly starting?: string;
}

export function poolFields({ max, refresh, starting }: PoolText): PoolFields {
  return {
    max: max === undefined ? undefined : { value: max === "-2" ? "unlimited" : coins(max), at: at(1) },
    refresh: refresh === undefined ? undefined : { value: coins(refresh) },
    starting: starting === undefined ? undefined : { value: coins(starting) },
  };
}

export interface AccessText {
  readonly default?: AccessWord;
  readonly models?: Readonly<Record<string, AccessWord>>;
}

export function accessRules({ default: word, models }: AccessText, line = 1): AccessRules {
  const named = Object.entries(models ?? {}).map(([model, value], index) => {
    return [model, { value, at: at(line + 2 + index) }] as const;
  });
  return { default: word && { value: word, at: at(line + 1) }, models: new Map(named) };
}

export interface LayerText extends PoolText {
  readonly groups?: readonly string[];
  readonly access?: AccessText;
  readonly rules?: readonly GroupRule[];
  readonly line?: number;
}

function ownerSettings(name: string, text: LayerText): OwnerSettings {
  const line = text.line ?? 1;
  return {
    name,
    at: at(line),
    groups: text.groups ?? [],
    pool: poolFields(text),
    access: text.access && accessRules(text.access, line),
  };
}

function groupSettings(name: string, text: LayerText): GroupSettings {
  const line = text.line ?? 1;
  const access = text.access && accessRules(text.access, line);
  return { name, at: at(line), pool: poolFields(text), access, rules: text.rules ?? [] };
}

export interface SnapshotText {
  readonly groups?: Readonly<Record<string, LayerText>>;
  /** `default` is the owners' default. */
  readonly users?: Readonly<Record<string, LayerText>>;
  readonly clients?: Readonly<Record<string, LayerText>>;
  readonly defaultAccess?: AccessWord;
  readonly defaultPool?: PoolText;
}

type Section = { readonly default?: OwnerSettings; readonly entries: Map<string, OwnerSettings> };

function section(texts: Readonly<Record<string, LayerText>> = {}): Section {
  const all = Object.entries(texts).map(([name, text]) => [name, ownerSettings(name, text)] as const);
  const entries = new Map(all.filter(([name]) => name !== "default"));
  return { default: all.find(([name]) => name === "default")?.[1], entries };
}

export function snapshotOf(text: SnapshotText): OwnerSections {
  const users = section(text.users);
  const clients = section(text.clients);
  const groups = Object.entries(text.groups ?? {}).map(([name, group]) => [name, groupSettings(name, group)] as const);
  return {
    groups: new Map(groups),
    users: { default: users.default, byEmail: users.entries },
    clients: { default: clients.default, byName: clients.entries },
    defaults: {
      access: { value: text.defaultAccess ?? "blacklist", at: at(99) },
      pool: text.defaultPool && poolFields(text.defaultPool),
    },
  };
}

export function user(email: string, claims: Claims = {}): User {
  return { kind: "user", id: `u-${email}`, email, name: email, claims, active: true, createdAt: 0 };
}

export function client(name: string): Client {
  return { kind: "client", id: `c-${name}`, name, managers: [], active: true, createdAt: 0 };
}
