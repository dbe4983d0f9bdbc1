import type { PageRoute } from "../visit";
import { showLink, useLink } from "./link";
import { showSignIn } from "./showSignIn";
import { signOut } from "./signOut";

export const signInRoutes: readonly PageRoute[] = [
  { method: "GET", path: "/sign-in", audience: "public", handler: showSignIn },
  { method: "GET", path: "/sign-in/link/:token", audience: "public", handler: showLink },
  { method: "POST", path: "/sign-in/link/:token", audience: "public", handler: useLink },
  { method: "POST", path: "/sign-out", audience: "member", handler: signOut },
];
