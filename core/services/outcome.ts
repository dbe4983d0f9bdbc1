/**
 * What a use case came to. "No" is a value: `message` is a plain sentence for the person who asked, `field` the input that
 * it is about, so that a form can come back filled in. Only broken machinery throws.
 */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly message: string; readonly field?: string };

export function done<T>(value: T, warnings: readonly string[] = []): Outcome<T> {
  return { ok: true, value, warnings };
}

export function refused(message: string, field?: string): { readonly ok: false; readonly message: string; readonly field?: string } {
  return { ok: false, message, field };
}
