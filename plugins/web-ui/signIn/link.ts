import { peekSignInLink, useSignInLink } from "../../../core/services/signIn/signInLink";
import { page, redirect, type Reply, type Visit } from "../visit";
import { startSession } from "./startSession";

/** Asks before the link is used: programs that look at links ahead of people must not use it up. */
export async function showLink(visit: Visit): Promise<Reply> {
  const user = await peekSignInLink(visit.deps, visit.params["token"] ?? "");
  if (!user) return page("sign-in/link-over", "This link is over", {}, { status: 410 });
  return page("sign-in/link", "Sign in", { email: user.email });
}

export async function useLink(visit: Visit): Promise<Reply> {
  const user = await useSignInLink(visit.deps, visit.params["token"] ?? "");
  if (!user) return page("sign-in/link-over", "This link is over", {}, { status: 410 });
  return redirect("/", undefined, await startSession(visit, user, "link"));
}
