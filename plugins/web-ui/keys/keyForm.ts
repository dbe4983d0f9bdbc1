import { parseCoins } from "../../../core/domain/coins";
import type { Owner } from "../../../core/domain/owner";
import type { KeyTerms } from "../../../core/services/keyTerms";
import { done, refused, type Outcome } from "../../../core/services/outcome";
import type { Form } from "../forms";
import type { MemberVisit } from "../visit";
import { usableModels } from "./usableModels";

/** The fields of the dialog as they were typed. */
export interface TypedTerms {
  readonly name: string;
  /** `never`, a number of days, or `date`. */
  readonly expiry: string;
  readonly date: string;
  readonly models: readonly string[];
  readonly coinCap: string;
}

export const NOTHING_TYPED: TypedTerms = { name: "", expiry: "never", date: "", models: [], coinCap: "" };

const DAY_MS = 86_400_000;
const EXPIRIES: readonly { readonly value: string; readonly label: string }[] = [
  { value: "never", label: "Never" },
  { value: "30", label: "In 30 days" },
  { value: "90", label: "In 90 days" },
  { value: "date", label: "On a date" },
];

export function readTyped(form: Form): TypedTerms {
  return { name: form.text("name"), expiry: form.text("expiry"), date: form.text("date"), models: form.all("models"), coinCap: form.text("coinCap") };
}

/** K2: what was chosen, as the use case takes it. A date counts to its end, in UTC. */
export function termsOf(typed: TypedTerms, now: number): Outcome<KeyTerms> {
  const { name, expiry, date, models, coinCap } = typed;
  const coinCapNano = coinCap === "" ? undefined : parseCoins(coinCap);
  if (coinCap !== "" && coinCapNano === undefined) return refused("A coin cap is a number, with at most nine decimals.", "coinCapNano");
  let expiresAt: number | undefined;
  if (expiry === "date") {
    const day = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(date) : NaN;
    if (Number.isNaN(day)) return refused("Choose the date on which the key expires.", "expiresAt");
    expiresAt = day + DAY_MS;
  } else if (/^\d{1,4}$/.test(expiry)) {
    expiresAt = now + Number(expiry) * DAY_MS;
  }
  return done({ name, expiresAt, coinCapNano, ...(models.length > 0 ? { models } : {}) });
}

export interface KeyFormContent {
  readonly owner: Owner;
  readonly base: string;
  readonly keyId: string;
  readonly secret: string;
  readonly typed: TypedTerms;
  readonly fault?: { readonly message: string; readonly field?: string };
}

/** The model of views/keys/new.hbs. */
export async function keyForm(visit: MemberVisit, { owner, base, keyId, secret, typed, fault }: KeyFormContent): Promise<object> {
  const usable = await usableModels(visit, owner);
  const known = new Set(["name", "expiresAt", "models", "coinCapNano"]);
  return {
    base, keyId, secret, typed,
    expiries: EXPIRIES.map((one) => ({ ...one, selected: one.value === typed.expiry })),
    models: usable.map(({ name }) => ({ name, checked: typed.models.includes(name) })),
    hasLimits: typed.models.length > 0 || typed.coinCap !== "",
    faults: fault ? { [fault.field !== undefined && known.has(fault.field) ? fault.field : "whole"]: fault.message } : {},
  };
}
