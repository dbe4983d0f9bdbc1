/** What a worker tells or asks its primary. */
export type FromWorker =
  | { readonly kind: "ready"; readonly address: string }
  /** Counts, as asked for. */
  | { readonly kind: "counts"; readonly question: number; readonly counts: unknown }
  /** Wants the counts of all workers. */
  | { readonly kind: "gather"; readonly question: number };

export type FromPrimary =
  | { readonly kind: "count"; readonly question: number }
  /** One for each worker that answered. */
  | { readonly kind: "gathered"; readonly question: number; readonly counts: readonly unknown[] };

/** The variables by which a primary tells a worker who it is. */
export const NUMBER_VARIABLE = "LUMEN_WORKER";
export const FIRST_START_VARIABLE = "LUMEN_WORKER_FIRST_START";
