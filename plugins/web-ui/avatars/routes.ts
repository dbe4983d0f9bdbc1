import type { PageRoute } from "../visit";
import { showAvatar } from "./showAvatar";

export const avatarRoutes: readonly PageRoute[] = [
  { method: "GET", path: "/avatars/:id", audience: "member", handler: showAvatar },
];
