import { isIP } from "node:net";
import type { Clock } from "../../clock";
import { newToken, tokenDigest } from "../signIn/token";

/** What is known of a connection that presents a credential. */
export interface CallerFacts {
  readonly requestId: string;
  readonly remoteAddress?: string;
  readonly localAddress?: string;
  /** A proxy says that somebody else is behind it. */
  readonly isForwarded: boolean;
}

export interface ChatPass {
  readonly ownerId: string;
}

/** One-use credentials by which the chat calls this gateway's own API for a person. They live in this process alone. */
export interface ChatPasses {
  /** @param onUsed hears the id of the request that used it */
  issue(ownerId: string, onUsed: (requestId: string) => void): string;
  /** The pass, once: gone with the first use, after a moment unused, and for every caller that is not this machine. */
  use(presented: string, caller: CallerFacts | undefined): ChatPass | undefined;
}

const PREFIX = "chatpass_";
const GOOD_FOR_MS = 30_000;

interface Issued extends ChatPass {
  readonly expiresAt: number;
  readonly onUsed: (requestId: string) => void;
}

export const looksLikePass = (presented: string): boolean => presented.startsWith(PREFIX);

export function createChatPasses(clock: Clock): ChatPasses {
  const issued = new Map<string, Issued>();
  return {
    issue(ownerId, onUsed) {
      const now = clock();
      for (const [id, pass] of issued) if (pass.expiresAt <= now) issued.delete(id);
      const token = PREFIX + newToken();
      issued.set(tokenDigest(token), { ownerId, onUsed, expiresAt: now + GOOD_FOR_MS });
      return token;
    },
    use(presented, caller) {
      const id = tokenDigest(presented);
      const pass = issued.get(id);
      if (!pass) return undefined;
      issued.delete(id);
      if (pass.expiresAt <= clock() || !caller || !isThisMachine(caller)) return undefined;
      pass.onUsed(caller.requestId);
      return { ownerId: pass.ownerId };
    },
  };
}

/** Loopback, or our own address, straight and not through a proxy. */
function isThisMachine({ remoteAddress, localAddress, isForwarded }: CallerFacts): boolean {
  if (isForwarded || remoteAddress === undefined || isIP(remoteAddress) === 0) return false;
  const plain = remoteAddress.replace(/^::ffff:/i, "");
  return plain === "::1" || plain.startsWith("127.") || remoteAddress === localAddress;
}
