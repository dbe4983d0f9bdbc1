/** One acknowledgement: one owner, one model, one text of the notice (docs/rules.md S1). */
export interface Consent {
  /** `<ownerId>/<model>`. */
  readonly id: string;
  readonly ownerId: string;
  readonly model: string;
  /** SHA-256 of the notice as it was shown, hex. */
  readonly noticeHash: string;
  /** Id of the person who accepted it, or `cli`. */
  readonly givenBy: string;
  readonly givenAt: number;
  readonly withdrawnAt?: number;
}

export type ConsentState = "valid" | "none" | "outdated" | "withdrawn";

export function consentId(ownerId: string, model: string): string {
  return `${ownerId}/${model}`;
}

/** S2: a changed text is asked again, unless `renewOnChange` is off. */
export function consentState(consent: Consent | undefined, noticeHash: string, renewOnChange: boolean): ConsentState {
  if (!consent) return "none";
  if (consent.withdrawnAt !== undefined) return "withdrawn";
  return renewOnChange && consent.noticeHash !== noticeHash ? "outdated" : "valid";
}
