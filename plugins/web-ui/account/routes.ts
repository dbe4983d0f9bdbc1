import type { PageRoute } from "../visit";
import { changeOwnPassword } from "./changeOwnPassword";
import { endEverywhere } from "./endEverywhere";
import { endOneSession } from "./endOneSession";
import { showAccount } from "./showAccount";
import { showPassword } from "./showPassword";

export const accountRoutes: readonly PageRoute[] = [
  { method: "GET", path: "/account", audience: "member", handler: showAccount },
  { method: "GET", path: "/account/password", audience: "member", handler: showPassword },
  { method: "POST", path: "/account/password", audience: "member", handler: changeOwnPassword },
  { method: "POST", path: "/account/sessions/end", audience: "member", handler: endEverywhere },
  { method: "POST", path: "/account/sessions/:id/end", audience: "member", handler: endOneSession },
];
