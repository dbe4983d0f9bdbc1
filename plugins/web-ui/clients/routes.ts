import type { PageRoute } from "../visit";
import { setActiveFromForm } from "./activate";
import { addManagerFromForm, showAddManager } from "./addManager";
import { createClientFromForm, showNewClient } from "./create";
import { listClientsPage } from "./list";
import { removeManagerFromForm } from "./removeManager";
import { renameFromForm, showRename } from "./rename";
import { showClient } from "./show";

/** Clients: managers look, administrators change (docs/rules.md, Roles). */
export const clientRoutes: readonly PageRoute[] = [
  { method: "GET", path: "/clients", audience: "member", handler: listClientsPage },
  { method: "GET", path: "/clients/new", audience: "admin", handler: showNewClient },
  { method: "POST", path: "/clients", audience: "admin", handler: createClientFromForm },
  { method: "GET", path: "/clients/:id", audience: "manager", handler: showClient },
  { method: "GET", path: "/clients/:id/rename", audience: "admin", handler: showRename },
  { method: "POST", path: "/clients/:id/rename", audience: "admin", handler: renameFromForm },
  { method: "POST", path: "/clients/:id/activate", audience: "admin", handler: setActiveFromForm(true) },
  { method: "POST", path: "/clients/:id/deactivate", audience: "admin", handler: setActiveFromForm(false) },
  { method: "GET", path: "/clients/:id/managers/new", audience: "admin", handler: showAddManager },
  { method: "POST", path: "/clients/:id/managers", audience: "admin", handler: addManagerFromForm },
  { method: "POST", path: "/clients/:id/managers/:userId/remove", audience: "admin", handler: removeManagerFromForm },
];
