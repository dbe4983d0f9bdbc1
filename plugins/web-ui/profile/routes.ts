import type { PageRoute } from "../visit";
import { showProfile } from "./showProfile";

export const profileRoutes: readonly PageRoute[] = [
  { method: "GET", path: "/profile", audience: "member", handler: showProfile },
];
