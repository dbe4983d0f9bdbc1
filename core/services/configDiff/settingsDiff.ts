import { isDeepStrictEqual } from "node:util";
import type { ConfigSnapshot, OwnerSettings } from "../../domain/configSnapshot";
import { poolOf, rulesOf } from "./groupDiff";

type Read = (snapshot: ConfigSnapshot) => unknown;

/** Settings that touch no single owner or model, under the keys of the file. */
const SETTINGS: Readonly<Record<string, Read>> = {
  "app.name": ({ app }) => app.name,
  "app.base_url": ({ app }) => app.baseUrl,
  "app.debug": ({ app }) => app.debug,
  "app.logs": ({ logs }) => logs,
  "app.secret_key": ({ sections }) => sections.secretKey,
  "app.dev_user": ({ sections }) => sections.devUser,
  "app.tagline": ({ sections }) => sections.branding.tagline,
  "app.institution": ({ sections }) => sections.branding.institution,
  "app.support_email": ({ sections }) => sections.branding.supportEmail,
  "app.links": ({ sections }) => sections.branding.links,
  "app.about": ({ sections }) => sections.branding.about,
  "app.announcement": ({ sections }) => sections.branding.announcement,
  "app.theme": ({ sections }) => sections.branding.theme,
  "app.email_themes": ({ sections }) => sections.branding.emailThemes,
  "app.github_url": ({ sections }) => sections.branding.githubUrl,
  "app.gravatar": ({ sections }) => sections.branding.gravatar,
  "store.url": ({ store }) => store.url,
  "store.lease_seconds": ({ store }) => store.leaseSeconds,
  "server": ({ server }) => server,
  "retention": ({ sections }) => sections.retention,
  "oauth2": ({ sections }) => sections.oauth2,
  "api.consent": ({ api }) => api.consent,
  "api.cors.origins": ({ api }) => api.corsOrigins,
  "api.monitoring.token": ({ api }) => api.monitoringToken,
  "api.prometheus": ({ sections }) => sections.prometheus,
  "chat.upload": ({ sections }) => sections.upload,
  "coins": ({ coins }) => coins,
  "consent": ({ consent }) => consent,
  "demo": ({ demo }) => demo,
  "defaults.models.access": ({ defaults }) => defaults.access.value,
  "defaults.tokens": ({ defaults }) => defaults.pool && poolOf(defaults.pool),
  "users.default": ({ users }) => entryOf(users.default),
  "clients.default": ({ clients }) => entryOf(clients.default),
};

/** How many changed entries are named. */
const NAMED = 50;

/** The keys that say something else; their values stay where they are. */
export function diffSettings(before: ConfigSnapshot, after: ConfigSnapshot): readonly string[] {
  const keys = Object.entries(SETTINGS).filter(([, read]) => !isDeepStrictEqual(read(before), read(after))).map(([key]) => key);
  return [...keys, ...entryChanges("users", before.users.byEmail, after.users.byEmail), ...entryChanges("clients", before.clients.byName, after.clients.byName)];
}

function entryChanges(section: string, before: ReadonlyMap<string, OwnerSettings>, after: ReadonlyMap<string, OwnerSettings>): string[] {
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter((name) => !isDeepStrictEqual(entryOf(before.get(name)), entryOf(after.get(name)))).sort();
  const named = changed.slice(0, NAMED).map((name) => `${section}.${name}`);
  return changed.length > NAMED ? [...named, `${section}: ${changed.length - NAMED} more entries`] : named;
}

function entryOf(entry: OwnerSettings | undefined): unknown {
  return entry && [entry.groups, poolOf(entry.pool), rulesOf(entry.access)];
}

/** `300 per minute, 20 at once` */
export function rateWords({ rateLimiting: { windows, concurrent } }: ConfigSnapshot): string {
  const words = [...windows.map(({ text }) => text), ...(concurrent > 0 ? [`${concurrent} at once`] : [])];
  return words.join(", ") || "no limit";
}
