import type { PageRoute } from "../visit";
import { showConnect } from "./showConnect";

export const connectRoutes: readonly PageRoute[] = [{ method: "GET", path: "/connect", audience: "member", handler: showConnect }];
