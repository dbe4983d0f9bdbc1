import type { PageRoute } from "../visit";
import { downloadUsage } from "./downloadUsage";
import { showCoinPill } from "./showCoinPill";
import { showUsage } from "./showUsage";

export const usageRoutes: readonly PageRoute[] = [
  { method: "GET", path: "/usage", audience: "member", handler: showUsage },
  { method: "GET", path: "/usage/download.csv", audience: "member", handler: downloadUsage },
  { method: "GET", path: "/coin-pill", audience: "member", handler: showCoinPill },
];
