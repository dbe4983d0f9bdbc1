import { redirect, page, type PageRoute } from "../visit";

export const landingRoutes: readonly PageRoute[] = [
  {
    method: "GET", path: "/", audience: "public",
    handler: ({ user }) => (user ? redirect("/chat") : page("landing/show", "Welcome")),
  },
];
