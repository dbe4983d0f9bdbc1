import type { IncomingMessage, ServerResponse } from "node:http";
import path from "node:path";
import { openAssets } from "../../core/adapters/assets/openAssets";
import { openViews } from "../../core/adapters/views/openViews";
import type { PluginDefinition } from "../../core/gateway/definePlugin";
import { projectRoot } from "../../core/environment";
import { serveAsset } from "./serveAsset";
import { createPageAnswers } from "./pageAnswers";
import { anonymousVisit, recognise, runRoute } from "./pageRouter";
import { ROUTES } from "./routes";
import { callbackRoutes } from "./signIn/callbackRoutes";
import { setSecurityHeaders } from "./securityHeaders";

/** Puts every page of the table on the host, and says how errors look to browsers. */
export const mountPages: NonNullable<PluginDefinition["routes"]> = (router, services) => {
  const root = projectRoot();
  const assets = openAssets(root);
  const views = openViews({ folder: path.join(root, "views"), assetUrl: (name) => assets.url(name) });
  const answers = createPageAnswers({ views, hasAsset: (name) => assets.has(name) });
  router.get("/assets/*", (req: IncomingMessage, res: ServerResponse) => serveAsset(assets, req, res));
  for (const route of [...ROUTES, ...callbackRoutes(services.pages.config.get(), ROUTES)]) {
    const run = (req: IncomingMessage, res: ServerResponse) => void runRoute(route, services.pages, answers, req, res);
    if (route.method === "GET") router.get(route.path, run);
    else router.post(route.path, run);
  }
  services.errorPages.answer = (exchange, error) => {
    const visit = anonymousVisit(exchange, services.pages);
    setSecurityHeaders(exchange.res);
    recognise(visit).catch(() => visit).then((known) => answers.sendError(known, error)).catch(() => exchange.res.destroy());
  };
};
