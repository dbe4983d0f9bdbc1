import type { Branding, ConfigSections, SignInProvider } from "../../domain/configSnapshot";
import type { ConfigFile } from "../schema/root";

const BYTES_PER_MB = 1024 * 1024;

export function buildSections({ app, oauth2, chat, retention, api }: ConfigFile): ConfigSections {
  const { upload } = chat;
  return {
    branding: buildBranding(app),
    secretKey: given(app.secret_key),
    devUser: typeof app.dev_user === "string" ? { email: app.dev_user, groups: [] } : app.dev_user,
    oauth2: buildProvider(oauth2),
    upload: {
      maxBytes: megabytes(upload.max_size_mb),
      maxTextChars: upload.max_text_chars,
      allowedExtensions: upload.allowed_extensions.map((ending) => ending.trim().replace(/^\./, "").toLowerCase()),
    },
    retention: {
      conversationsDays: retention.conversations_days,
      usageDays: retention.usage_days,
      auditDays: retention.audit_days,
    },
    prometheus: { enabled: api.prometheus.enabled, token: given(api.prometheus.token) },
  };
}

function buildBranding(app: ConfigFile["app"]): Branding {
  return {
    tagline: app.tagline,
    institution: app.institution,
    supportEmail: app.support_email,
    links: app.links,
    about: given(app.about),
    announcement: app.announcement,
    theme: app.theme,
    emailThemes: new Map(Object.entries(app.email_themes).map(([end, theme]) => [end.trim().toLowerCase(), theme])),
    githubUrl: app.github_url,
    gravatar: app.gravatar,
  };
}

function buildProvider(oauth2: ConfigFile["oauth2"]): SignInProvider | undefined {
  const clientId = given(oauth2.client_id);
  if (clientId === undefined || oauth2.server_metadata_url === undefined) return undefined;
  return {
    clientId,
    clientSecret: given(oauth2.client_secret),
    serverMetadataUrl: oauth2.server_metadata_url,
    redirectUri: oauth2.redirect_uri,
    scopes: oauth2.scopes,
    params: oauth2.params,
    allowUnverifiedEmail: oauth2.allow_unverified_email,
  };
}

/** An empty text is as if the key were not there. */
export function given(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === "" ? undefined : text;
}

export function megabytes(amount: number): number {
  return Math.round(amount * BYTES_PER_MB);
}
