import type { PageRoute } from "../visit";
import { showHelp } from "./show";

/** The help is for everybody: it holds nothing of anybody. */
export const helpRoutes: readonly PageRoute[] = [
  { method: "GET", path: "/help", audience: "public", handler: showHelp },
  { method: "GET", path: "/help/:page", audience: "public", handler: showHelp },
];
