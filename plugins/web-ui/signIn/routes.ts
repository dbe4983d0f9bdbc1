import type { PageRoute } from "../visit";
import { asDevelopmentUser } from "./asDevelopmentUser";
import { fromProvider } from "./fromProvider";
import { showLink, useLink } from "./link";
import { showSignIn } from "./showSignIn";
import { signOut } from "./signOut";
import { toProvider } from "./toProvider";
import { withPassword } from "./withPassword";

export const signInRoutes: readonly PageRoute[] = [
  { method: "GET", path: "/sign-in", audience: "public", handler: showSignIn },
  { method: "POST", path: "/sign-in", audience: "public", handler: withPassword },
  { method: "POST", path: "/sign-in/development", audience: "public", handler: asDevelopmentUser },
  { method: "GET", path: "/sign-in/oidc", audience: "public", handler: toProvider },
  { method: "GET", path: "/callback", audience: "public", handler: fromProvider },
  { method: "GET", path: "/sign-in/link/:token", audience: "public", handler: showLink },
  { method: "POST", path: "/sign-in/link/:token", audience: "public", handler: useLink },
  { method: "POST", path: "/sign-out", audience: "member", handler: signOut },
];
