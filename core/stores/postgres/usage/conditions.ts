import type { UsageFilter } from "../../types";

/** Conditions of a query, all of which must hold, and the values of its parameters. */
export class Conditions {
  readonly #all: string[] = [];
  readonly values: unknown[] = [];

  /** @returns the parameter that stands for a value */
  value(value: unknown): string {
    return `$${this.values.push(value)}`;
  }

  /** `condition` has a `?` where each of the values belongs. A condition on an undefined value is none. */
  add(condition: string, ...values: readonly unknown[]): this {
    if (values.includes(undefined)) return this;
    let next = 0;
    this.#all.push(condition.replaceAll("?", () => this.value(values[next++])));
    return this;
  }

  get where(): string {
    return this.#all.length === 0 ? "" : ` WHERE ${this.#all.join(" AND ")}`;
  }
}

/** What the tables of usage and of its totals share. */
export function addFilter(conditions: Conditions, { keyId, model, via }: Pick<UsageFilter, "keyId" | "model" | "via">): Conditions {
  return conditions.add("key_id = ?", keyId).add("model = ?", model).add("via = ?", via);
}
