import { ownerRoutes } from "../ownerPages";
import type { PageRoute } from "../visit";
import { discardKey } from "./discardKey";
import { newKey } from "./newKey";
import { askRename, renameKey } from "./renameKey";
import { askRevoke, revokeKey } from "./revokeKey";
import { askRotate, rotateKey } from "./rotateKey";
import { saveKey } from "./saveKey";
import { showKeys } from "./showKeys";

export const keyRoutes: readonly PageRoute[] = [
  ...ownerRoutes("GET", "/keys", showKeys),
  ...ownerRoutes("POST", "/keys", newKey),
  ...ownerRoutes("POST", "/keys/:keyId/save", saveKey),
  ...ownerRoutes("POST", "/keys/:keyId/discard", discardKey),
  ...ownerRoutes("GET", "/keys/:keyId/rename", askRename),
  ...ownerRoutes("POST", "/keys/:keyId/rename", renameKey),
  ...ownerRoutes("GET", "/keys/:keyId/rotate", askRotate),
  ...ownerRoutes("POST", "/keys/:keyId/rotate", rotateKey),
  ...ownerRoutes("GET", "/keys/:keyId/revoke", askRevoke),
  ...ownerRoutes("POST", "/keys/:keyId/revoke", revokeKey),
];
