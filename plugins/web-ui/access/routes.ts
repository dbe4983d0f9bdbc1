import { ownerRoutes } from "../ownerPages";
import type { PageRoute } from "../visit";
import { acceptConsent, showConsent, takeBackConsent } from "./consent";
import { showAccess } from "./showAccess";
import { showWhy } from "./showWhy";

export const accessRoutes: readonly PageRoute[] = [
  ...ownerRoutes("GET", "/access", showAccess),
  ...ownerRoutes("GET", "/access/:model/why", showWhy),
  ...ownerRoutes("GET", "/access/:model/consent", showConsent),
  ...ownerRoutes("POST", "/access/:model/consent", acceptConsent),
  ...ownerRoutes("POST", "/access/:model/withdraw", takeBackConsent),
];
