/** An amount of money: 1 coin = 10^9 nano-coins, always an integer (docs/rules.md M1). */
export type NanoCoins = bigint;

export const NANO_PER_COIN = 1_000_000_000n;
const DECIMALS = 9;
/** Longer texts are refused unread: no amount needs them, and reading digits takes more than linear time. */
const LONGEST_TEXT = 64;
const AMOUNT = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d{1,2}))?$/;

/**
 * Reads an amount as a person typed it: `0.05`, `100`, `1e3`. Never goes through a float (M1).
 * @returns undefined when the text is not a decimal number or has more than nine decimals.
 */
export function parseCoins(text: string): NanoCoins | undefined {
  const match = text.length <= LONGEST_TEXT ? AMOUNT.exec(text.trim()) : null;
  if (!match) return undefined;
  const sign = match[1] === "-" ? -1n : 1n;
  const whole = match[2] ?? "0";
  const fraction = match[3] ?? match[4] ?? "";
  const exponent = Number(match[5] ?? 0);
  const scale = DECIMALS - fraction.length + exponent;
  const digits = BigInt(whole + fraction);
  if (scale >= 0) return sign * digits * 10n ** BigInt(scale);
  const divisor = 10n ** BigInt(-scale);
  return digits % divisor === 0n ? (sign * digits) / divisor : undefined;
}

/** The exact decimal text of an amount, without needless zeros: what JSON carries (M1). */
export function formatCoins(nano: NanoCoins): string {
  const sign = nano < 0n ? "-" : "";
  const size = nano < 0n ? -nano : nano;
  const fraction = (size % NANO_PER_COIN).toString().padStart(DECIMALS, "0").replace(/0+$/, "");
  const whole = (size / NANO_PER_COIN).toString();
  return fraction === "" ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}

/** What a page shows: two decimals, more where two would read 0.00 (M5). Truncates, never rounds up a balance. */
export function displayCoins(nano: NanoCoins): string {
  const size = nano < 0n ? -nano : nano;
  const fraction = (size % NANO_PER_COIN).toString().padStart(DECIMALS, "0");
  const whole = size / NANO_PER_COIN;
  const firstDigit = fraction.search(/[1-9]/);
  const decimals = whole === 0n && firstDigit >= 2 ? firstDigit + 1 : 2;
  const grouped = whole.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return `${nano < 0n ? "-" : ""}${grouped}.${fraction.slice(0, decimals)}`;
}

/** An amount that somebody set, such as a limit: `50`, not `50.00` (M5). */
export const displayLimit = (nano: NanoCoins): string => displayCoins(nano).replace(/\.00$/, "");
