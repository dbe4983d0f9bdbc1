import { randomBytes } from "node:crypto";
import type { User } from "../../core/domain/owner";
import { cookie, VISITOR_COOKIE } from "./cookies";
import { expectedToken } from "./csrf";
import { announcementOf, type Announcement } from "./announcement";
import { coinPill, type CoinPill } from "./coinPill";
import { baseUrlOf, isSecure } from "./origin";
import type { Visit } from "./visit";

/** What is around every page: header, banner, footer. Views read it as `shell`. */
export interface Shell {
  readonly appName: string;
  readonly tagline: string;
  readonly theme: string;
  readonly hasTheme: boolean;
  /** The theme whose logo is shown: one without a logo of its own has the default one. */
  readonly logo: string;
  readonly nav: readonly NavItem[];
  readonly user?: { readonly id: string; readonly name: string; readonly email: string; readonly avatar?: string };
  readonly isAdmin: boolean;
  readonly coins?: CoinPill;
  readonly csrf: string;
  readonly announcement?: Announcement;
  readonly footer: {
    readonly institution?: { readonly name: string; readonly url?: string };
    readonly links: readonly { readonly label: string; readonly url: string }[];
    readonly githubUrl?: string;
    readonly requestFeatureUrl?: string;
    readonly supportEmail?: string;
  };
  readonly baseUrl: string;
  readonly path: string;
}

interface NavItem {
  readonly label: string;
  readonly href: string;
  readonly isCurrent: boolean;
}

export async function shellOf(visit: Visit, hasAsset: (name: string) => boolean): Promise<Shell> {
  const { snapshot, user } = visit;
  const { branding } = snapshot.sections;
  const theme = themeOf(visit);
  const announcement = announcementOf(branding.announcement);
  return {
    appName: snapshot.app.name,
    tagline: branding.tagline,
    theme,
    hasTheme: hasAsset(`theme-${theme}.css`),
    logo: hasAsset(`logo-${theme}.svg`) ? theme : "default",
    nav: user ? navOf(visit, user) : [],
    ...(user ? { user: { id: user.id, name: user.name, email: user.email, ...(branding.gravatar ? { avatar: `/avatars/${user.id}` } : {}) }, coins: await coinPill(visit, user) } : {}),
    isAdmin: visit.isAdmin,
    csrf: expectedToken(visit) ?? newVisitor(visit),
    ...(announcement ? { announcement } : {}),
    footer: {
      ...(branding.institution ? { institution: branding.institution } : {}),
      links: branding.links,
      ...(branding.githubUrl ? { githubUrl: branding.githubUrl, requestFeatureUrl: `${branding.githubUrl.replace(/\/+$/, "")}/issues/new` } : {}),
      ...(branding.supportEmail ? { supportEmail: branding.supportEmail } : {}),
    },
    baseUrl: baseUrlOf(visit.req, snapshot),
    path: visit.path,
  };
}

function themeOf({ snapshot, user }: Visit): string {
  const { theme, emailThemes } = snapshot.sections.branding;
  if (!user) return theme;
  // `uic.edu` is `@uic.edu`: another domain that ends alike is another institution.
  for (const [ending, name] of emailThemes) if (user.email.endsWith(ending.includes("@") ? ending : `@${ending}`)) return name;
  return theme;
}

function navOf(visit: Visit, user: User): NavItem[] {
  const items: [string, string][] = [["Chat", "/chat"], ["Profile", "/profile"], ["Usage", "/usage"], ["Models", "/models"]];
  if (visit.isAdmin || visit.deps.managers.clientsOf(user.id).length > 0) items.push(["Clients", "/clients"]);
  if (visit.isAdmin) items.push(["Admin", "/admin/users"]);
  return items.map(([label, href]) => {
    const root = href === "/admin/users" ? "/admin" : href;
    return { label, href, isCurrent: visit.path === root || visit.path.startsWith(`${root}/`) };
  });
}

/** Before a sign-in there is no session to keep a token in: a cookie of its own does. */
function newVisitor(visit: Visit): string {
  const token = randomBytes(24).toString("base64url");
  if (!visit.res.headersSent) visit.res.appendHeader("set-cookie", cookie(VISITOR_COOKIE, token, { secure: isSecure(visit.req, visit.snapshot) }));
  return token;
}
