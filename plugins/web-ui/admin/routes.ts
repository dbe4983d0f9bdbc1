import type { PageRoute } from "../visit";
import { exportAudit } from "./audit/exportAudit";
import { showAudit } from "./audit/showAudit";
import { probeEndpoints } from "./endpoints/probeEndpoints";
import { showEndpoints } from "./endpoints/showEndpoints";

/** What administrators alone see (docs/rules.md, Roles). */
export const adminRoutes: readonly PageRoute[] = [
  { method: "GET", path: "/admin/endpoints", audience: "admin", handler: showEndpoints },
  { method: "POST", path: "/admin/endpoints/probe", audience: "admin", handler: probeEndpoints },
  { method: "GET", path: "/admin/audit", audience: "admin", handler: showAudit },
  { method: "GET", path: "/admin/audit.csv", audience: "admin", handler: exportAudit },
];
