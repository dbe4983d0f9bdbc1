import type { ProviderRefusal } from "../../../core/services/signIn/pendingSignIn";
import type { ClaimsRefusal } from "../../../core/services/signIn/signInByClaims";
import { page, type Reply } from "../visit";

export type Refusal = ProviderRefusal | ClaimsRefusal;

interface Words {
  readonly status: number;
  readonly title: string;
  readonly text: string;
  /** Trying again may help. */
  readonly again: boolean;
}

const WORDS: Readonly<Record<Refusal, Words>> = {
  unavailable: { status: 503, title: "The sign-in service does not answer", text: "Your institution's sign-in could not be reached. Wait a minute, then try again.", again: true },
  denied: { status: 403, title: "You are not signed in", text: "The sign-in was cancelled, or your institution refused it. You can try again.", again: true },
  invalid: { status: 400, title: "This sign-in is over", text: "It took too long, was used already, or was begun in another window or browser. Start again from here.", again: true },
  no_email: {
    status: 403, title: "Your e-mail address is missing", again: true,
    text: "Your institution did not tell us your e-mail address, and accounts here go by it. Allow it to be shared when you sign in, or ask an administrator.",
  },
  unverified: {
    status: 403, title: "Your e-mail address is not verified", again: true,
    text: "Your institution has not verified this address yet. Verify it there, then sign in again.",
  },
  inactive: { status: 403, title: "This account is deactivated", text: "Nobody can sign in with it now. Ask an administrator to activate it again.", again: false },
};

/** Why a sign-in with the identity provider came to nothing, and what to do. */
export function refusedPage(reason: Refusal, { next, email, cookies }: { readonly next: string; readonly email?: string; readonly cookies?: readonly string[] }): Reply {
  const { status, ...words } = WORDS[reason];
  const model = { ...words, email, againHref: `/sign-in/oidc?next=${encodeURIComponent(next)}`, otherHref: `/sign-in?next=${encodeURIComponent(next)}` };
  return page("sign-in/refused", words.title, model, { status, ...(cookies ? { headers: { "set-cookie": cookies } } : {}) });
}
