import { createHash } from "node:crypto";
import { isIPv6 } from "node:net";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

/** How long somebody must wait before the next try. */
export interface Wait {
  readonly seconds: number;
}

/** Guessing is slow: few tries for one account from one address, more for all accounts from one address. */
export interface SignInThrottle {
  /** Counts one try. @returns a wait where there were too many; nothing must be checked then */
  take(address: string, account: string): Promise<Wait | undefined>;
  /** The try was right: what was counted for this account from this address is forgotten. */
  forget(address: string, account: string): Promise<void>;
  /** True at the first call with this name within ten minutes: for what may be used once. */
  useOnce(name: string): Promise<boolean>;
}

const MINUTE = 60;
/** One account from one address. */
const TRIES = { points: 6, duration: 5 * MINUTE };
/** One address, whatever the account. */
const TRIES_OF_ADDRESS = { points: 40, duration: 10 * MINUTE };
/** One account from everywhere: a guesser with many addresses is slowed, a neighbour cannot shut a person out by a few tries. */
const TRIES_OF_ACCOUNT = { points: 120, duration: 60 * MINUTE };

export function createSignInThrottle(): SignInThrottle {
  const pair = new RateLimiterMemory({ ...TRIES, keyPrefix: "pair" });
  const wide = new RateLimiterMemory({ ...TRIES_OF_ADDRESS, keyPrefix: "address" });
  const everywhere = new RateLimiterMemory({ ...TRIES_OF_ACCOUNT, keyPrefix: "account" });
  const once = new RateLimiterMemory({ points: 1, duration: 10 * MINUTE, keyPrefix: "once" });
  return {
    async take(address, account) {
      const from = networkOf(address);
      return (await consume(wide, from)) ?? (await consume(pair, `${from} ${shortened(account)}`)) ?? (await consume(everywhere, shortened(account)));
    },
    async forget(address, account) {
      const from = networkOf(address);
      await pair.delete(`${from} ${shortened(account)}`);
      await wide.reward(from);
      await everywhere.reward(shortened(account));
    },
    useOnce: async (name) => (await consume(once, name)) === undefined,
  };
}

/** A sentence for the person who must wait. */
export function waitingLine({ seconds }: Wait): string {
  const minutes = Math.ceil(seconds / MINUTE);
  const time = seconds < MINUTE ? `${seconds} ${seconds === 1 ? "second" : "seconds"}` : `${minutes} ${minutes === 1 ? "minute" : "minutes"}`;
  return `Those were too many tries. Wait ${time}, then try again.`;
}

async function consume(limiter: RateLimiterMemory, key: string): Promise<Wait | undefined> {
  try {
    await limiter.consume(key);
    return undefined;
  } catch (result) {
    if (!(result instanceof RateLimiterRes)) throw result;
    return { seconds: Math.max(1, Math.ceil(result.msBeforeNext / 1_000)) };
  }
}

/** Whoever has one IPv6 address has 2⁶⁴ of them: the network counts. */
function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:/i, "").replace(/%.*$/, "");
  if (!isIPv6(plain)) return plain;
  const [head = "", tail] = plain.split("::", 2);
  const parts = head === "" ? [] : head.split(":");
  if (tail !== undefined) parts.push(...Array<string>(Math.max(0, 8 - parts.length - (tail === "" ? 0 : tail.split(":").length))).fill("0"), ...tail.split(":"));
  return parts.slice(0, 4).map((part) => part.replace(/^0+(?=.)/, "").toLowerCase()).join(":");
}

/** What was typed may be long: only its digest is kept, and for a while. */
function shortened(account: string): string {
  return createHash("sha256").update(account.trim().toLowerCase()).digest("base64url").slice(0, 22);
}
