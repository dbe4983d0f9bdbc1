/** Where in a configuration file something was said; lines and columns count from 1. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A value together with the place that said it, so that every decision can name its line (docs/rules.md A6). */
export interface Placed<T> {
  readonly value: T;
  readonly at?: SourcePlace;
}
