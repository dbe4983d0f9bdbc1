import { InvalidArgumentError } from "commander";

const SPAN = /^(\d{1,5})([hdw])$/;
const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;
const UNIT_MS = { h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** `24h`, `7d`, `2w`, or `0` for none. @returns milliseconds */
export function parseSpan(text: string): number {
  const span = SPAN.exec(text);
  if (span) return Number(span[1]) * UNIT_MS[span[2] as keyof typeof UNIT_MS];
  if (text === "0") return 0;
  throw new InvalidArgumentError("Write a span: 1h, 24h, 7d, or 0.");
}

/** `30d`, `12h`, `4w` from now on, or a moment: `2027-01-31` (its beginning, UTC), `2027-01-31T18:00:00Z`. */
export function parseExpiry(text: string, now: number = Date.now()): number {
  const span = SPAN.exec(text);
  if (span) return now + Number(span[1]) * UNIT_MS[span[2] as keyof typeof UNIT_MS];
  const at = ISO.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(at)) throw new InvalidArgumentError("Write a span (12h, 30d, 4w) or a time (2027-01-31, 2027-01-31T18:00:00Z).");
  if (at <= now) throw new InvalidArgumentError("That is in the past.");
  return at;
}
