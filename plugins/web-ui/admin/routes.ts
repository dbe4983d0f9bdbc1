import type { PageRoute } from "../visit";
import { exportAudit } from "./audit/exportAudit";
import { showAudit } from "./audit/showAudit";
import { showConfiguration } from "./configuration/showConfiguration";
import { tryCandidate } from "./configuration/tryCandidate";
import { probeEndpoints } from "./endpoints/probeEndpoints";
import { showEndpoints } from "./endpoints/showEndpoints";
import { adjustUserCoins } from "./users/adjustCoins";
import { listUsers } from "./users/listUsers";
import { makeLink } from "./users/makeLink";
import { createNewUser, showNewUser } from "./users/newUser";
import { resetUserPassword } from "./users/resetPassword";
import { setActive } from "./users/setActive";
import { showUser } from "./users/showUser";
import { signOutEverywhere } from "./users/signOutEverywhere";

/** What administrators alone see (docs/rules.md, Roles). */
export const adminRoutes: readonly PageRoute[] = [
  { method: "GET", path: "/admin/users", audience: "admin", handler: listUsers },
  { method: "POST", path: "/admin/users", audience: "admin", handler: createNewUser },
  { method: "GET", path: "/admin/users/new", audience: "admin", handler: showNewUser },
  { method: "GET", path: "/admin/users/:id", audience: "admin", handler: showUser },
  { method: "POST", path: "/admin/users/:id/active", audience: "admin", handler: setActive },
  { method: "POST", path: "/admin/users/:id/coins", audience: "admin", handler: adjustUserCoins },
  { method: "POST", path: "/admin/users/:id/link", audience: "admin", handler: makeLink },
  { method: "POST", path: "/admin/users/:id/sign-out", audience: "admin", handler: signOutEverywhere },
  { method: "POST", path: "/admin/users/:id/password", audience: "admin", handler: resetUserPassword },
  { method: "GET", path: "/admin/configuration", audience: "admin", handler: showConfiguration },
  { method: "POST", path: "/admin/configuration/candidate", audience: "admin", handler: tryCandidate, formBytes: 4 * 1_048_576 },
  { method: "GET", path: "/admin/endpoints", audience: "admin", handler: showEndpoints },
  { method: "POST", path: "/admin/endpoints/probe", audience: "admin", handler: probeEndpoints },
  { method: "GET", path: "/admin/audit", audience: "admin", handler: showAudit },
  { method: "GET", path: "/admin/audit.csv", audience: "admin", handler: exportAudit },
];
