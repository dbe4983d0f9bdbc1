import { adminRoutes } from "./admin/routes";
import { accessRoutes } from "./access/routes";
import { avatarRoutes } from "./avatars/routes";
import { keyRoutes } from "./keys/routes";
import { profileRoutes } from "./profile/routes";
import { clientRoutes } from "./clients/routes";
import { helpRoutes } from "./help/routes";
import { connectRoutes } from "./connect/routes";
import { modelRoutes } from "./models/routes";
import { usageRoutes } from "./usage/routes";
import { chatRoutes } from "./chat/routes";
import { signInRoutes } from "./signIn/routes";
import { accountRoutes } from "./account/routes";
import { landingRoutes } from "./landing/routes";
import type { PageRoute } from "./visit";

/** Every page there is; each area keeps its own part of the table. */
export const ROUTES: readonly PageRoute[] = [
  ...landingRoutes,
  ...signInRoutes,
  ...chatRoutes,
  ...adminRoutes,
  ...profileRoutes,
  ...avatarRoutes,
  ...keyRoutes,
  ...accessRoutes,
  ...clientRoutes,
  ...accountRoutes,
  ...helpRoutes,
  ...usageRoutes,
  ...modelRoutes,
  ...connectRoutes,
];
