import type { PageRoute } from "../visit";
import { showModel } from "./showModel";
import { showModels } from "./showModels";

export const modelRoutes: readonly PageRoute[] = [
  { method: "GET", path: "/models", audience: "member", handler: showModels },
  { method: "GET", path: "/models/:name", audience: "member", handler: showModel },
];
