/** The members of a JSON object of which nothing is known yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** A parsed value as an object; undefined for any other value, lists too. */
export function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** A parsed value as a list; empty for any other value. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}
